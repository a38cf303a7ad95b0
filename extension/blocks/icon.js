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
 * @param {string} shapes
 */
const dataUri = (shapes) =>
  'data:image/svg+xml,' +
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">${shapes}</svg>`,
  ).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

/** White waves: stands on the block's own color. */
export const BLOCK_ICON = dataUri(waves);

/** White waves on a disc: stands on any background. */
export const MENU_ICON = dataUri(
  `<rect x="1" y="1" width="38" height="38" rx="10" fill="${COLORS.color1}"/>` +
    `<g transform="translate(3.6 3) scale(.82)">${waves}</g>`,
);
