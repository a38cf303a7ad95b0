// @ts-check
import { Bridge } from './bridge.js';
import { detectEnvironment } from '../editors/support/environment.js';
import { loadWasm } from '../packed/load-wasm.js';

/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../editors/support/scratch.js').ScratchApi} ScratchApi */

/** Where scripts find each other's bridge. Another number when they would not understand it. */
const KEY = Symbol.for('scratchmqtt bridge 2');

/** What this script uses. @type {Bridge | null} */
let own = null;

/**
 * The one connection of a page: scripts for one runtime share it, however often and under whatever id
 * they are loaded. In a sandbox, those that see the same global object.
 *
 * @param {ScratchApi} scratch
 * @param {Runtime} [given] the runtime that the editor gave to the constructor
 * @returns {Bridge}
 */
export function sharedBridge(scratch, given) {
  const environment = detectEnvironment(scratch, given);
  const { runtime } = environment;
  const place = /** @type {Record<symbol, Bridge | undefined>} */ (
    /** @type {unknown} */ (runtime || globalThis)
  );
  const bridge = own || place[KEY] || new Bridge(environment, loadWasm);
  // The editor constructs the blocks once more, now with its runtime.
  if (runtime) bridge.attach(runtime);
  own = place[KEY] = bridge;
  return bridge;
}
