// @ts-check
import { withValues } from './languages.js';
import en from './locales/en.json' with { type: 'json' };
import nl from './locales/nl.json' with { type: 'json' };
import zhCn from './locales/zh-cn.json' with { type: 'json' };

/** @typedef {keyof typeof en} TextKey */
/** @typedef {Readonly<Record<string, string | number>>} Values */

/** Every language, by the name that Scratch gives it. */
export const LOCALES = Object.freeze({ en, nl, 'zh-cn': zhCn });

/** @param {string} key @returns {key is TextKey} whether there is such a text */
export const isTextKey = (key) => Object.prototype.hasOwnProperty.call(en, key);

/**
 * A text in a language.
 *
 * @param {import('./languages.js').Language} language
 * @param {TextKey} key
 * @param {Values} [values] what stands for `{name}`
 * @returns {string}
 */
export function text(language, key, values = {}) {
  const template = LOCALES[language][key];
  return withValues(template, values);
}
