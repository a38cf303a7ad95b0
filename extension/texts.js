// @ts-check
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
 * A text in a language: `zh-cn` for every kind of Chinese, the language without its region, or
 * English.
 *
 * @param {string} locale such as `nl` or `zh-TW`
 * @param {TextKey} key
 * @param {Values} [values] what stands for `{name}`
 * @returns {string}
 */
export function text(locale, key, values = {}) {
  const template = tableOf(locale)[key] ?? en[key];
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} locale @returns {Record<TextKey, string>} */
function tableOf(locale) {
  const language = locale.toLowerCase().split(/[-_]/)[0];
  return language === 'zh' ? zhCn : language === 'nl' ? nl : en;
}
