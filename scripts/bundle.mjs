// @ts-check
/** Everything that is made of JavaScript alone, or of that and the wasm. */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { dist, writeAtomically } from './dist.mjs';
import { GALLERY, GALLERY_ENTRY, galleryScript } from './gallery.mjs';
import { LEFT_OUT } from './licenses.mjs';
import { NOTICES } from './notices.mjs';
import { packagesIn } from './packages.mjs';
import { packedTexts } from './pack-texts.mjs';
import { practiceScript } from './practice.mjs';
import { Problem, root } from './run.mjs';

/** @typedef {import('./shipped.mjs').Script} Script */

/** Each file in it becomes one of `dist/`, under the same name. */
const EDITORS = 'extension/editors';
const PRACTICE = 'practice.js';
const CLIENTS = ['split/inline.mjs', 'split/mqtt.mjs'];
/** Entries of the client, and what else goes into the npm package. */
const NPM = 'npm';
const MAP = '.map';
const CONVERTER = ['convert/sb3.mjs', 'convert/worker.js'];
const PLOT = 'plot/uplot.mjs';
/** For pages: which build they came with. */
const NAME = 'build.json';
/** What the scripts and what is said of them is made with. */
const SCRIPTS = [
  ...['bundle', 'gallery', 'components', 'crates', 'licenses', 'notices', 'pack-texts'],
  ...['packages', 'practice', 'sbom', 'shipped'],
];
/** Beside the core. */
export const SCRIPT_INPUTS = [
  'extension',
  ...SCRIPTS.map((name) => `scripts/${name}.mjs`),
  LEFT_OUT,
  NPM,
  'www/convert',
];

/** Every script that is made, below `dist/`. */
export const scriptFiles = () => [...editors(), GALLERY, PRACTICE, ...CLIENTS, ...CONVERTER, PLOT];
/** What is made beside them. */
export const SCRIPT_OUTPUTS = [
  ...[NAME, 'convert/sb3.d.mts', 'plot/uplot.css', 'split/inline.d.mts'],
  ...CLIENTS.map((file) => file + MAP),
];

/**
 * Makes all of it, and says what is in each script.
 *
 * @param {string} build Its name, as `version.mjs` has it.
 */
export async function bundleScripts(build) {
  const esbuild = await import('esbuild');
  try {
    /** @type {Script[]} */
    const scripts = [];
    for (const editor of editors()) scripts.push(await bundleEditor(editor, build));
    scripts.push(await bundleGallery(build));
    for (const client of CLIENTS) scripts.push(await bundleClient(client, build));
    const types = "export * from './mqtt.mjs';\nexport { default } from './mqtt.mjs';\n";
    writeAtomically(join(dist, 'split', 'inline.d.mts'), types);
    scripts.push(await bundlePractice(build));
    for (const file of CONVERTER) scripts.push(await bundleConverter(file, build));
    scripts.push(await bundlePlot(build));
    writeAtomically(join(dist, NAME), `${JSON.stringify({ build })}\n`);
    return scripts;
  } catch (error) {
    const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
    if (errors === undefined) throw error;
    const messages = await esbuild.formatMessages(errors, { kind: 'error' });
    throw new Problem(`Bundling the extension failed.\n\n${messages.join('\n')}`);
  } finally {
    await esbuild.stop();
  }
}

/** The names of the scripts for editors, as they are shipped. */
function editors() {
  const entries = readdirSync(join(root, EDITORS), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return files.sort();
}

/**
 * Sources and the wasm into one script, or into one module.
 *
 * @param {string} file The name of its entry.
 * @param {string} build
 */
async function bundleEditor(file, build) {
  const entry = join(EDITORS, file);
  /** @type {import('esbuild').BuildOptions} */
  const options = {
    entryPoints: [entry],
    format: file.endsWith('.mjs') ? 'esm' : 'iife',
    plugins: [compressedWasm, packedTexts],
    banner: { js: galleryComments(readFileSync(join(root, entry), 'utf8')) + header(build) },
  };
  const { text, packages } = await bundled(options, build);
  // A packager wraps the file in a function: without a newline a last comment would hide the end.
  writeAtomically(join(dist, file), `${text.trimEnd()}\n`);
  return { file, packages, hasCore: true };
}

/** The edition for TurboWarp's gallery. @param {string} build */
async function bundleGallery(build) {
  const comments = galleryComments(readFileSync(join(root, GALLERY_ENTRY), 'utf8'));
  const { text, packages } = await galleryScript(
    (options) => bundled(options, build),
    comments + header(build),
    build,
  );
  writeAtomically(join(dist, GALLERY), text);
  return { file: GALLERY, packages, hasCore: true };
}

/** The lines with which an entry begins, and which galleries of extensions read. @param {string} source */
function galleryComments(source) {
  return /^(\/\/ \w+: .*\n)*/.exec(source)?.[0] ?? '';
}

/**
 * The bindings and the JavaScript of the core itself (`src/browser/*.js`) into one module.
 *
 * @param {string} file
 * @param {string} build
 */
async function bundleClient(file, build) {
  /** @type {import('esbuild').BuildOptions} */
  const options = {
    entryPoints: [join(NPM, `${basename(file, '.mjs')}.js`)],
    outfile: join(dist, file),
    format: 'esm',
    charset: 'utf8',
    // Node prints the whole line in which an error was thrown.
    lineLimit: 500,
    loader: { '.wasm': 'binary' },
    plugins: [withoutDefaultWasm],
    sourcemap: 'linked',
    // Not paths of the computer that builds: they would lead out of the package.
    sourceRoot: 'scratch-mqtt:///',
  };
  const { text, map, packages } = await bundled(options, build);
  writeAtomically(join(dist, file), text);
  writeAtomically(join(dist, file + MAP), map);
  return { file, packages, hasCore: true };
}

/** @param {string} build */
async function bundlePractice(build) {
  const { text, packages } = await practiceScript((options) => bundled(options, build));
  writeAtomically(join(dist, PRACTICE), text);
  return { file: PRACTICE, packages, hasCore: false };
}

/**
 * The converter with what unpacks and packs projects; its types are those of its source.
 *
 * @param {string} file
 * @param {string} build
 */
async function bundleConverter(file, build) {
  const name = basename(file, extname(file));
  /** @type {import('esbuild').BuildOptions} */
  const options = {
    entryPoints: [`www/convert/${name}.js`],
    // A classic script for the worker: not every browser knows modules in workers.
    format: file.endsWith('.mjs') ? 'esm' : 'iife',
  };
  const { text, packages } = await bundled(options, build);
  writeAtomically(join(dist, file), text);
  if (file.endsWith('.mjs')) {
    const types = `export * from '../../www/convert/${name}.js';\n`;
    writeAtomically(join(dist, 'convert', `${name}.d.mts`), types);
  }
  return { file, packages, hasCore: false };
}

/** The library that draws the plot of the console, with its license. @param {string} build */
async function bundlePlot(build) {
  const folder = join(root, 'node_modules', 'uplot');
  const license = `/*! uPlot\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/\n`;
  const banner = { js: header(build) + license.trimEnd() };
  /** @type {import('esbuild').BuildOptions} */
  const options = { entryPoints: ['uplot'], format: 'esm', banner };
  const { text, packages } = await bundled(options, build);
  writeAtomically(join(dist, PLOT), text);
  const style = readFileSync(join(folder, 'dist', 'uPlot.min.css'), 'utf8');
  writeAtomically(join(dist, 'plot', 'uplot.css'), license + style);
  return { file: PLOT, packages, hasCore: false };
}

/** With which every script begins, after what galleries read. @param {string} build */
function header(build) {
  return `// Version: ${build}\n// Notices: ${NOTICES}, beside this file\n`;
}

/**
 * The script, its source map if it has one, and the npm packages that are in it.
 *
 * @param {import('esbuild').BuildOptions} options
 * @param {string} build
 */
async function bundled(options, build) {
  const { outputFiles, metafile } = await bundle(options, build);
  const map = outputFiles?.find(({ path }) => path.endsWith(MAP));
  const script = outputFiles?.find((file) => file !== map);
  if (script === undefined || metafile === undefined) throw new Error('esbuild gave no file');
  return { text: script.text, map: map?.text ?? '', packages: packagesIn(metafile) };
}

/** @param {import('esbuild').BuildOptions} options @param {string} build */
async function bundle(options, build) {
  const esbuild = await import('esbuild');
  return esbuild.build({
    absWorkingDir: root,
    bundle: true,
    // ASCII, because a host may serve or wrap the file without saying that it is UTF-8.
    charset: 'ascii',
    target: 'es2020',
    platform: 'browser',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
    banner: { js: header(build) },
    ...options,
    define: { SCRATCH_MQTT_BUILD: JSON.stringify(build), ...options.define },
    write: false,
  });
}

/**
 * A `.wasm` that is imported becomes its bytes, compressed with LZMA: a sixth smaller than with
 * gzip, and a web server's own compression then takes off what base64 adds.
 *
 * @type {import('esbuild').Plugin}
 */
const compressedWasm = {
  name: 'compressed-wasm',
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
      const { compress } = await import('lzma1');
      return { contents: compress(readFileSync(path), 9), loader: 'binary' };
    });
  },
};

/**
 * The bindings without the place of the wasm: our entries know it, and a bundler that found it here too would take
 * a file along that nothing loads.
 *
 * @type {import('esbuild').Plugin}
 */
const withoutDefaultWasm = {
  name: 'without-default-wasm',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]split[\\/]mqtt\.js$/ }, ({ path }) => {
      const parts = readFileSync(path, 'utf8').split("new URL('mqtt_bg.wasm', import.meta.url)");
      if (parts.length !== 2) throw new Error(`${path} names the wasm elsewhere than it did`);
      return { contents: parts.join('undefined'), loader: 'js' };
    });
  },
};
