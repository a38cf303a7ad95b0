// @ts-check
// Which language the texts are in, for the blocks and for the pages beside them.
import { LANGUAGES, LESSON_LANGUAGES, PAGE_LANGUAGES } from '../locales/languages.js';

export { LANGUAGES, LESSON_LANGUAGES, PAGE_LANGUAGES };

/** @typedef {(typeof LANGUAGES)[number]} Language */

/** Written from right to left: those of Scratch, whether there are texts in them or not. */
const RIGHT_TO_LEFT = ['ar', 'fa', 'he'];

/** Chinese is named by how it is written, as in the editor; else it would be by a country. */
const WRITTEN = /** @type {Record<string, string>} */ ({ 'zh-cn': 'zh-Hans', 'zh-tw': 'zh-Hant' });

/**
 * The first language that there are texts in. A region and a script decide only where two kinds of a
 * language exist: `zh-HK` is written as `zh-tw`, `es-MX` as `es-419`.
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

/** What a page has as its `dir`. @param {string} language @returns {'ltr' | 'rtl'} */
export const directionOf = (language) => (RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr');

/** What a language is called in itself. @param {string} language */
export const ownNameOf = (language) =>
  String(new Intl.DisplayNames([language], { type: 'language' }).of(WRITTEN[language] ?? language));

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
  if (/^zh\b/.test(name)) return 'zh-cn';
  // All countries but two write Spanish as Latin America does.
  return /^es-(?!(es|gq)\b)/.test(name) ? 'es-419' : name;
}
