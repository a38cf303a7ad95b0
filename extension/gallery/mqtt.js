// Name: MQTT
// ID: scratchmqtt
// Description: Exchange messages with boards, sensors and other programs through an MQTT broker.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/**
 * The entry of the edition for TurboWarp's gallery: `scripts/gallery.mjs`. It needs the editor to let it out of the sandbox, as
 * the gallery's own extensions are.
 */
import { ScratchMqtt } from '../blocks/extension.js';
import { sharedBridge } from '../client/shared-bridge.js';

const { extensions, vm } = Scratch;
if (!extensions?.unsandboxed) {
  throw new Error('MQTT runs only without the sandbox. Load it from the list of extensions.');
}

const bridge = sharedBridge(Scratch, vm?.runtime);
// No page of ours stands beside the script there.
bridge.environment.docs = null;
extensions.register(new ScratchMqtt(bridge));
