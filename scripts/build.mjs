// @ts-check
/**
 * Builds `dist/`; does nothing when nothing changed.
 *
 * | file | for |
 * |---|---|
 * | `dist/mqtt.js` | Scratch hosts: one classic script, the wasm inside, without what no block uses |
 * | `dist/mqtt.mjs` | Xcratch: the same as a module |
 * | `dist/plugin.js` | pages that run any script and have the virtual machine in `vm` |
 * | `dist/iot.js` | the same, with the blocks of CodeLab's extension |
 * | `dist/practice.js` | all of these, when a project says `practice`: a broker for a worker |
 * | `dist/convert/sb3.mjs`, `worker.js` | the start page: changes projects from CodeLab's blocks to ours |
 * | `dist/plot/uplot.mjs`, `uplot.css` | the console: what draws its plot |
 * | `dist/docs/` | the pages of `docs/`, as the server shows them |
 * | `dist/split/mqtt.mjs`, `mqtt_bg.wasm`, `mqtt.d.ts` | other programs |
 * | `dist/pkg/` | the bindings as wasm-bindgen makes them, for the extension's sources |
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compressFolder } from './compress.mjs';
import { packedTexts } from './pack-texts.mjs';
import { practiceScript } from './practice.mjs';
import { Problem, isMain, main, root, run, say, saysHelp, step } from './run.mjs';
import { ensureNode, ensurePackages, ensureRust, ensureWasmBindgen } from './tools.mjs';

const dist = join(root, 'dist');
const cache = join(root, '.cache', 'build');
const CORE_INPUTS = [
  'Cargo.toml',
  'Cargo.lock',
  'src',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/import-names.mjs',
  'scripts/panics.mjs',
];
const CORE_OUTPUTS = [
  'pkg/mqtt.js',
  'pkg/mqtt.d.ts',
  'pkg/mqtt_bg.wasm',
  'pkg/mqtt_bg.wasm.d.ts',
  'split/mqtt.mjs',
  'split/mqtt.d.ts',
  'split/mqtt.d.mts',
  'split/mqtt_bg.wasm',
];
/** Inlines a function only where that makes the code hardly longer: a tenth less wasm, as fast. */
const LESS_INLINED = '-Cllvm-args=-inline-threshold=30';
/** wasm-bindgen's classes have `[Symbol.dispose]`, which no numbered library of TypeScript declares yet. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';
const DOCS_INPUTS = [
  'docs',
  'examples',
  'extension/blocks',
  'extension/locales',
  'package-lock.json',
  'scripts/block-names.mjs',
  'scripts/docs.mjs',
  'scripts/markdown.mjs',
  'www/texts',
];
const CONVERTER_INPUT = 'www/convert';
const CONVERTER = ['convert/sb3.mjs', 'convert/sb3.d.mts', 'convert/worker.js'];
const PRACTICE = 'practice.js';
const PLOT = ['plot/uplot.mjs', 'plot/uplot.css'];
/** Each file in it becomes one of `dist/`, under the same name. */
const HOSTS = 'extension/hosts';

/** Builds everything that is out of date. */
export async function build() {
  ensureNode();
  await buildWhatChanged();
  await buildDocs();
  await compressFolder(dist);
}

async function buildWhatChanged() {
  const core = fingerprint(CORE_INPUTS);
  const scripts = ['scripts/licenses.mjs', 'scripts/pack-texts.mjs', 'scripts/practice.mjs'];
  const all = fingerprint([...CORE_INPUTS, 'extension', CONVERTER_INPUT, ...scripts]);
  const coreIsCurrent = isCurrent('core', core, CORE_OUTPUTS);
  const made = [...hosts(), PRACTICE, ...CONVERTER, ...PLOT];
  if (coreIsCurrent && isCurrent('extension', all, made)) return;
  const packages = ensurePackages('.');
  if (!coreIsCurrent) {
    forget('core');
    await Promise.all([packages, buildCore()]);
    remember('core', core);
  }
  await packages;
  forget('extension');
  await step('Bundling the extension', bundleScripts);
  remember('extension', all);
}

/** The pages of the documentation; quick, so all of them are made again. */
async function buildDocs() {
  const inputs = fingerprint(DOCS_INPUTS);
  if (isCurrent('docs', inputs, ['docs/index.html'])) return;
  await ensurePackages('.');
  forget('docs');
  await step('Making the pages of the documentation', async () => {
    const { makeDocs } = await import('./docs.mjs');
    makeDocs(join(dist, 'docs'), writeAtomically);
  });
  remember('docs', inputs);
}

/** Rust to wasm, its bindings, and fewer bytes. */
async function buildCore() {
  await ensureRust();
  const bindgen = await ensureWasmBindgen();
  const target = join(root, 'target');
  rmSync(cache, { recursive: true, force: true });
  await compile('Compiling the core to wasm', target, 'release', [], LESS_INLINED);
  await bind(bindgen, compiled(target, 'release'), 'split');
  const title = 'Compiling it again, as small as possible, for the blocks';
  await compile(title, target, 'blocks', ['--no-default-features']);
  await bind(bindgen, compiled(target, 'blocks'), 'pkg', '--omit-default-module-path');
  await ensurePackages('.');
  await Promise.all(['split', 'pkg'].map((folder) => shrink(join(cache, folder, 'mqtt_bg.wasm'))));

  for (const entry of readdirSync(join(cache, 'pkg'), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile()) publish(join('pkg', relative(join(cache, 'pkg'), file)), file);
  }
  publish('split/mqtt_bg.wasm', join(cache, 'split', 'mqtt_bg.wasm'));
  await bundleBindings();
  const types = DISPOSABLE + readFileSync(join(cache, 'split', 'mqtt.d.ts'), 'utf8');
  writeAtomically(join(dist, 'split', 'mqtt.d.ts'), types);
  writeAtomically(join(dist, 'split', 'mqtt.d.mts'), types);
}

/**
 * @param {string} title
 * @param {string} target
 * @param {string} profile One of Cargo.toml.
 * @param {string[]} more
 * @param {string} [flags] For rustc.
 */
async function compile(title, target, profile, more, flags = '') {
  const cargo = ['build', '--profile', profile, '--locked', '--lib'];
  const place = ['--target', 'wasm32-unknown-unknown', '--target-dir', target];
  await run(title, 'cargo', [...cargo, ...place, ...more], {
    // The home folder of who builds is nobody's business, and the file does not depend on it.
    env: { RUSTFLAGS: `${remapped()} ${flags}`.trim(), CARGO_TERM_COLOR: 'never' },
  });
}

/** @param {string} target @param {string} profile */
function compiled(target, profile) {
  return join(target, 'wasm32-unknown-unknown', profile, 'scratch_mqtt.wasm');
}

/** The bindings and the JavaScript of the core itself (`src/browser/*.js`) into one module. */
async function bundleBindings() {
  const esbuild = await import('esbuild');
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [join(cache, 'split', 'mqtt.js')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2020',
    platform: 'browser',
    logLevel: 'silent',
  });
  writeAtomically(join(dist, 'split', 'mqtt.mjs'), outputFiles[0]?.contents ?? '');
}

export function remapped() {
  const { env } = process;
  const home = env.HOME ?? '';
  const places = {
    [env.CARGO_HOME ?? join(home, '.cargo')]: 'cargo',
    // The sources of the standard library, when they are installed.
    [env.RUSTUP_HOME ?? join(home, '.rustup')]: 'rustup',
    [root]: '.',
  };
  const flags = Object.entries(places).map(([path, name]) => `--remap-path-prefix=${path}=${name}`);
  return [env.RUSTFLAGS ?? '', ...flags].join(' ').trim();
}

/**
 * @param {string} program
 * @param {string} wasm
 * @param {string} folder Below the cache.
 * @param {string[]} more
 */
async function bind(program, wasm, folder, ...more) {
  const args = [
    '--target',
    'web',
    '--out-name',
    'mqtt',
    '--out-dir',
    join(cache, folder),
    ...more,
    wasm,
  ];
  await run(`Making the bindings of ${folder}/`, program, args);
  const { withShortImports } = await import('./import-names.mjs');
  const made = join(cache, folder, 'mqtt_bg.wasm');
  const glue = join(cache, folder, 'mqtt.js');
  const short = withShortImports(readFileSync(made), readFileSync(glue, 'utf8'));
  writeFileSync(made, short.wasm);
  writeFileSync(glue, short.bindings);
}

/** @param {string} file */
async function shrink(file) {
  const { withoutPanicTexts } = await import('./panics.mjs');
  writeFileSync(file, withoutPanicTexts(readFileSync(file)).bytes);
  await optimize(file, '-Oz', '--converge');
}

/**
 * @param {string} file
 * @param {string[]} level
 */
export async function optimize(file, ...level) {
  const program = join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');
  const features = [
    '--enable-bulk-memory',
    '--enable-multivalue',
    '--enable-mutable-globals',
    '--enable-nontrapping-float-to-int',
    '--enable-reference-types',
    '--enable-sign-ext',
  ];
  const args = [
    program,
    file,
    '-o',
    file,
    ...level,
    '--strip-debug',
    '--strip-producers',
    ...features,
  ];
  await run('Optimizing the wasm', process.execPath, args);
}

/** Everything that is made of JavaScript alone, or of that and the wasm. */
async function bundleScripts() {
  const esbuild = await import('esbuild');
  try {
    for (const host of hosts()) await bundleScript(host);
    writeAtomically(join(dist, PRACTICE), await practiceScript(bundle));
    await bundleConverter();
    await bundlePlot();
  } catch (error) {
    const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
    if (errors === undefined) throw error;
    const messages = await esbuild.formatMessages(errors, { kind: 'error' });
    throw new Problem(`Bundling the extension failed.\n\n${messages.join('\n')}`);
  } finally {
    await esbuild.stop();
  }
}

/** The names of the scripts for hosts, as they are shipped. */
function hosts() {
  const entries = readdirSync(join(root, HOSTS), { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/**
 * Sources and the wasm into one script, or into one module.
 *
 * @param {string} host The name of its entry.
 */
async function bundleScript(host) {
  const entry = join(HOSTS, host);
  const text = await bundled({
    entryPoints: [entry],
    format: host.endsWith('.mjs') ? 'esm' : 'iife',
    plugins: [compressedWasm, packedTexts],
    banner: { js: galleryComments(readFileSync(join(root, entry), 'utf8')) },
  });
  // A packager wraps the file in a function: without a newline a last comment would hide the end.
  writeAtomically(join(dist, host), `${text.trimEnd()}\n`);
}

/** The lines with which an entry begins, and which galleries of extensions read. @param {string} source */
function galleryComments(source) {
  return /^(\/\/ \w+: .*\n)*/.exec(source)?.[0] ?? '';
}

/** The converter with what unpacks and packs projects; its types are those of its source. */
async function bundleConverter() {
  const text = await bundled({ entryPoints: ['www/convert/sb3.js'], format: 'esm' });
  writeAtomically(join(dist, 'convert', 'sb3.mjs'), text);
  writeAtomically(
    join(dist, 'convert', 'sb3.d.mts'),
    "export * from '../../www/convert/sb3.js';\n",
  );
  // A classic script: not every browser knows modules in workers.
  const worker = await bundled({ entryPoints: ['www/convert/worker.js'], format: 'iife' });
  writeAtomically(join(dist, 'convert', 'worker.js'), worker);
}

/** The library that draws the plot of the console, with its license. */
async function bundlePlot() {
  const folder = join(root, 'node_modules', 'uplot');
  const license = `/*! uPlot\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/\n`;
  const script = await bundled({ entryPoints: ['uplot'], format: 'esm' });
  writeAtomically(join(dist, 'plot', 'uplot.mjs'), license + script);
  const style = readFileSync(join(folder, 'dist', 'uPlot.min.css'), 'utf8');
  writeAtomically(join(dist, 'plot', 'uplot.css'), license + style);
}

/** @param {import('esbuild').BuildOptions} options */
async function bundled(options) {
  const { outputFiles } = await bundle(options);
  const [script] = outputFiles ?? [];
  if (script === undefined) throw new Error('esbuild gave no file');
  return script.text;
}

/** @param {import('esbuild').BuildOptions} options */
async function bundle(options) {
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
    ...options,
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
 * One number for the content of all files.
 *
 * @param {string[]} inputs Files and folders of the repository.
 */
function fingerprint(inputs) {
  const hash = createHash('sha256').update(process.env.RUSTFLAGS ?? '');
  for (const path of inputs.flatMap((input) => files(join(root, input)))) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function files(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(join(path, name)));
}

/**
 * @param {string} name
 * @param {string} hash
 * @param {string[]} outputs
 */
function isCurrent(name, hash, outputs) {
  const stamp = stampOf(name);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) return false;
  return outputs.every((output) => existsSync(join(dist, output)));
}

/**
 * @param {string} name
 * @param {string} hash
 */
function remember(name, hash) {
  writeAtomically(stampOf(name), hash);
}

/** Half of the outputs may be new when a build ends early: nothing is current then. @param {string} name */
function forget(name) {
  rmSync(stampOf(name), { force: true });
}

/** @param {string} name */
function stampOf(name) {
  return join(root, '.cache', `${name}.stamp`);
}

/**
 * @param {string} output Below `dist/`.
 * @param {string} source
 */
function publish(output, source) {
  writeAtomically(join(dist, output), readFileSync(source));
}

/**
 * Whoever reads the file meanwhile sees the old or the new one, never half of it.
 *
 * @param {string} path
 * @param {string | Uint8Array} content
 */
function writeAtomically(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const half = `${path}.${process.pid}`;
  writeFileSync(half, content);
  renameSync(half, path);
}

const HELP = `npm run build

Writes dist/: the extension, and MqttClient in dist/split/. What has not changed is not built again.
The first time it compiles for some minutes. Press Ctrl+C to stop.

  --help   this text`;

if (isMain(import.meta.url)) {
  await main(async () => {
    if (saysHelp(HELP)) return;
    await build();
    const { size } = statSync(join(dist, 'mqtt.js'));
    say(`dist/mqtt.js is up to date, ${size.toLocaleString('en')} bytes`);
  });
}
