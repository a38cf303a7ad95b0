// @ts-check
/** The entry of the classic build. */
import { Bridge } from './bridge.js';
import { ScratchMqtt } from './extension.js';
import { registerClassic } from './hosts/classic.js';
import { detectEnvironment } from './hosts/environment.js';
import { loadWasm } from './load-wasm.js';

// The bare name: a packaged project passes it to a function around this script, and some hosts take
// the global away again.
const scratch = Scratch;

/** One connection for the page: some hosts construct the class a second time. @type {Bridge | null} */
let bridge = null;

/** The class that a host constructs, with its runtime if it has one. */
class Extension extends ScratchMqtt {
  /** @param {import('./types.js').Runtime} [runtime] */
  constructor(runtime) {
    if (!bridge) bridge = new Bridge(detectEnvironment(scratch, runtime), loadWasm);
    else if (runtime) bridge.attach(runtime);
    super(bridge);
  }
}

registerClassic(scratch, Extension);
