// @ts-check
/** Times, ages, numbers and messages, as a person reads them in the language of the page. */
import { language, text } from '../../texts.js';
import { contentOf, textOf } from '../model/payload.js';

/** @typedef {import('../model/message-log.js').Kept} Kept */

/** What is shown of a text in one line, in bytes. */
const LINE = 200;
/** What is shown of a topic, in letters: longer ones make a page stand still. */
const TOPIC_LETTERS = 200;

/** In all languages with 24 hours, which take less room. */
const clock = new Intl.DateTimeFormat(language, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const counts = new Intl.NumberFormat(language);
const rates = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
const numbers = new Intl.NumberFormat(language, { maximumSignificantDigits: 6 });
const means = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });
const [seconds, minutes, hours] = ['second', 'minute', 'hour'].map(
  (unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'narrow' }),
);

/** @param {number} at */
export const timeText = (at) => clock.format(at);
/** @param {number} count */
export const countText = (count) => counts.format(count);
/** @param {number | null} value */
export const numberText = (value) =>
  value === null || !Number.isFinite(value) ? '–' : numbers.format(value);
/** @param {number} value */
export const meanText = (value) => (Number.isFinite(value) ? means.format(value) : '–');
/** Nothing that happens less than once in a minute. @param {number} rate */
export const rateText = (rate) => (rate < 1 / 60 ? '' : rates.format(rate));

/** @param {number} ms */
export function ageText(ms) {
  const age = Math.max(0, Math.floor(ms / 1000));
  if (age < 60) return String(seconds?.format(age));
  if (age < 3600) return String(minutes?.format(Math.floor(age / 60)));
  return String(hours?.format(Math.floor(age / 3600)));
}

/** @param {string} topic */
export const topicText = (topic) =>
  topic.length > TOPIC_LETTERS ? `${topic.slice(0, TOPIC_LETTERS)}…` : topic;

/** The beginning of a message in one line. @param {Kept} message */
export function lineOf(message) {
  const found = textOf(message, LINE);
  if (found === null) {
    const hex = contentOf(message, 'hex');
    return hex?.as === 'hex' ? hex.hex.slice(0, LINE) : '';
  }
  const line = found.text.replace(/\s+/g, ' ');
  return found.more > 0 ? `${line}…` : line;
}

/** `QoS 1, kept` @param {Kept} message */
export const notesOf = ({ qos, retain }) =>
  [`QoS ${qos}`, ...(retain ? [text('console.retained')] : [])].join(', ');
