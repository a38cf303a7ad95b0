// @ts-check
/** Trials to medians. */

/** @typedef {import('./works.js').Trial} Trial */
/** @typedef {import('./works.js').Work} Work */
/**
 * @typedef {object} Summary medians over the repetitions of one client
 * @property {string} client
 * @property {number} perSecond
 * @property {number} ms for each message, round trip or connection
 * @property {number} rendererUs processor time for each, in microseconds
 * @property {number} browserUs
 * @property {number} spread (largest - smallest) / median of the rate
 * @property {number} [p50] in ms
 * @property {number} [p99] in ms
 */
/** @typedef {{ work: Work, trials: Trial[], clients: Record<string, Summary> }} Result */

/** @param {Work} work @param {Trial[]} trials @returns {Result} */
export function summarize(work, trials) {
  const names = [...new Set(trials.map(({ client }) => client))];
  const clients = names.map((name) => {
    const own = trials.filter(({ client }) => client === name);
    return [name, summaryOf(name, own)];
  });
  return { work, trials, clients: Object.fromEntries(clients) };
}

/** @param {string} client @param {Trial[]} trials @returns {Summary} */
function summaryOf(client, trials) {
  const rates = trials.map(({ count, ms }) => (1000 * count) / ms);
  const of = (/** @type {(trial: Trial) => number} */ value) => median(trials.map(value));
  const perSecond = median(rates);
  return {
    client,
    perSecond,
    ms: of(({ ms, count }) => ms / count),
    rendererUs: of(({ rendererMs, count }) => (1000 * rendererMs) / count),
    browserUs: of(({ browserMs, count }) => (1000 * browserMs) / count),
    spread: (Math.max(...rates) - Math.min(...rates)) / perSecond,
    ...(trials[0]?.p50 !== undefined && {
      p50: of(({ p50 = NaN }) => p50),
      p99: of(({ p99 = NaN }) => p99),
    }),
  };
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
