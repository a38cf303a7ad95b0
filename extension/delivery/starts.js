// @ts-check
// Which script started which: every engine starts scripts by `startHats` of the runtime, also for
// broadcasts and clones, and keeps the script that runs now in its sequencer.

/** @typedef {import('../hosts/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../hosts/support/scratch.js').Thread} Thread */

/**
 * @typedef {object} Start
 * @property {string} opcode of the hats
 * @property {Thread | null} by the script that did it; `null`: a person, the runtime or an extension
 * @property {Thread[]} threads
 */

/**
 * Tells of scripts that were started, before they have run.
 *
 * @param {Runtime} runtime
 * @param {(start: Start) => void} tell
 * @returns {boolean} whether it can be seen here
 */
export function onScriptsStarted(runtime, tell) {
  const { startHats } = runtime;
  if (typeof startHats !== 'function') return false;
  runtime.startHats = function startHatsAndTell(opcode, ...rest) {
    const by = runtime.sequencer?.activeThread ?? null;
    const threads = startHats.call(this, opcode, ...rest);
    if (threads && threads.length) tell({ opcode, by, threads });
    return threads;
  };
  return true;
}
