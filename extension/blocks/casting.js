// @ts-check
// Arguments as Scratch casts them; the host's own Cast where there is one.

/** @typedef {import('../hosts/support/scratch.js').ScratchApi['Cast']} HostCast */

/**
 * @param {HostCast} [host]
 * @returns what casts the arguments of blocks
 */
export function casting(host) {
  /** A number: 0 for everything that is none, as in Scratch. @param {unknown} value @returns {number} */
  const toNumber = (value) => (host?.toNumber ? host.toNumber(value) : Number(value) || 0);
  return {
    /** @param {unknown} value @returns {string} */
    toString: (value) => (host ? host.toString(value) : String(value)),

    toNumber,

    /** A place in a row, counted from 1. @param {unknown} value @returns {number} */
    toPlace: (value) => Math.floor(toNumber(value)),

    /**
     * A level of QoS: 0 for everything that is not 1 or 2.
     *
     * @param {unknown} value
     * @returns {0 | 1 | 2}
     */
    toQos: (value) => {
      const number = Number(value);
      return number === 1 || number === 2 ? number : 0;
    },

    /**
     * A yes or a no. Scratch's own cast would take `no` for a yes.
     *
     * @param {unknown} value
     * @returns {boolean}
     */
    toYes: (value) => ['yes', 'true', '1'].includes(String(value).toLowerCase()),
  };
}

/**
 * The value of a menu that was meant, by a reporter for example.
 *
 * @param {readonly string[]} choices
 * @param {string} typed
 * @returns {string | undefined}
 */
export function choiceOf(choices, typed) {
  const wanted = typed.trim().toLowerCase();
  return choices.find((choice) => choice.toLowerCase() === wanted);
}
