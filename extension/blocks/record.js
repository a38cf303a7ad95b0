// @ts-check
// A block is one record: what the palette shows, how its arguments are cast, and what it does.

import { MENUS } from './menus.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('./casting.js').Cast} Cast */

/**
 * @template [T=unknown]
 * @typedef {object} Argument
 * @property {'string' | 'number'} type
 * @property {string} value the default
 * @property {(value: unknown, cast: Cast) => T} cast
 * @property {import('../texts/texts.js').TextKey} [text] of a default that is translated
 * @property {keyof typeof MENUS} [menu] its name
 */

/** @typedef {Readonly<Record<string, Argument<any>>>} Arguments */

/** What `run` is given. @template {Arguments} A @typedef {{ [N in keyof A]: ReturnType<A[N]['cast']> }} Values */

/**
 * @template {Arguments} [A=any]
 * @typedef {object} Block
 * @property {string} opcode
 * @property {'command' | 'reporter' | 'Boolean' | 'hat'} blockType
 * @property {string} text in English; other languages have it as `block.` and the opcode
 * @property {A} [arguments]
 * @property {(values: Values<A>, bridge: Bridge, util?: BlockUtility) => unknown} run what an editor gets; of a
 *   reporter that says `undefined`, an empty text
 * @property {'now' | 'publishing'} [when] a command waits for the wasm module to start. Unless it runs `now`;
 *   `publishing` is for nothing if the project starts anew meanwhile.
 */

/**
 * Checks a record, and gives `run` what the casts make of its arguments.
 *
 * @template {string} O
 * @template {Arguments} [A={}]
 * @param {Block<A> & { opcode: O }} record
 * @returns {Block & { opcode: O }}
 */
export const block = (record) => record;

/** @param {string} [value] the default @returns {Argument<string>} */
export const string = (value = '') => ({ type: 'string', value, cast: toString });

/** A text whose default is translated. @param {import('../texts/texts.js').TextKey} key @returns {Argument<string>} */
export const translated = (key) => ({ type: 'string', value: '', text: key, cast: toString });

/** @param {number} value the default @returns {Argument<number>} */
export const number = (value) => ({
  type: 'number',
  value: String(value),
  cast: (typed, cast) => cast.toNumber(typed),
});

/** A place in a row, counted from 1. @param {number} value the default @returns {Argument<number>} */
export const place = (value) => ({
  ...number(value),
  cast: (typed, cast) => Math.floor(cast.toNumber(typed)),
});

/**
 * @template {keyof typeof MENUS} M
 * @param {M} menu
 * @param {string} [value] the default; else the first
 * @returns {Argument<ReturnType<(typeof MENUS)[M]['cast']>>}
 */
export function choice(menu, value = String(MENUS[menu].values[0])) {
  const cast = /** @type {any} */ (MENUS[menu].cast);
  return { type: 'string', menu, value, cast };
}

/** @param {unknown} value @param {Cast} cast */
function toString(value, cast) {
  return cast.toString(value);
}
