// @ts-check
/** What a teacher types who wants cards for boards: how many, or their names. */
import { nameIn } from '../board-programs.js';

/** A class has fewer. */
export const MOST_BOARDS = 60;

/** What stands between names, on keyboards of any language. */
export const SEPARATORS = /[,;،؛，、；\n]/;

/** `10`, `10 boards`, `10 块板子`, `10台`; no name like `7a`. */
const A_NUMBER = /^(\d{1,9})(?:\s+[^\d,;،؛，、；]*|[^!-~،؛]*)$/;

/** Keyboards have them in Arabic, and in Persian. */
const OTHER_DIGITS = /[٠-٩۰-۹]/g;

/** @param {string} typed @returns {string[]} all different */
export function namesIn(typed) {
  const plain = typed
    .normalize('NFKC')
    .replace(OTHER_DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf));
  const [, count] = A_NUMBER.exec(plain.trim()) ?? [];
  if (count !== undefined) {
    // More are not made: one more shows that it is too many.
    const length = Math.min(Number(count), MOST_BOARDS + 1);
    return Array.from({ length }, (_, place) => `board-${place + 1}`);
  }
  const names = typed.split(SEPARATORS).map(nameIn);
  return [...new Set(names.filter(Boolean))];
}
