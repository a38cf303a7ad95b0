// @ts-check
/** How much is done: enough for steady medians, or quickly. */

/** @typedef {{ repetitions: number, trialMs: number }} Extent */

/** @type {Extent} */
export const FULL = { repetitions: 5, trialMs: 250 };
/** @type {Extent} */
export const QUICK = { repetitions: 3, trialMs: 80 };
