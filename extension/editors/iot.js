// Name: IoT
// ID: iot
// Description: The blocks of CodeLab's IoT extension, so that its projects open and run.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/** The entry of `iot.js`: projects made with CodeLab's extension, where it is not built in. */
import { registerClassic } from './support/classic.js';
import { isThere } from './support/built-in.js';
import { sharedBridge } from '../client/shared-bridge.js';
import { IOT_ID } from '../iot/blocks.js';
import { IotBlocks } from '../iot/extension.js';

const scratch = Scratch;

/** The class that an editor constructs, with its runtime if it has one. */
class Extension extends IotBlocks {
  /** @param {import('./support/scratch.js').Runtime} [runtime] */
  constructor(runtime) {
    super(sharedBridge(scratch, runtime));
  }
}

if (isThere(scratch.vm, IOT_ID)) {
  console.warn('iot.js is not needed here: this editor has the IoT blocks.');
} else if (scratch.extensions && !scratch.vm && !isAskedFor(new Error().stack)) {
  // There it would take the place of the blocks that the editor has.
  console.warn(
    'iot.js does nothing in a sandbox, where it cannot see whether this editor has the IoT blocks. ' +
      'If it has none, put ?sandbox behind the address of iot.js.',
  );
} else {
  registerClassic(scratch, Extension);
}

/** Whether `?sandbox` stands behind the address of this script: a worker knows it by its stack only. @param {string} [stack] */
function isAskedFor(stack = '') {
  return /\.js\?sandbox\b/.test(stack);
}
