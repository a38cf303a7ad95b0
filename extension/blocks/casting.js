// @ts-check

/** What casts values as Scratch does. @typedef {{ toString(value: unknown): string, toNumber(value: unknown): number }} Cast */

/**
 * The host's own Cast where there is one; a number is 0 for everything that is none, as in Scratch.
 *
 * @param {import('../hosts/support/scratch.js').ScratchApi['Cast']} [host]
 * @returns {Cast}
 */
export const casting = (host) => ({
  toString: (value) => (host ? host.toString(value) : String(value)),
  toNumber: (value) => (host?.toNumber ? host.toNumber(value) : Number(value) || 0),
});
