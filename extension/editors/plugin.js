// Name: MQTT
// ID: scratchmqtt
// Description: Exchange messages with boards, sensors and other programs through an MQTT broker.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/**
 * The entry of `plugin.js`: for a page that has the virtual machine in its global `vm` and runs any
 * script, such as a bookmark, a plugin of E羊icques or a line in the console of the browser.
 */
import { EXTENSION_ID } from '../blocks/ids.js';
import { ScratchMqtt } from '../blocks/extension.js';
import { sharedBridge } from '../client/shared-bridge.js';

const { vm } = /** @type {any} */ (globalThis);

/** The class that an editor constructs, with its runtime. */
class Extension extends ScratchMqtt {
  /** @param {import('./support/scratch.js').Runtime} runtime */
  constructor(runtime) {
    super(sharedBridge({ vm }, runtime));
  }
}

if (vm && !vm.extensionManager.isExtensionLoaded(EXTENSION_ID)) {
  const { extensionManager, runtime } = vm;
  if (extensionManager.injectExtension) {
    // Gandi forgets what is loaded with each project, and loads by the id what it was given so.
    extensionManager.injectExtension(EXTENSION_ID, Extension);
    extensionManager.loadExtensionURL(EXTENSION_ID);
  } else {
    const service = extensionManager._registerInternalExtension(new Extension(runtime));
    extensionManager._loadedExtensions.set(EXTENSION_ID, service);
  }
}
