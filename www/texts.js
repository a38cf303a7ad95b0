// @ts-check
/**
 * Every text of the start page and of the editor page, in the language of `?lang=`, else that of the
 * browser: those of the pages are in `texts/`, those that the blocks use too in `extension/locales/`.
 */
import {
  PAGE_LANGUAGES,
  fallbacksOf,
  languageOf,
  withValues,
} from '../extension/texts/languages.js';
import { linkHelp } from './help.js';
import { language, markLanguage } from './language.js';

export { language };

/** @typedef {typeof import('./texts/en.json') & typeof import('../extension/locales/en.json')} Texts */
/** @typedef {keyof Texts} TextKey */

/**
 * @param {typeof language} one
 * @returns {Promise<Record<string, string>>} what it lacks is in the language that it is a kind of, or in English
 */
async function textsIn(one) {
  const files = fallbacksOf(one)
    .reverse()
    .flatMap((it) => [`../extension/locales/${it}.json`, `texts/${it}.json`]);
  const tables = files.map((path) =>
    fetch(new URL(path, import.meta.url)).then((response) => response.json()),
  );
  return Object.assign({}, ...(await Promise.all(tables)));
}

let shown = language;
let texts = await textsIn(language);

/** Shows the page in another language, from now on. @param {string} wanted as Scratch names it */
export async function changeLanguage(wanted) {
  const next = languageOf([wanted], PAGE_LANGUAGES);
  if (next === shown) return;
  shown = next;
  const found = await textsIn(next).catch(() => texts);
  // Another one was chosen meanwhile.
  if (shown !== next) return;
  texts = found;
  markLanguage(next);
  fillTexts();
}

/**
 * @param {TextKey} key
 * @param {Readonly<Record<string, string | number>>} [values] what stands for `{name}`
 */
export const text = (key, values) => withValues(texts[key] ?? key, values);

/** The language that the page is shown in now. */
export const shownLanguage = () => shown;

/** Writes the texts that the elements of the page name, and where their links to the documentation lead. */
export function fillTexts() {
  for (const one of document.querySelectorAll('[data-text]')) {
    one.textContent = text(/** @type {TextKey} */ (one.getAttribute('data-text')));
  }
  for (const one of document.querySelectorAll('[data-label]')) {
    one.setAttribute('aria-label', text(/** @type {TextKey} */ (one.getAttribute('data-label'))));
  }
  linkHelp(shown);
}
