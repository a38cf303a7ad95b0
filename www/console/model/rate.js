// @ts-check

/** Over which time messages are counted, in milliseconds. */
const SPAN_MS = 5_000;

/** How often something happens: a moving mean of two spans, of which the older one fades. */
export class Rate {
  constructor() {
    /** @private */
    this.since = 0;
    /** @private */
    this.count = 0;
    /** @private */
    this.before = 0;
  }

  /** @param {number} at in milliseconds */
  add(at) {
    this.turn(at);
    this.count += 1;
  }

  /** @param {number} at in milliseconds @returns {number} */
  perSecond(at) {
    this.turn(at);
    const rest = 1 - (at - this.since) / SPAN_MS;
    return ((this.before * rest + this.count) * 1000) / SPAN_MS;
  }

  /** @private @param {number} at */
  turn(at) {
    const age = at - this.since;
    if (age < SPAN_MS) return;
    this.before = age < 2 * SPAN_MS ? this.count : 0;
    this.count = 0;
    this.since = age < 2 * SPAN_MS ? this.since + SPAN_MS : at;
  }
}
