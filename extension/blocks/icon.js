// @ts-check
// Waves that leave a dot, in the manner of the MQTT logo: three shapes, readable at 20 pixels.

/** The category's color, for fields and for outlines: white text on each has a contrast over 5. */
export const COLORS = Object.freeze({ color1: '#00796b', color2: '#00695c', color3: '#004d40' });

const waves =
  '<g fill="none" stroke="#fff" stroke-width="4.5" stroke-linecap="round">' +
  '<path d="M9 19.5a11.5 11.5 0 0 1 11.5 11.5M9 9.5a21.5 21.5 0 0 1 21.5 21.5"/>' +
  '</g><circle cx="11" cy="29" r="4" fill="#fff"/>';

/**
 * Editors with classic Blockly write `url(` + URI + `)` without quotes: what would end it there, and
 * what `encodeURIComponent` leaves alone, is escaped too.
 *
 * @param {number} width
 * @param {number} height
 * @param {string} shapes
 */
const dataUri = (width, height, shapes) =>
  'data:image/svg+xml,' +
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${shapes}</svg>`,
  ).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

/**
 * For blocks and for lists. The disc has the color of the blocks, so it is not seen on them; where an
 * editor gives them another, as a light one for high contrast, the waves stay readable.
 */
export const ICON = dataUri(
  40,
  40,
  `<rect width="40" height="40" rx="10" fill="${COLORS.color1}"/>${waves}`,
);

const cover = () =>
  dataUri(
    600,
    372,
    `<rect width="600" height="372" fill="${COLORS.color1}"/>` +
      `<g transform="translate(170 46) scale(7)">${waves}</g>`,
  );

/** The wide picture of a card, in the size that lists of extensions have. An edition without cards leaves it out. */
export const COVER = /* @__PURE__ */ cover();
