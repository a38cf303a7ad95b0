// @ts-check
/** The texts of all languages in few bytes, for `dist/mqtt.js`. */
import { LANGUAGES } from '../extension/texts/languages.js';
import { LOCALES } from '../extension/locales/index.js';

/** The module with all tables becomes one that unpacks them. @type {import('esbuild').Plugin} */
export const packedTexts = {
  name: 'packed-texts',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `
        import packed from 'packed:texts';
        import { tablesOf } from '../texts/tables.js';
        import { unpack } from '../packed/lzma.js';
        export const LOCALES = tablesOf(new TextDecoder().decode(unpack(packed)));`,
    }));
    onResolve({ filter: /^packed:texts$/ }, ({ path }) => ({ path, namespace: 'packed' }));
    onLoad({ filter: /.*/, namespace: 'packed' }, async () => {
      const { compress } = await import('lzma1');
      return { contents: compress(new TextEncoder().encode(allTexts()), 9), loader: 'binary' };
    });
  },
};

/** All tables as one text, which `extension/texts/tables.js` reads: solid, it needs fewer bytes. */
export function allTexts() {
  const keys = /** @type {(keyof typeof LOCALES['en'])[]} */ (Object.keys(LOCALES.en));
  const tables = LANGUAGES.map((language) => keys.map((key) => LOCALES[language][key]));
  return [keys, ...tables].flat().join('\0');
}
