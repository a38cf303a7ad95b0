// @ts-check
/** Bytes as text, number, JSON or hexadecimal digits, and back. */
import { bytesOf, hexOf } from '../../../extension/values/bytes.js';
import { MOST_JSON, treeOf } from '../../../extension/values/json.js';

/** @typedef {import('./message-log.js').Kept} Kept */
/** @typedef {import('../../../extension/values/json.js').Tree} Tree */

export const FORMATS = /** @type {const} */ (['text', 'number', 'json', 'hex']);
/** @typedef {(typeof FORMATS)[number]} Format */

/** What is shown of bytes as digits, in bytes. */
const MOST_HEX = 256;
/** A text that is a number, and nothing else. */
const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * @typedef {{ as: 'text', text: string, more: number }
 *   | { as: 'number', text: string }
 *   | { as: 'json', tree: Tree }
 *   | { as: 'hex', hex: string, more: number }} Content `more`: bytes that follow
 */

/**
 * What a message says.
 *
 * @param {Kept} message
 * @param {Format | 'auto'} format `auto`: as what it looks like
 * @param {number} [most] bytes of a text
 * @returns {Content | null} `null`: it is nothing like that
 */
export function contentOf(message, format, most = Infinity) {
  if (format === 'hex') return hexContent(message);
  const text = textOf(message, most);
  if (format === 'text') return text;
  // What is cut is half a number, and no JSON.
  const whole = wholeOf(message);
  if (format === 'json') return jsonContent(whole);
  if (whole !== null && NUMBER.test(whole)) return { as: 'number', text: whole.trim() };
  if (format === 'number') return null;
  return (mayHaveFields(message) ? jsonContent(whole) : null) ?? text ?? hexContent(message);
}

/**
 * The text of a message.
 *
 * @param {Kept} message
 * @param {number} most bytes
 * @returns {{ as: 'text', text: string, more: number } | null} `null`: it is no text
 */
export function textOf({ payload, bytes }, most) {
  const head = payload.subarray(0, most);
  const more = bytes - head.length;
  try {
    // The last letter of a head may be cut in two: such a decoder waits for its rest, so it is used once.
    const text =
      more > 0
        ? new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
        : utf8.decode(head);
    return { as: 'text', text, more };
  } catch {
    return null;
  }
}

/** The number that a text is. @param {string} text @returns {number | null} */
export const numberOf = (text) => (NUMBER.test(text) ? Number(text) : null);

/**
 * What is sent when a person writes this.
 *
 * @param {string} text
 * @param {Format} format
 * @returns {string | Uint8Array | null} `null`: it is nothing like that
 */
export function toSend(text, format) {
  switch (format) {
    case 'text':
      return text;
    case 'number':
      return NUMBER.test(text) ? text.trim() : null;
    case 'json':
      return isJson(text) ? text : null;
    case 'hex':
      return bytesOf(text);
  }
}

/** @param {Kept} message */
function wholeOf(message) {
  const text = textOf(message, Infinity);
  return text !== null && text.more === 0 ? text.text : null;
}

/** Whether it may be a JSON object or list: a number and a text in quotation marks look like themselves. @param {Kept} message */
function mayHaveFields({ payload }) {
  const first = payload.find((byte) => byte > 0x20);
  return first === 0x7b || first === 0x5b;
}

/** @param {string | null} text @returns {Content | null} */
function jsonContent(text) {
  if (text === null || text.length > MOST_JSON) return null;
  try {
    return { as: 'json', tree: treeOf(text) };
  } catch {
    return null;
  }
}

/** @param {Kept} message @returns {Content} */
function hexContent({ payload, bytes }) {
  const head = payload.subarray(0, MOST_HEX);
  return { as: 'hex', hex: hexOf(head), more: bytes - head.length };
}

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
