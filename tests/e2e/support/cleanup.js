// @ts-check
/** What was started must end: in reverse order, each by itself, also when a test fails. */

/** A list of things to undo. */
export class Cleanup {
  /** @type {(() => unknown)[]} */
  #tasks = [];

  /**
   * Remembers how to end something, and gives it back.
   *
   * @template T
   * @param {T} thing
   * @param {(thing: T) => unknown} end
   * @returns {T}
   */
  add(thing, end) {
    this.#tasks.push(() => end(thing));
    return thing;
  }

  /** Ends everything, newest first; the first failure is thrown after the last one has been ended. */
  async run() {
    /** @type {unknown[]} */
    const failures = [];
    for (const task of this.#tasks.splice(0).reverse()) {
      try {
        await task();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
