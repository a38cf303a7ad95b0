// @ts-check
/** The entry of `iot.js`: projects made with CodeLab's extension, where it is not built in. */
import { registerClassic } from '../hosts/classic.js';
import { isThere } from '../hosts/built-in.js';
import { sharedBridge } from '../shared-bridge.js';
import { IOT_ID } from './blocks.js';
import { IotBlocks } from './extension.js';

const scratch = Scratch;

/** The class that a host constructs, with its runtime if it has one. */
class Extension extends IotBlocks {
  /** @param {import('../types.js').Runtime} [runtime] */
  constructor(runtime) {
    super(sharedBridge(scratch, runtime));
  }
}

if (isThere(scratch.vm, IOT_ID)) {
  console.warn('iot.js is not needed here: this editor has the IoT blocks.');
} else {
  registerClassic(scratch, Extension);
}
