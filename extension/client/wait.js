// @ts-check

/**
 * Waits, but never longer than a limit, and never rejects.
 *
 * @param {Promise<unknown> | undefined} answer
 * @param {number} limitMs
 * @returns {Promise<void> | undefined}
 */
export function withLimit(answer, limitMs) {
  if (!answer) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    answer.then(end, end);
  });
}

/**
 * Calls a function later, unless the program has ended by then.
 *
 * @param {number} ms
 * @param {() => void} call
 */
export function later(ms, call) {
  /** @type {any} a number in browsers, an object in Node */
  const timer = setTimeout(call, ms);
  timer.unref?.();
}
