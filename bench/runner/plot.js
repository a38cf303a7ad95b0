// @ts-check
/** Lines over two logarithmic axes as SVG, for a light and a dark page. */

/** @typedef {{ name: string, points: [x: number, y: number][] }} Line */
/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} xLabel with its unit
 * @property {string} yLabel with its unit
 * @property {[x: number, label: string][]} xTicks
 * @property {Line[]} lines
 */

const WIDTH = 720;
const HEIGHT = 380;
const EDGE = { left: 76, right: 150, top: 44, bottom: 56 };
/** Between the names at the ends of two lines, in pixels. */
const LINE_HEIGHT = 17;

/** Colors that stay apart for the color-blind, and a shape for each, for who sees no colors at all. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .background { fill: #ffffff; }
  .grid { stroke: #d1d9e0; }
  .line { fill: none; stroke-width: 2; }
  .c0 { --c: #0b63c5; } .c1 { --c: #b84a00; } .c2 { --c: #1a7f37; } .c3 { --c: #8250df; }
  .line { stroke: var(--c); } .mark, .name { fill: var(--c); }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .background { fill: #0d1117; }
    .grid { stroke: #3d444d; }
    .c0 { --c: #6cb6ff; } .c1 { --c: #f69d50; } .c2 { --c: #57ab5a; } .c3 { --c: #c297ff; }
    .name { fill: var(--c); }
  }`;
const DASHES = ['', '6 3', '2 3', '10 3 2 3'];

/** @param {Chart} chart @returns {string} */
export function svg({ title, xLabel, yLabel, xTicks, lines }) {
  const points = lines.flatMap((line) => line.points);
  const x = scale(
    points.map(([value]) => value),
    [EDGE.left, WIDTH - EDGE.right],
  );
  const [low, high] = decades(points.map(([, value]) => value));
  const y = scale([low, high], [HEIGHT - EDGE.bottom, EDGE.top]);
  const parts = [
    `<rect class="background" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(EDGE.left, 24, title, 'title'),
    ...yTicks(low, high).flatMap((value) => [
      rule(EDGE.left, y(value), WIDTH - EDGE.right, y(value)),
      text(EDGE.left - 8, y(value) + 4, power(value), '', 'end'),
    ]),
    ...xTicks.flatMap(([value, label]) => [
      rule(x(value), EDGE.top, x(value), HEIGHT - EDGE.bottom),
      text(x(value), HEIGHT - EDGE.bottom + 20, label, '', 'middle'),
    ]),
    text((EDGE.left + WIDTH - EDGE.right) / 2, HEIGHT - 14, xLabel, '', 'middle'),
    `<g transform="translate(18 ${HEIGHT / 2}) rotate(-90)">${text(0, 0, yLabel, '', 'middle')}</g>`,
    ...lines.map((line, index) => lineOf(line, index, x, y)),
    ...names(lines, y),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** @typedef {(value: number) => number} Scale */

/** @param {number[]} values @param {[number, number]} pixels @returns {Scale} */
function scale(values, [from, to]) {
  const low = Math.log10(Math.min(...values));
  const high = Math.log10(Math.max(...values));
  return (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from);
}

/** The powers of ten around all values. @param {number[]} values @returns {[number, number]} */
function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** @param {number} low @param {number} high */
function yTicks(low, high) {
  const count = Math.round(Math.log10(high / low)) + 1;
  return Array.from({ length: count }, (_, index) => low * 10 ** index);
}

/** @param {Line} line @param {number} index @param {Scale} x @param {Scale} y */
function lineOf({ points }, index, x, y) {
  const places = points.map(([a, b]) => `${round(x(a))},${round(y(b))}`);
  const dashes = DASHES[index % DASHES.length];
  return [
    `<g class="c${index}">`,
    `<polyline class="line" points="${places.join(' ')}"${dashes ? ` stroke-dasharray="${dashes}"` : ''}/>`,
    ...points.map(([a, b]) => mark(index, x(a), y(b))),
    '</g>',
  ].join('');
}

/** @param {number} index @param {number} x @param {number} y */
function mark(index, x, y) {
  const [a, b] = [round(x), round(y)];
  if (index % 2 === 0) return `<circle class="mark" cx="${a}" cy="${b}" r="3.5"/>`;
  return `<rect class="mark" x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"/>`;
}

/** At the end of each line, without covering each other. @param {Line[]} lines @param {Scale} y */
function names(lines, y) {
  let last = -Infinity;
  return lines
    .map(({ name, points }, index) => ({ name, index, wanted: y(points.at(-1)?.[1] ?? NaN) }))
    .sort((a, b) => a.wanted - b.wanted)
    .map(({ name, index, wanted }) => {
      last = Math.max(wanted, last + LINE_HEIGHT);
      const place = text(WIDTH - EDGE.right + 10, last + 4, name, 'name');
      return `<g class="c${index}">${place}</g>`;
    });
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
const rule = (x1, y1, x2, y2) =>
  `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;

/** @param {number} x @param {number} y @param {string} words @param {string} [kind] @param {string} [anchor] */
function text(x, y, words, kind = '', anchor = 'start') {
  const classes = kind === '' ? '' : ` class="${kind}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${classes}>${escaped(words)}</text>`;
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/** 0.01, 1, 100, 10 k, 1 M. @param {number} value */
function power(value) {
  if (value >= 1e6) return `${Math.round(value / 1e6)} M`;
  if (value >= 1e4) return `${Math.round(value / 1e3)} k`;
  return String(Number(value.toPrecision(1)));
}

/** @param {string} words */
const escaped = (words) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
