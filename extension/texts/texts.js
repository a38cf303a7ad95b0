// @ts-check
import { LOCALES } from '../locales/index.js';
import { withValues } from './languages.js';

/** @typedef {import('./languages.js').Language} Language */
/** @typedef {keyof typeof LOCALES['en']} TextKey */
/** @typedef {Readonly<Record<string, string | number>>} Values */

/** @param {string} key @returns {key is TextKey} whether there is such a text */
export const isTextKey = (key) => Object.prototype.hasOwnProperty.call(LOCALES.en, key);

/**
 * A text in a language, or in English as long as nobody has translated it.
 *
 * @param {Language} language
 * @param {TextKey} key
 * @param {Values} [values] what stands for `{name}`
 */
export const text = (language, key, values) =>
  withValues(textOr(LOCALES.en[key], language, key), values);

/**
 * The same for a text whose English is not in the table.
 *
 * @param {string} english
 * @param {Language} language
 * @param {string} key
 */
export const textOr = (english, language, key) =>
  /** @type {import('../locales/index.js').Table} */ (LOCALES[language])[key] ?? english;
