// @ts-check

/**
 * Registers with a host that runs the script and offers `Scratch.extensions.register`: the official
 * editor page, TurboWarp, PenguinMod, and their sandboxes. At once, because some of them look only
 * when the script has ended.
 *
 * @param {any} scratch the global `Scratch`
 * @param {new (runtime?: any) => object} Extension
 */
export function registerClassic(scratch, Extension) {
  scratch.extensions.register(new Extension(scratch.vm && scratch.vm.runtime));
}
