// @ts-check
/** The end of a turn, without the pauses that timers have. */

const { port1, port2 } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
port2.onmessage = () => waiting.shift()?.();

/** Resolves in the next turn of the event loop. @returns {Promise<void>} */
export function nextTurn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port1.postMessage(null);
  });
}

/**
 * Fails when work does not end in time.
 *
 * @template T
 * @param {string} what
 * @param {number} ms
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export function within(what, ms, work) {
  /** @type {any} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${ms} ms`)), ms);
  });
  return Promise.race([work, /** @type {Promise<never>} */ (late)]).finally(() =>
    clearTimeout(timer),
  );
}
