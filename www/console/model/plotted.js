// @ts-check
/** The series of the plot: numbers over time, of a topic or of a field in its JSON. */
import { nameOf, numberAt } from './json-fields.js';
import { numberOf, textOf } from './payload.js';

/** @typedef {import('./message-log.js').Kept} Kept */
/** @typedef {import('../../../extension/values/json.js').Step} Step */

/** As many as there are colors that can be told apart. */
export const MOST_SERIES = 6;
/** How many numbers are kept, of all series together. */
export const MOST_POINTS = 20_000;
/** How many are forgotten at once: moving all for each would be slow. */
const FORGOTTEN = 2_000;

/**
 * @typedef {object} Series
 * @property {string} topic
 * @property {readonly Step[]} path in its JSON; empty: the message is the number
 * @property {string} name
 * @property {number} color from 0; it keeps it
 * @property {(number | null)[]} values one for each time
 */

/** @typedef {{ name: string, color: number, points: number, last: number | null, least: number, most: number, mean: number }} Summary */

export class Plotted {
  constructor() {
    /** Seconds since 1970, as many as there are values in each series. @type {number[]} */
    this.times = [];
    /** @type {Series[]} */
    this.series = [];
  }

  get isFull() {
    return this.series.length >= MOST_SERIES;
  }

  /** @param {string} topic @param {readonly Step[]} path */
  find(topic, path) {
    const name = seriesName(topic, path);
    return this.series.find((one) => one.name === name);
  }

  /**
   * @param {string} topic
   * @param {readonly Step[]} path
   * @param {Iterable<Kept>} earlier messages, the oldest first
   */
  add(topic, path, earlier) {
    if (this.isFull || this.find(topic, path)) return;
    const used = this.series.map(({ color }) => color);
    const color = [...Array(MOST_SERIES).keys()].find((one) => !used.includes(one)) ?? 0;
    const name = seriesName(topic, path);
    this.series.push({ topic, path, name, color, values: [] });
    this.drawAgain(earlier);
  }

  /** @param {Series} series */
  remove(series) {
    this.series.splice(this.series.indexOf(series), 1);
    const { length } = this.times;
    const isEmpty = (/** @type {number} */ at) =>
      this.series.every(({ values }) => values[at] == null);
    const kept = [...Array(length).keys()].filter((at) => !isEmpty(at));
    this.times = kept.map((at) => /** @type {number} */ (this.times[at]));
    for (const one of this.series) one.values = kept.map((at) => one.values[at] ?? null);
  }

  /** A message came. @param {Kept} message @returns {boolean} whether it is in the plot */
  take(message) {
    const wanted = this.series.filter(({ topic }) => topic === message.topic);
    if (wanted.length === 0) return false;
    const text = textOf(message, Infinity)?.text ?? '';
    const found = new Map(wanted.map((one) => [one, numberIn(text, one.path)]));
    if ([...found.values()].every((value) => value === null)) return false;
    // A clock that is set back would draw a line to the left.
    this.times.push(Math.max(message.at / 1000, this.times.at(-1) ?? 0));
    for (const one of this.series) one.values.push(found.get(one) ?? null);
    if (this.times.length > MOST_POINTS) this.forget();
    return true;
  }

  clear() {
    this.times = [];
    for (const one of this.series) one.values = [];
  }

  /**
   * What a person who does not see the plot hears.
   *
   * @param {number} [from] seconds since 1970
   * @param {number} [to]
   * @returns {Summary[]}
   */
  summaries(from = -Infinity, to = Infinity) {
    return this.series.map(({ name, color, values }) => {
      const seen = values.filter((value, at) => {
        const time = /** @type {number} */ (this.times[at]);
        return value !== null && time >= from && time <= to;
      });
      return { name, color, ...summaryOf(/** @type {number[]} */ (seen)) };
    });
  }

  /** All series from what is still known. @private @param {Iterable<Kept>} messages */
  drawAgain(messages) {
    const before = { times: this.times, series: this.series.map(({ values }) => values) };
    this.clear();
    for (const message of messages) this.take(message);
    this.mergeLost(before);
  }

  /** What the log has no more, and the plot still had. @private @param {{ times: number[], series: (number | null)[][] }} before */
  mergeLost({ times, series }) {
    const first = this.times[0] ?? Infinity;
    const lost = times.findIndex((time) => time >= first);
    const count = lost < 0 ? times.length : lost;
    this.times = [...times.slice(0, count), ...this.times];
    this.series.forEach((one, place) => {
      const older = series[place]?.slice(0, count) ?? [];
      while (older.length < count) older.push(null);
      one.values = [...older, ...one.values];
    });
  }

  /** @private */
  forget() {
    this.times.splice(0, FORGOTTEN);
    for (const { values } of this.series) values.splice(0, FORGOTTEN);
  }
}

/** @param {string} topic @param {readonly Step[]} path */
export const seriesName = (topic, path) => (path.length > 0 ? `${topic} · ${nameOf(path)}` : topic);

/** @param {string} text @param {readonly Step[]} path */
const numberIn = (text, path) => (path.length > 0 ? numberAt(text, path) : numberOf(text));

/** @param {number[]} values */
function summaryOf(values) {
  let [least, most, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  return {
    points: values.length,
    last: values.at(-1) ?? null,
    least,
    most,
    mean: sum / values.length,
  };
}
