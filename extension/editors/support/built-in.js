// @ts-check

/** @typedef {import('./scratch.js').ScratchApi} ScratchApi */

/**
 * Whether an editor has an extension, or brings it along. An official virtual machine tells only by
 * loading it, which is what a project that asks for it wants anyway.
 *
 * @param {ScratchApi['vm']} vm absent in a sandbox, where this cannot be known
 * @param {string} id
 * @returns {boolean}
 */
export function isThere(vm, id) {
  const manager = vm?.extensionManager;
  if (!manager) return false;
  if (manager.isBuiltinExtension?.(id)) return true;
  if (!manager.isExtensionLoaded?.(id)) manager.loadExtensionIdSync?.(id);
  return manager.isExtensionLoaded?.(id) === true;
}
