// @ts-check
/** Everything that is made of JavaScript alone, or of that and the wasm. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BINDINGS } from './build-core.mjs';
import { dist, writeAtomically } from './dist.mjs';
import { packedTexts } from './pack-texts.mjs';
import { practiceScript } from './practice.mjs';
import { Problem, root } from './run.mjs';

/** Each file in it becomes one of `dist/`, under the same name. */
const EDITORS = 'extension/editors';
const PRACTICE = 'practice.js';
const CLIENT = 'split/mqtt.mjs';
/** For pages: which build they came with. */
const NAME = 'build.json';
/** Beside the core. */
export const SCRIPT_INPUTS = [
  'extension',
  'scripts/bundle.mjs',
  'scripts/licenses.mjs',
  'scripts/pack-texts.mjs',
  'scripts/practice.mjs',
  'www/convert',
];

/** What is made, below `dist/`. */
export function scriptOutputs() {
  const converter = ['convert/sb3.mjs', 'convert/sb3.d.mts', 'convert/worker.js'];
  return [NAME, ...editors(), PRACTICE, CLIENT, ...converter, 'plot/uplot.mjs', 'plot/uplot.css'];
}

/** Makes all of it. @param {string} build its name, as `version.mjs` has it */
export async function bundleScripts(build) {
  const esbuild = await import('esbuild');
  try {
    for (const editor of editors()) await bundleScript(editor, build);
    await bundleClient(build);
    const practice = await practiceScript((options) => bundle(options, build));
    writeAtomically(join(dist, PRACTICE), practice);
    await bundleConverter(build);
    await bundlePlot(build);
    writeAtomically(join(dist, NAME), `${JSON.stringify({ build })}\n`);
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
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/**
 * Sources and the wasm into one script, or into one module.
 *
 * @param {string} editor The name of its entry.
 * @param {string} build
 */
async function bundleScript(editor, build) {
  const entry = join(EDITORS, editor);
  const text = await bundled(
    {
      entryPoints: [entry],
      format: editor.endsWith('.mjs') ? 'esm' : 'iife',
      plugins: [compressedWasm, packedTexts],
      banner: { js: galleryComments(readFileSync(join(root, entry), 'utf8')) + versionLine(build) },
    },
    build,
  );
  // A packager wraps the file in a function: without a newline a last comment would hide the end.
  writeAtomically(join(dist, editor), `${text.trimEnd()}\n`);
}

/** The lines with which an entry begins, and which galleries of extensions read. @param {string} source */
function galleryComments(source) {
  return /^(\/\/ \w+: .*\n)*/.exec(source)?.[0] ?? '';
}

/** The first line of every script that has no others. @param {string} build */
const versionLine = (build) => `// Version: ${build}`;

/** The bindings and the JavaScript of the core itself (`src/browser/*.js`) into one module. @param {string} build */
async function bundleClient(build) {
  const text = await bundled({ entryPoints: [BINDINGS], format: 'esm', charset: 'utf8' }, build);
  writeAtomically(join(dist, CLIENT), text);
}

/** The converter with what unpacks and packs projects; its types are those of its source. @param {string} build */
async function bundleConverter(build) {
  const text = await bundled({ entryPoints: ['www/convert/sb3.js'], format: 'esm' }, build);
  writeAtomically(join(dist, 'convert', 'sb3.mjs'), text);
  writeAtomically(
    join(dist, 'convert', 'sb3.d.mts'),
    "export * from '../../www/convert/sb3.js';\n",
  );
  // A classic script: not every browser knows modules in workers.
  const source = 'www/convert/worker.js';
  const worker = await bundled({ entryPoints: [source], format: 'iife' }, build);
  writeAtomically(join(dist, 'convert', 'worker.js'), worker);
}

/** The library that draws the plot of the console, with its license. @param {string} build */
async function bundlePlot(build) {
  const folder = join(root, 'node_modules', 'uplot');
  const license = `/*! uPlot\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/\n`;
  const banner = { js: `${versionLine(build)}\n${license.trimEnd()}` };
  const script = await bundled({ entryPoints: ['uplot'], format: 'esm', banner }, build);
  writeAtomically(join(dist, 'plot', 'uplot.mjs'), script);
  const style = readFileSync(join(folder, 'dist', 'uPlot.min.css'), 'utf8');
  writeAtomically(join(dist, 'plot', 'uplot.css'), license + style);
}

/** @param {import('esbuild').BuildOptions} options @param {string} build */
async function bundled(options, build) {
  const { outputFiles } = await bundle(options, build);
  const [script] = outputFiles ?? [];
  if (script === undefined) throw new Error('esbuild gave no file');
  return script.text;
}

/** @param {import('esbuild').BuildOptions} options @param {string} build */
async function bundle(options, build) {
  const esbuild = await import('esbuild');
  return esbuild.build({
    absWorkingDir: root,
    bundle: true,
    // ASCII, because an editor may serve or wrap the file without saying that it is UTF-8.
    charset: 'ascii',
    target: 'es2020',
    platform: 'browser',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    banner: { js: versionLine(build) },
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
