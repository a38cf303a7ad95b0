// @ts-check
/** What a person searches for: a text in topics and messages, or a filter with `+` and `#` for topics. */
import { textOf } from './payload.js';

/** @typedef {import('./message-log.js').Kept} Kept */

/** How much of a message is searched, in bytes. */
const SEARCHED = 2_000;

/**
 * @typedef {object} Search
 * @property {(topic: string) => boolean} topic whether a topic is found
 * @property {(message: Kept) => boolean} message whether a message is found, by its topic or its text
 */

/**
 * @param {string} typed
 * @param {(filter: string, topic: string) => boolean} matches as MQTT does it
 * @returns {Search | null} `null`: everything is found
 */
export function searchFor(typed, matches) {
  const text = typed.trim();
  if (text === '') return null;
  if (text.split('/').some((level) => level === '+' || level === '#')) {
    const isFound = (/** @type {string} */ topic) => matches(text, topic);
    return { topic: isFound, message: ({ topic }) => isFound(topic) };
  }
  const wanted = text.toLowerCase();
  const isFound = (/** @type {string} */ one) => one.toLowerCase().includes(wanted);
  return {
    topic: isFound,
    message: (message) => isFound(message.topic) || isFound(textOf(message, SEARCHED)?.text ?? ''),
  };
}
