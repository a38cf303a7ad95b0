// @ts-check
// Which language the texts are in, for the blocks and for the pages beside them.
import { LANGUAGES, PAGE_LANGUAGES } from '../locales/languages.js';

export { LANGUAGES, PAGE_LANGUAGES };

/** @typedef {(typeof LANGUAGES)[number]} Language */

/**
 * The first language that there are texts in. A region and a script decide only where two kinds of a
 * language exist: `zh-HK` is written as `zh-tw`, `es-419` as `es`.
 *
 * @template {string} [T=Language]
 * @param {Iterable<unknown>} wanted such as `pt-BR`, the most wanted first
 * @param {readonly T[]} [known]
 * @returns {T | 'en'} `en` when none is known
 */
export function languageOf(wanted, known = /** @type {readonly any[]} */ (LANGUAGES)) {
  for (const one of wanted) {
    const name = String(one).toLowerCase().replaceAll('_', '-');
    const [language = ''] = name.split('-');
    const names = [kindOf(name), language];
    const found = names.flatMap((it) => known.filter((other) => other.toLowerCase() === it));
    if (found[0]) return found[0];
  }
  return 'en';
}

/**
 * Where a language has no text of its own: the language that it is a kind of, then English. What is not
 * written in `ja-Hira` is in `ja`.
 *
 * @param {Language} language
 * @returns {Language[]} the language itself first
 */
export const fallbacksOf = (language) => [
  language,
  ...LANGUAGES.filter((one) => language.startsWith(`${one}-`)),
  'en',
];

/**
 * A text with values in the place of `{name}`.
 *
 * @param {string} template
 * @param {Readonly<Record<string, string | number>>} [values]
 */
export const withValues = (template, values = {}) =>
  template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

/** @param {string} name in small letters */
function kindOf(name) {
  if (/^zh-(hant|tw|hk|mo)\b/.test(name)) return 'zh-tw';
  return /^zh\b/.test(name) ? 'zh-cn' : name;
}
