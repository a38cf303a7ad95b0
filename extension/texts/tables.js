// @ts-check
import { LANGUAGES } from './languages.js';

/** @typedef {Record<string, string>} Table */

/** Stands for a text that nobody has translated. */
export const ABSENT = '~';

/**
 * The texts of every language out of one text, as `scripts/pack-texts.mjs` writes it: all keys, then
 * all texts of each language.
 *
 * @param {string} all
 * @returns {Record<string, Table>}
 */
export function tablesOf(all) {
  const texts = all.split('\0');
  const count = texts.length / (LANGUAGES.length + 1);
  const keys = texts.slice(0, count);
  return Object.fromEntries(
    LANGUAGES.map((language, place) => {
      const own = texts.slice(count * (place + 1));
      const entries = keys.map((key, at) => [key, own[at] ?? ABSENT]);
      return [language, Object.fromEntries(entries.filter(([, text]) => text !== ABSENT))];
    }),
  );
}
