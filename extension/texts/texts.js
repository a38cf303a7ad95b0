// @ts-check
import { LOCALES } from '../locales/index.js';
import { fallbacksOf, withValues } from './languages.js';

/** @typedef {import('../locales/index.js').Table} Table */
/** @typedef {import('./languages.js').Language} Language */
/** @typedef {keyof typeof LOCALES['en']} TextKey */
/** @typedef {Readonly<Record<string, string | number>>} Values */

/**
 * A text in a language. What nobody has translated is in the language that it is a kind of, or in English.
 *
 * @param {Language} language
 * @param {TextKey} key
 * @param {Values} [values] what stands for `{name}`
 */
export const text = (language, key, values) =>
  withValues(textOr(LOCALES.en[key], language, key), values);

/**
 * The same for a text whose English is not in the tables.
 *
 * @param {string} english
 * @param {Language} language
 * @param {string} key
 */
export function textOr(english, language, key) {
  const tables = fallbacksOf(language).map((one) => /** @type {Table} */ (LOCALES[one]));
  return tables.find((table) => key in table)?.[key] ?? english;
}
