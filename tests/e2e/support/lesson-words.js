// @ts-check
/** The words of a lesson in one language, as the pages and the palette have them. */
import { readFileSync } from 'node:fs';
import { englishNames } from '../../../extension/blocks/palette.js';
import { withValues } from '../../../extension/texts/languages.js';

/** @param {string} path from the repository @returns {Record<string, string>} */
const read = (path) =>
  JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));

/** The texts of the blocks. @param {string} language @returns {Record<string, string>} */
export const blockTexts = (language) => ({
  ...englishNames(),
  ...read(`extension/locales/${language}.json`),
});

/** The texts of the pages. @param {string} language */
export const pageTexts = (language) => read(`www/texts/${language}.json`);

/**
 * @param {string} language
 * @returns {(key: string, values?: Record<string, string>) => string}
 */
export function wordsIn(language) {
  const table = { ...blockTexts(language), ...pageTexts(language) };
  return (key, values) => withValues(table[key] ?? key, values);
}
