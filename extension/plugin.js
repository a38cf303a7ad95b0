// @ts-check
/**
 * The entry of `plugin.js`: for a page that has the virtual machine in its global `vm` and runs any
 * script, such as a plugin of E羊icques or a line in the console of the browser.
 */
import { EXTENSION_ID } from './blocks.js';
import { ScratchMqtt } from './extension.js';
import { sharedBridge } from './shared-bridge.js';

const { vm } = /** @type {any} */ (globalThis);

if (vm && !vm.extensionManager.isExtensionLoaded(EXTENSION_ID)) {
  const { extensionManager, runtime } = vm;
  const blocks = new ScratchMqtt(sharedBridge({ vm }, runtime));
  const service = extensionManager._registerInternalExtension(blocks);
  extensionManager._loadedExtensions.set(EXTENSION_ID, service);
}
