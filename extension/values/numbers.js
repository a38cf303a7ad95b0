// @ts-check

// A decimal point belongs to a number, a comma separates two: `120,45` is a place on the stage more
// often than a price, and programs write points.
// U+2212 is the minus sign of books.
const NUMBER = /[-\u2212+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?/gi;

/** How far into a text numbers are looked for, in characters. */
export const MOST_TEXT = 1 << 20;

/** After a letter or a digit a sign is a hyphen (`2026-11-22`), and a point ends something. */
const JOINED = /[\p{L}\p{N}]/u;

/**
 * A number that stands in a text.
 *
 * @param {string} text such as `21.5 °C`
 * @param {number} place counted from 1
 * @returns {number | ''} empty: there is none
 */
export function numberIn(text, place) {
  let found = 0;
  for (const { 0: match, index } of text.matchAll(NUMBER)) {
    found += 1;
    if (found !== place) continue;
    const isJoined = JOINED.test(text[index - 1] ?? '');
    return Number(isJoined ? match.replace(/^[-\u2212+.]+/, '') : match.replace('\u2212', '-'));
  }
  return '';
}
