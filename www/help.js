// @ts-check
/** The pages of the documentation that a reader is sent to, in the language of the page where there are such. */
import { LESSON_LANGUAGES } from '../extension/texts/languages.js';

/** By the name that `data-help` has. */
export const HELP_PAGES = Object.freeze({
  all: 'README',
  board: 'learn/board',
  firstLesson: 'learn/first-lesson',
  safety: 'teachers/safety',
  setup: 'teachers/class-setup',
  trouble: 'teachers/when-it-does-not-work',
});

/** @typedef {keyof typeof HELP_PAGES} HelpPage */

/** The language that a reader finds these pages in. @param {string} language */
export const languageOfHelp = (language) =>
  /** @type {readonly string[]} */ (LESSON_LANGUAGES).includes(language) ? language : 'en';

/** The source of a page, below `docs/`. @param {HelpPage} page @param {string} language */
export const helpSource = (page, language) => inLanguage(HELP_PAGES[page], language);

/** A page below `docs/` as a reader finds it. @param {string} page without `.md` @param {string} language */
export function inLanguage(page, language) {
  const [name = '', ...folders] = page.split('/').reverse();
  const written = languageOfHelp(language);
  return [...folders, ...(written === 'en' ? [] : [written]), `${name}.md`].join('/');
}

/** @param {HelpPage} page @param {string} language @param {string} [anchor] */
export function helpAddress(page, language, anchor) {
  const file = helpSource(page, language)
    .replace('README.md', 'index.html')
    .replace('.md', '.html');
  const address = new URL(`docs/${file}`, import.meta.url);
  address.hash = anchor ?? '';
  return address.href;
}

/** Links that name a page lead there; that it is in English is said where the reader has another language. @param {string} language */
export function linkHelp(language) {
  const written = languageOfHelp(language);
  for (const link of document.querySelectorAll('a[data-help]')) {
    const page = /** @type {HelpPage} */ (link.getAttribute('data-help'));
    link.setAttribute('href', helpAddress(page, language));
    link.setAttribute('hreflang', written);
  }
  for (const note of document.querySelectorAll('[data-help-note]')) {
    note.toggleAttribute('hidden', written === language);
  }
}
