// @ts-check
import { withValues } from './languages.js';
import { LOCALES } from '../locales/index.js';

/** @typedef {keyof typeof LOCALES['en']} TextKey */
/** @typedef {Readonly<Record<string, string | number>>} Values */

/** @param {string} key @returns {key is TextKey} whether there is such a text */
export const isTextKey = (key) => Object.prototype.hasOwnProperty.call(LOCALES.en, key);

/**
 * A text in a language.
 *
 * @param {import('./languages.js').Language} language
 * @param {TextKey} key
 * @param {Values} [values] what stands for `{name}`
 */
export const text = (language, key, values) => withValues(LOCALES[language][key], values);
