// @ts-check
/**
 * The edition for TurboWarp's gallery, `dist/gallery/mqtt.js`: readable, in one function, without the wasm and with texts that
 * the gallery can translate. `docs/editors/gallery.md` has its rules.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';
import { VERSION } from './version.mjs';

export const GALLERY = 'gallery/mqtt.js';
/** What {@link GALLERY_WASM} is, in `dist/` and in the npm package. */
export const WASM = 'pkg/mqtt_bg.wasm';
/** Libraries of an extension come from here only, in an exact version. */
export const GALLERY_WASM = `https://cdn.jsdelivr.net/npm/scratch-mqtt@${VERSION}/${WASM}`;
const FOLDER = 'extension/gallery';
export const GALLERY_ENTRY = `${FOLDER}/mqtt.js`;
/** A constant of the script: written out, it would make conditions that are always true. */
const BUILD = 'SCRATCH_MQTT_BUILD';
const PARSER = /** @type {const} */ ({ parser: 'babel' });

/** @type {import('esbuild').Plugin} */
const forGallery = {
  name: 'for-gallery',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /[\\/]packed[\\/]load-wasm\.js$/ }, () => ({
      path: join(root, FOLDER, 'load-wasm.js'),
    }));
    onLoad({ filter: /[\\/]locales[\\/]index\.js$/ }, () => ({ contents: translatedTexts() }));
    onLoad({ filter: /[\\/]pkg[\\/]mqtt\.js$/ }, ({ path }) => ({
      contents: readable(readFileSync(path, 'utf8')),
    }));
  },
};

/**
 * Each English text by `Scratch.translate`, which the gallery finds by the word and not by what it does: the argument has to
 * be written out, and there can be no other. All other languages come from there. `{name}` would be a value that is missing,
 * so it is in brackets meanwhile, as values of blocks are, which have large letters.
 */
function translatedTexts() {
  const english = JSON.parse(readFileSync(join(root, 'extension/locales/en.json'), 'utf8'));
  const texts = Object.entries(english).map(([key, text]) => {
    const argument = JSON.stringify({ id: key, default: text.replaceAll(/\{(\w+)\}/g, '[$1]') });
    return `get ${JSON.stringify(key)}() { return withNames(Scratch.translate(${argument})); }`;
  });
  return `
    import { LANGUAGES } from './languages.js';
    const withNames = (text) => text.replace(/\\[([a-z]\\w*)\\]/g, '{$1}');
    const ENGLISH = { ${texts.join(',\n')} };
    export const LOCALES = Object.fromEntries(LANGUAGES.map((language) => [language, {}]));
    LOCALES.en = ENGLISH;`;
}

/** The bindings as a person would write them: they take bytes, ask no server, and say each name once. @param {string} bindings */
function readable(bindings) {
  const parts = bindings.split('module_or_path = fetch(module_or_path);');
  if (parts.length !== 2) throw new Error('The bindings fetch the wasm elsewhere than they did');
  /** @type {Set<string>} */
  const seen = new Set();
  return parts
    .join("throw new Error('The bytes of the WebAssembly are missing');")
    .replace('let wasmModule, wasmInstance, wasm;', 'let wasm;')
    .replaceAll(/^\s+(return this|wasmInstance = instance|wasmModule = module);\n/gm, '')
    .replaceAll(/^\s+("\.\/snippets\/.*"): \w+,\n/gm, (line, name) => {
      if (seen.has(name)) return '';
      seen.add(name);
      return line;
    });
}

/**
 * @param {(options: import('esbuild').BuildOptions) => Promise<{ text: string, packages: string[] }>} bundled
 * @param {string} comments with which it begins
 * @param {string} build
 */
export async function galleryScript(bundled, comments, build) {
  const { text, packages } = await bundled({
    entryPoints: [GALLERY_ENTRY],
    format: 'esm',
    minify: false,
    charset: 'utf8',
    target: 'es2022',
    banner: {},
    plugins: [forGallery],
    pure: ['Object.freeze'],
    define: { SCRATCH_MQTT_BUILD: BUILD, SCRATCH_MQTT_WASM: JSON.stringify(GALLERY_WASM) },
  });
  const { format } = await import('prettier');
  const checked = text.replaceAll(
    /^.*\bnew WebSocket\(.*$/gm,
    (line) =>
      `// The address was asked for by Scratch.canFetch.\n// eslint-disable-next-line extension/check-can-fetch\n${line}`,
  );
  const script = `${comments}
(function (Scratch) {
"use strict";

const ${BUILD} = ${JSON.stringify(build)};
${checked}
})(Scratch);
`;
  const once = await format(script, PARSER);
  // Its own output it may change once more.
  return { text: await format(once, PARSER), packages };
}
