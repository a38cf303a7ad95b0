// @ts-check
// The texts of the blocks, as they are shown: what a language lacks is English.
import { readFileSync } from 'node:fs';
import { BLOCKS } from '../../extension/blocks/palette.js';
import { LOCALES } from '../../extension/locales/index.js';
import { fallbacksOf } from '../../extension/texts/languages.js';

/** @typedef {import('../../extension/texts/languages.js').Language} Language */
/** @typedef {Readonly<Record<string, string>>} Table */

const NAMES = BLOCKS.flatMap((block) =>
  typeof block === 'string' ? [] : [[`block.${block.opcode}`, block.text]],
);

/** What there is in English: the names of the blocks are in their records. */
export const ENGLISH = /** @type {Table} */ ({ ...Object.fromEntries(NAMES), ...LOCALES.en });

/** @param {Language} language @returns {Table} */
export const shownIn = (language) =>
  Object.assign(
    { ...ENGLISH },
    ...fallbacksOf(language)
      .reverse()
      .map((one) => LOCALES[one]),
  );

/** The file of a language. @param {string} path from the repository @returns {Table} */
export const read = (path) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
