// Name: MQTT
// ID: scratchmqtt
// Description: Exchange messages with boards, sensors and other programs through an MQTT broker.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/**
 * The entry of `plugin.js`: for a page that has the virtual machine in its global `vm` and runs any
 * script, such as a plugin of E羊icques or a line in the console of the browser.
 */
import { EXTENSION_ID } from '../blocks/blocks.js';
import { ScratchMqtt } from '../blocks/extension.js';
import { sharedBridge } from '../client/shared-bridge.js';

const { vm } = /** @type {any} */ (globalThis);

if (vm && !vm.extensionManager.isExtensionLoaded(EXTENSION_ID)) {
  const { extensionManager, runtime } = vm;
  const blocks = new ScratchMqtt(sharedBridge({ vm }, runtime));
  const service = extensionManager._registerInternalExtension(blocks);
  extensionManager._loadedExtensions.set(EXTENSION_ID, service);
}
