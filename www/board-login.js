// @ts-check
/** What boards log in with, as the programs for them name it. */
import { jsonAt } from './json.js';
import { text } from './texts.js';

/** @param {string | null | undefined} word of the class @returns {import('./board-programs.js').Settings} */
export const loginWith = (word) => ({ USER: 'class', PASSWORD: word || text('kit.word') });

/** The class word is shown on the computer of the server only; on others a pupil knows it. */
export async function loginOfBoards() {
  /** @type {import('./class/entrance.js').Place | undefined} */
  const place = await jsonAt('class/where.json');
  return place?.boardsAreGuests ? {} : loginWith(place?.word);
}
