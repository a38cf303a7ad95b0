// @ts-check
/** Messages as a file: CSV for spreadsheets, or JSON. */
import { hexOf } from '../../../extension/values/bytes.js';
import { textOf } from './payload.js';

/** @typedef {import('./message-log.js').Kept} Kept */
/** @typedef {'csv' | 'json'} Kind */

export const TYPES = Object.freeze({ csv: 'text/csv', json: 'application/json' });

/** How many messages become one piece: between two, a page has a turn. */
const PIECE = 1_000;
const COLUMNS = ['time', 'topic', 'qos', 'retain', 'bytes', 'encoding', 'payload'];
/** A spreadsheet would take it for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[-+]?[\d.]+(e[-+]?\d+)?$/i;

/**
 * The text of a file, piece by piece.
 *
 * @param {Iterable<Kept>} messages
 * @param {Kind} kind
 * @returns {Generator<string>}
 */
export function* piecesOf(messages, kind) {
  const { start, row, between, end } = FORMS[kind];
  yield start;
  let piece = '';
  let count = 0;
  for (const message of messages) {
    piece += (count > 0 ? between : '') + row(recordOf(message));
    count += 1;
    if (count % PIECE !== 0) continue;
    yield piece;
    piece = '';
  }
  yield piece + end;
}

/** @typedef {ReturnType<typeof recordOf>} Row */

/** @type {Record<Kind, { start: string, row: (record: Row) => string, between: string, end: string }>} */
const FORMS = {
  // The mark at the start tells spreadsheets that it is UTF-8.
  csv: {
    start: `\ufeff${COLUMNS.join(',')}\r\n`,
    row: (record) => Object.values(record).map(cell).join(','),
    between: '\r\n',
    end: '\r\n',
  },
  json: { start: '[\n', row: (record) => JSON.stringify(record), between: ',\n', end: '\n]\n' },
};

/** In the order of the columns. `bytes` is the whole length: what is longer than its payload was cut. @param {Kept} message */
function recordOf({ at, topic, qos, retain, bytes, payload }) {
  const text = textOf({ at, topic, qos, retain, payload, bytes }, Infinity);
  return {
    time: new Date(at).toISOString(),
    topic,
    qos,
    retain,
    bytes,
    encoding: text === null ? 'hex' : 'text',
    payload: text === null ? hexOf(payload) : text.text,
  };
}

/** @param {string | number | boolean} value */
function cell(value) {
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
