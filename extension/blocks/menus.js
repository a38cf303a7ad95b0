// @ts-check
// The menus: their values, in order, and what a value becomes. Values are frozen for ever; a label is the
// text `menu.NAME.value`, in English the value itself where there is none. A reporter may be dropped into
// every menu, so anything may come.
import { ALL_AT_ONCE, NEWEST_ONLY, ONE_BY_ONE } from '../delivery/modes.js';
import { choiceOf } from '../values/choice.js';
import { connectionInfo, messageInfo } from './info.js';

/** @typedef {import('./casting.js').Cast} Cast */

/**
 * @template [T=unknown]
 * @typedef {object} Menu
 * @property {readonly string[]} values
 * @property {(value: unknown, cast: Cast) => T} cast
 */

export const MENUS = Object.freeze({
  /** A level of QoS: 0 for everything that is not 1 or 2. @type {Menu<0 | 1 | 2>} */
  QOS: {
    values: ['0', '1', '2'],
    cast: (value) => {
      const number = Number(value);
      return number === 1 || number === 2 ? number : 0;
    },
  },
  /** A yes or a no. Scratch's own cast would take `no` for a yes. @type {Menu<boolean>} */
  KEEP: {
    values: ['no', 'yes'],
    cast: (value) => ['yes', 'true', '1'].includes(String(value).toLowerCase()),
  },
  MODE: oneOf([ONE_BY_ONE, NEWEST_ONLY, ALL_AT_ONCE]),
  STATE: oneOf(['made', 'lost', 'refused', 'name in use']),
  MESSAGE_INFO: lineOf(messageInfo),
  CONNECTION_INFO: lineOf(connectionInfo),
});

/**
 * The value that was meant; `undefined` for everything else.
 *
 * @param {readonly string[]} values
 * @returns {Menu<string | undefined>}
 */
function oneOf(values) {
  return { values, cast: (value, cast) => choiceOf(values, cast.toString(value)) };
}

/**
 * The line of a table that was meant.
 *
 * @template T
 * @param {Readonly<Record<string, T>>} table
 * @returns {Menu<T | undefined>}
 */
function lineOf(table) {
  const names = oneOf(Object.keys(table));
  return {
    ...names,
    cast: (value, cast) => {
      const name = names.cast(value, cast);
      return name === undefined ? undefined : table[name];
    },
  };
}
