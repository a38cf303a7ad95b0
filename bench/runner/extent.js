// @ts-check
/** How much is done: enough for steady medians, or quickly. */

/**
 * @typedef {object} Extent
 * @property {number} repetitions
 * @property {number} trialMs
 * @property {number} share of what has a fixed number
 * @property {number[]} hatCounts
 * @property {number} seconds for which messages run hats
 * @property {number} loads of the editor
 * @property {number} classSeconds for each work of a class
 */

/** @type {Extent} */
export const FULL = {
  repetitions: 5,
  trialMs: 250,
  share: 1,
  hatCounts: [1, 10, 100],
  seconds: 5,
  loads: 3,
  classSeconds: 20,
};

/** @type {Extent} */
export const QUICK = {
  ...FULL,
  repetitions: 3,
  trialMs: 80,
  share: 0.1,
  seconds: 2,
  loads: 1,
  classSeconds: 5,
};
