// @ts-check
/** The entry of the classic build. */
import { ScratchMqtt } from './extension.js';
import { registerClassic } from './hosts/classic.js';
import { sharedBridge } from './shared-bridge.js';

// The bare name: a packaged project passes it to a function around this script, and some hosts take
// the global away again.
const scratch = typeof Scratch === 'undefined' ? {} : Scratch;

/** The class that a host constructs, with its runtime if it has one. */
class Extension extends ScratchMqtt {
  /** @param {import('./types.js').Runtime} [runtime] */
  constructor(runtime) {
    super(sharedBridge(scratch, runtime));
  }
}

registerClassic(scratch, Extension);
