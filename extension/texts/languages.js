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

/**
 * The first language that there are texts in. A region and a script decide only where two kinds of a
 * language exist: `zh-HK` is written as `zh-tw`, `es-419` as `es`.
 *
 * @param {Iterable<unknown>} wanted such as `pt-BR`, the most wanted first
 * @returns {Language} `en` when none is known
 */
export function languageOf(wanted) {
  for (const one of wanted) {
    const name = String(one).toLowerCase().replaceAll('_', '-');
    const [language = ''] = name.split('-');
    const known = [kindOf(name), language].find(isKnown);
    if (known) return known;
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

/** @param {string} name @returns {name is Language} */
const isKnown = (name) => LANGUAGES.includes(/** @type {Language} */ (name));
