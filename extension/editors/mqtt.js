// Name: MQTT
// ID: scratchmqtt
// Description: Exchange messages with boards, sensors and other programs through an MQTT broker.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/** The entry of the classic build. */
import { ScratchMqtt } from '../blocks/extension.js';
import { registerClassic } from './support/classic.js';
import { sharedBridge } from '../client/shared-bridge.js';

// The bare name: a packaged project passes it to a function around this script, and some editors take
// the global away again.
const scratch = typeof Scratch === 'undefined' ? {} : Scratch;

/** The class that an editor constructs, with its runtime if it has one. */
class Extension extends ScratchMqtt {
  /** @param {import('./support/scratch.js').Runtime} [runtime] */
  constructor(runtime) {
    super(sharedBridge(scratch, runtime));
  }
}

registerClassic(scratch, Extension);
