// @ts-check
/**
 * Every text of the start page and of the editor page, in the language of `?lang=`, else that of the
 * browser: those of the pages are in `texts/`, those that the blocks use too in `extension/locales/`.
 */
import { PAGE_LANGUAGES, languageOf, withValues } from '../extension/texts/languages.js';

/** @typedef {typeof import('./texts/en.json') & typeof import('../extension/locales/en.json')} Texts */
/** @typedef {keyof Texts} TextKey */

const asked = new URLSearchParams(location.search).get('lang');

export const language = languageOf(
  [...(asked ? [asked] : []), ...navigator.languages],
  PAGE_LANGUAGES,
);

/** What nobody has translated is shown in English. @type {Record<string, string>} */
const texts = Object.assign(
  {},
  ...(await Promise.all(
    ['en', language]
      .flatMap((one) => [`../extension/locales/${one}.json`, `texts/${one}.json`])
      .map((path) => fetch(new URL(path, import.meta.url)).then((response) => response.json())),
  )),
);

document.documentElement.lang = language;

/**
 * @param {TextKey} key
 * @param {Readonly<Record<string, string | number>>} [values] what stands for `{name}`
 */
export const text = (key, values) => withValues(texts[key] ?? key, values);

/** Writes the texts that the elements of the page name. */
export function fillTexts() {
  for (const one of document.querySelectorAll('[data-text]')) {
    one.textContent = text(/** @type {TextKey} */ (one.getAttribute('data-text')));
  }
  for (const one of document.querySelectorAll('[data-label]')) {
    one.setAttribute('aria-label', text(/** @type {TextKey} */ (one.getAttribute('data-label'))));
  }
}
