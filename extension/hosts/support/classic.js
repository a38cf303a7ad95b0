// @ts-check
import { LANGUAGES } from '../../texts/languages.js';
import { text } from '../../texts/texts.js';
import { ABOUT } from './about.js';

/**
 * Registers with a host that runs the script and offers `Scratch.extensions.register`: the official
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
    page.tempExt = {
      Extension,
      // The host keeps the texts of all extensions in one table.
      info: { ...ABOUT, name: 'scratchmqtt.name', description: 'scratchmqtt.description' },
      l10n: Object.fromEntries(
        LANGUAGES.map((language) => [
          language,
          {
            'scratchmqtt.name': text(language, 'extension.name'),
            'scratchmqtt.description': text(language, 'extension.description'),
          },
        ]),
      ),
    };
  }
}
