// @ts-check
/** What the sprites of the sample projects look like. */

/** @typedef {import('../tests/e2e/support/project.js').Picture} Picture */

/** @param {number} width @param {number} height @param {string} inside @returns {Picture} */
export function picture(width, height, inside) {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${inside}</svg>`, width, height };
}

/** Sky and ground. @param {string} above @param {string} below */
export function backdrop(above, below) {
  return picture(
    480,
    360,
    `<path fill="${above}" d="M0 0h480v360H0z" /><path fill="${below}" d="M0 260h480v100H0z" />`,
  );
}

/** @param {string} color */
export function robot(color) {
  return picture(
    100,
    130,
    `<g stroke="#2d4a5e" stroke-width="4" stroke-linejoin="round">
<path fill="none" d="M50 24V10" /><circle cx="50" cy="8" r="5" fill="#ffbf00" />
<rect x="14" y="24" width="72" height="54" rx="16" fill="${color}" />
<rect x="26" y="84" width="48" height="36" rx="10" fill="${color}" />
<circle cx="36" cy="46" r="8" fill="#fff" /><circle cx="64" cy="46" r="8" fill="#fff" />
<path fill="none" stroke-linecap="round" d="M38 64q12 8 24 0M26 94l-14 12M74 94l14 12" /></g>`,
  );
}

export function lamp() {
  return picture(
    100,
    140,
    `<circle cx="50" cy="50" r="46" fill="#ffe680" /><g stroke="#5c4a00" stroke-width="4">
<path fill="#ffbf00" d="M50 12a36 36 0 0 0-20 66v14h40V78a36 36 0 0 0-20-66z" />
<path fill="#bbb" d="M32 92h36v26a8 8 0 0 1-8 8H40a8 8 0 0 1-8-8z" /></g>`,
  );
}

/** @param {string} lit 25 digits, row by row */
export function microbitPicture(lit) {
  const lights = [...lit].map((one, place) => {
    const [x, y] = [55 + 15 * (place % 5), 25 + 13 * Math.floor(place / 5)];
    return `<rect x="${x}" y="${y}" width="6" height="9" rx="2" fill="${one === '1' ? '#ff4d4d' : '#5a5a5a'}" />`;
  });
  return picture(
    176,
    130,
    `<rect x="3" y="3" width="170" height="124" rx="16" fill="#2b2b2b" stroke="#7c5cc4" stroke-width="6" />
${lights.join('')}<g fill="#ffbf00"><circle cx="28" cy="60" r="14" /><circle cx="148" cy="60" r="14" />
${[40, 64, 88, 112, 136].map((x) => `<path d="M${x - 9} 104h18v20h-18z" />`).join('')}</g>`,
  );
}

/** @param {string} color @param {string} sign */
export function key(color, sign) {
  return picture(
    80,
    80,
    `<rect x="3" y="3" width="74" height="74" rx="18" fill="${color}" stroke="#333" stroke-width="3" />
<g fill="none" stroke="#fff" stroke-width="8" stroke-linecap="round">${sign}</g>`,
  );
}

/** @param {string} color @param {string} sign */
export function letter(color, sign) {
  return picture(
    80,
    80,
    `<rect x="3" y="3" width="74" height="74" rx="18" fill="${color}" stroke="#333" stroke-width="3" />
<text x="40" y="57" fill="#fff" font-family="Sans Serif" font-size="46" text-anchor="middle">${sign}</text>`,
  );
}

/** @param {string} color */
export function dot(color) {
  return picture(12, 12, `<circle cx="6" cy="6" r="6" fill="${color}" />`);
}
