// @ts-check
// The texts of the blocks, as they are shown: what a language lacks is English.
import { readFileSync } from 'node:fs';
import { englishNames } from '../../extension/blocks/palette.js';
import { LOCALES } from '../../extension/locales/index.js';
import { fallbacksOf } from '../../extension/texts/languages.js';

/** @typedef {import('../../extension/texts/languages.js').Language} Language */
/** @typedef {Readonly<Record<string, string>>} Table */

/** What there is in English: the names of blocks and choices, and all other texts. @type {Table} */
export const ENGLISH = { ...englishNames(), ...LOCALES.en };

/** @param {Language} language @returns {Table} */
export const shownIn = (language) =>
  Object.assign(
    { ...ENGLISH },
    ...fallbacksOf(language)
      .reverse()
      .map((one) => LOCALES[one]),
  );

/** @param {Language} language @param {string} key */
export const isTranslated = (language, key) =>
  language === 'en' || fallbacksOf(language).some((one) => one !== 'en' && key in LOCALES[one]);

/** The file of a language. @param {string} path from the repository @returns {Table} */
export const read = (path) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
