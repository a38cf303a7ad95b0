// @ts-check
/**
 * The language of the page: that of `?lang=`, else of the browser. Each page has this module in its head and shows nothing
 * before it, so that a page from right to left begins as one.
 */
import { PAGE_LANGUAGES, directionOf, languageOf } from '../extension/texts/languages.js';

const asked = new URLSearchParams(location.search).get('lang');

export const language = languageOf(
  [...(asked ? [asked] : []), ...navigator.languages],
  PAGE_LANGUAGES,
);

/** Says which language the page is in, and its direction. @param {string} shown */
export function markLanguage(shown) {
  const { documentElement } = document;
  documentElement.lang = shown;
  documentElement.dir = directionOf(shown);
}

markLanguage(language);
