// @ts-check
import { ABOUT, CARD, CARD_TEXTS } from './about.js';

/**
 * Registers with an editor that runs the script and offers `Scratch.extensions.register`: the official
 * editor page, TurboWarp, PenguinMod, and their sandboxes. At once, because some of them look only
 * when the script has ended. A page that has no such function may look for `tempExt`, as Gandi does.
 *
 * @param {any} scratch the global `Scratch`
 * @param {new (runtime?: any) => object} Extension
 * @param {any} [page] the global object
 */
export function registerClassic(scratch, Extension, page = globalThis) {
  if (scratch.extensions) {
    scratch.extensions.register(new Extension(scratch.vm && scratch.vm.runtime));
  } else {
    page.tempExt = { Extension, info: { ...ABOUT, ...CARD }, l10n: CARD_TEXTS };
  }
}
