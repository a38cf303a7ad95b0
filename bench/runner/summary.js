// @ts-check
/** Trials to medians, and clients to ratios. */

/** @typedef {import('./works.js').Trial} Trial */
/** @typedef {import('./works.js').Work} Work */
/**
 * Medians over the repetitions of one client; besides these, of every figure that a work has of its own.
 *
 * @typedef {object} Summary
 * @property {number} perSecond
 * @property {number} ms for each message, round trip or connection
 * @property {number} rendererUs processor time for each, in microseconds
 * @property {number} browserUs
 * @property {number} spread (largest - smallest) / median of the rate
 */
/** @typedef {{ work: Work, trials: Trial[], problems: Record<string, string>, clients: Record<string, Summary & Record<string, number>> }} Result */

/** What is computed from a trial. @type {Record<string, (trial: Trial) => number>} */
const COMPUTED = {
  perSecond: ({ count, ms }) => (1000 * count) / ms,
  ms: ({ count, ms }) => ms / count,
  rendererUs: ({ count, rendererMs }) => (1000 * rendererMs) / count,
  browserUs: ({ count, browserMs }) => (1000 * browserMs) / count,
};
const INPUTS = ['client', 'count', 'rendererMs', 'browserMs'];

/** @param {Work} work @param {import('./works.js').Report} report @returns {Result} */
export function summarize(work, { trials, problems }) {
  const names = [...new Set(trials.map(({ client }) => client))];
  const clients = names.map((name) => {
    const own = trials.filter(({ client }) => client === name);
    return [name, summaryOf(own)];
  });
  return { work, trials, problems, clients: Object.fromEntries(clients) };
}

/** @param {Trial[]} trials @returns {Summary & Record<string, number>} */
function summaryOf(trials) {
  const figures = Object.keys({ ...COMPUTED, ...trials[0] }).filter((key) => !INPUTS.includes(key));
  const medians = Object.fromEntries(
    figures.map((key) => [key, median(trials.map((trial) => figure(trial, key)))]),
  );
  const rates = trials.map((trial) => figure(trial, 'perSecond'));
  const spread = (Math.max(...rates) - Math.min(...rates)) / median(rates);
  return /** @type {Summary & Record<string, number>} */ ({ ...medians, spread });
}

/** @param {Trial} trial @param {string} key @returns {number} */
function figure(trial, key) {
  return COMPUTED[key]?.(trial) ?? trial[key];
}

/**
 * How many times the figure of one client is that of another: the median over the repetitions, of which each had both
 * within a second or two, so that what else the machine does counts for both.
 *
 * @param {Result} result
 * @param {string} key
 * @param {string} one
 * @param {string} other
 * @returns {number | undefined} `undefined` when one of them did not take part
 */
export function ratio({ trials }, key, one, other) {
  const of = (/** @type {string} */ name) => trials.filter(({ client }) => client === name);
  const others = of(other);
  const ratios = of(one).flatMap((trial, index) => {
    const against = others[index];
    return against === undefined ? [] : [figure(trial, key) / figure(against, key)];
  });
  return ratios.length > 0 ? median(ratios) : undefined;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
