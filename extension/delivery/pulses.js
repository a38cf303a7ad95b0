// @ts-check

/**
 * How long a hat is true, and then false, in milliseconds: each must last longer than the frames
 * between two questions of the editor.
 */
export const PULSE_MS = 80;

/**
 * Things that happened, each for a while, and then nothing for a while, so that an editor that asks in
 * each frame notices every one of them.
 *
 * @template T
 */
export class Pulses {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.now = now;
    /** What comes next. @type {T[]} */
    this.queue = [];
    /** What happens now. @private @type {T | null} */
    this.current = null;
    /** @private */
    this.phaseEnds = 0;
  }

  /** What happens now; `null`: nothing. @returns {T | null} */
  turn() {
    const now = this.now();
    if (now < this.phaseEnds) return this.current;
    const isPause = this.current !== null;
    this.current = isPause ? null : (this.queue.shift() ?? null);
    if (isPause || this.current !== null) this.phaseEnds = now + PULSE_MS;
    return this.current;
  }

  clear() {
    this.queue.length = 0;
    this.current = null;
  }
}
