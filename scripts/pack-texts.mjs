// @ts-check
/** The texts of all languages in few bytes, for `dist/mqtt.js`. */
import { join } from 'node:path';
import { ABSENT } from '../extension/texts/tables.js';
import { root } from './run.mjs';

/** @typedef {typeof import('../extension/texts/languages.js')} Languages */
/** @typedef {typeof import('../extension/locales/index.js')} Locales */

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
      try {
        const texts = allTexts(await textsOnDisk());
        return { contents: compress(new TextEncoder().encode(texts), 9), loader: 'binary' };
      } catch (error) {
        const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
        if (errors === undefined) throw error;
        return { errors };
      }
    });
  },
};

/**
 * As they are now: what this program itself imported is as old as its start. What is no JSON is an
 * error with its file and line.
 *
 * @returns {Promise<Languages & Locales>}
 */
async function textsOnDisk() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: `export * from './texts/languages.js'; export * from './locales/index.js';`,
      resolveDir: join(root, 'extension'),
    },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  const module = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return import(`data:text/javascript;base64,${module}`);
}

/**
 * All tables as one text, which `extension/texts/tables.js` reads: solid, it needs fewer bytes.
 *
 * @param {Pick<Languages, 'LANGUAGES'> & Locales} from
 */
export function allTexts({ LANGUAGES, LOCALES }) {
  const tables = LANGUAGES.map(
    (language) => /** @type {Readonly<Record<string, string>>} */ (LOCALES[language]),
  );
  const keys = [...new Set(tables.flatMap((table) => Object.keys(table)))];
  return [keys, ...tables.map((table) => keys.map((key) => table[key] ?? ABSENT))]
    .flat()
    .join('\0');
}
