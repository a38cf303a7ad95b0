// @ts-check

/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../editors/support/scratch.js').Thread} Thread */

/**
 * Who started what. Every engine starts scripts by `startHats` of the runtime, also for broadcasts and
 * clones, and keeps the script that runs now in its sequencer.
 */
export class Starts {
  constructor() {
    /** Whether a person started something since the project was opened. */
    this.isStarted = false;
    /** Whether that can be seen here. @private */
    this.isSeen = false;
  }

  /**
   * Whether a script may connect: not before a person started something. A project that was opened
   * runs the blocks that it shows on the stage, the hats that are asked in every frame, and what
   * these start.
   *
   * @param {BlockUtility} [util]
   * @returns {boolean}
   */
  mayConnect(util) {
    const thread = util?.thread;
    if (thread?.stackClick) this.isStarted = true;
    return !thread || this.isStarted || !this.isSeen;
  }

  /**
   * Remembers that a person clicked on a script, the flag or a sprite, or pressed a key. Tells of scripts
   * that a script started, before they have run.
   *
   * @param {Runtime} runtime
   * @param {(by: Thread, threads: Thread[]) => void} onScripts
   */
  watch(runtime, onScripts) {
    const { startHats } = runtime;
    if (typeof startHats !== 'function') return;
    this.isSeen = Boolean(runtime.on);
    /** @param {string} opcode @param {Thread | null} by @param {Thread[]} threads */
    const started = (opcode, by, threads) => {
      const isByPerson = by ? by.stackClick : !runtime.getIsEdgeActivatedHat?.(opcode);
      if (isByPerson) this.isStarted = true;
      if (by) onScripts(by, threads);
    };
    runtime.startHats = function startHatsAndTell(opcode, ...rest) {
      const by = runtime.sequencer?.activeThread ?? null;
      const threads = startHats.call(this, opcode, ...rest);
      if (threads && threads.length) started(opcode, by, threads);
      return threads;
    };
  }
}
