// @ts-check
/** Waiting for a condition, never for a duration. */

/** How often a condition is looked at, in milliseconds. */
const INTERVAL_MS = 25;

/**
 * Waits until `condition` gives a truthy value, and gives that value back.
 *
 * @template T
 * @param {string} what what is waited for, as the end of "timed out waiting for …"
 * @param {() => T | Promise<T>} condition
 * @param {{ withinMs?: number, seen?: () => unknown }} [options] `withinMs`: the limit, 15 s when not given;
 *   `seen`: what the error message says was there instead
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, condition, { withinMs = 15_000, seen } = {}) {
  const limit = Date.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value) return /** @type {NonNullable<T>} */ (value);
    if (Date.now() > limit) {
      const found = seen ? `; seen: ${describe(await seen())}` : '';
      throw new Error(`timed out after ${withinMs} ms waiting for ${what}${found}`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

/** @param {unknown} value */
function describe(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === undefined ? 'nothing' : text.slice(-2_000);
}
