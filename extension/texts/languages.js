// @ts-check
// Which language the texts are in, for the blocks and for the pages beside them.

/** Every language, by the name that Scratch gives it. */
export const LANGUAGES = Object.freeze(
  /** @type {const} */ ([
    'en',
    'de',
    'es',
    'fr',
    'it',
    'ja',
    'ja-Hira',
    'ko',
    'nl',
    'pl',
    'pt',
    'pt-br',
    'tr',
    'zh-cn',
    'zh-tw',
  ]),
);

/** @typedef {(typeof LANGUAGES)[number]} Language */
/** @typedef {Exclude<Language, 'ja-Hira'>} PageLanguage */

/** Those of the pages too: Japanese without Chinese characters is for the children at the blocks. */
export const PAGE_LANGUAGES = Object.freeze(
  /** @type {PageLanguage[]} */ (LANGUAGES.filter((one) => one !== 'ja-Hira')),
);

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
