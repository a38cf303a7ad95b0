// @ts-check

/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */

/** Between two frames when nothing tells of frames, in milliseconds. */
const FRAME_MS = 16;

/**
 * Calls a function once per frame, before scripts run: by the runtime's own event (TurboWarp,
 * PenguinMod), else around its step (the official one), else by a timer.
 *
 * @param {Runtime} runtime
 * @param {() => void} beforeFrame
 */
export function onEveryFrame(runtime, beforeFrame) {
  const event = /** @type {any} */ (runtime.constructor).BEFORE_EXECUTE;
  if (event && runtime.on) {
    runtime.on(event, beforeFrame);
    return;
  }
  const step = runtime._step;
  if (typeof step === 'function') {
    runtime._step = function stepWithMessages() {
      beforeFrame();
      return step.call(this);
    };
    return;
  }
  setInterval(beforeFrame, FRAME_MS);
}
