// @ts-check

/** Counts what arrives, and wakes who waits for a number of them. */
export class Arrivals {
  count = 0;
  #wanted = Infinity;
  #wake = () => {};

  add(more = 1) {
    this.count += more;
    if (this.count >= this.#wanted) this.#report();
  }

  /** Begins anew. */
  clear() {
    this.count = 0;
    this.#wanted = Infinity;
  }

  /** Waits until so many have arrived. @param {number} count @returns {Promise<void>} */
  reach(count) {
    if (this.count >= count) return Promise.resolve();
    this.#wanted = count;
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #report() {
    this.#wanted = Infinity;
    this.#wake();
  }
}
