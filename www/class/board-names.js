// @ts-check
/** What a teacher types who wants cards for boards: how many, or their names. */
import { nameIn } from '../board-programs.js';

/** A class has fewer. */
export const MOST_BOARDS = 60;

const SEPARATORS = /[,;，、；\n]/;

/** `10`, `10 boards`, `10 块板子`, `10台`; no name like `7a`. */
const A_NUMBER = /^(\d{1,9})(?:\s+[^\d,;，、；]*|[^!-~]*)$/;

/** @param {string} typed @returns {string[]} all different */
export function namesIn(typed) {
  const [, count] = A_NUMBER.exec(typed.normalize('NFKC').trim()) ?? [];
  if (count !== undefined) {
    // More are not made: one more shows that it is too many.
    const length = Math.min(Number(count), MOST_BOARDS + 1);
    return Array.from({ length }, (_, place) => `board-${place + 1}`);
  }
  const names = typed.split(SEPARATORS).map(nameIn);
  return [...new Set(names.filter(Boolean))];
}
