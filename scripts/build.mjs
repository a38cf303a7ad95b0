// @ts-check
/**
 * Builds `dist/`; does nothing when nothing changed.
 *
 * | file | for |
 * |---|---|
 * | `dist/mqtt.js` | Scratch editors: one classic script, the wasm inside, without what no block uses |
 * | `dist/mqtt.mjs` | Xcratch: the same as a module |
 * | `dist/plugin.js` | pages that run any script and have the virtual machine in `vm` |
 * | `dist/iot.js` | the same, with the blocks of CodeLab's extension |
 * | `dist/gallery/mqtt.js` | TurboWarp's gallery: the same, to be read by people, without the wasm |
 * | `dist/practice.js` | all of these, when a project says `practice`: a broker for a worker |
 * | `dist/convert/sb3.mjs`, `worker.js` | the start page: changes projects from CodeLab's blocks to ours |
 * | `dist/plot/uplot.mjs`, `uplot.css` | the console: what draws its plot |
 * | `dist/build.json` | the pages: which build it is |
 * | `dist/docs/` | the pages of `docs/`, as the server shows them |
 * | `dist/split/mqtt.mjs`, `mqtt_bg.wasm`, `mqtt.d.ts` | other programs |
 * | `dist/split/inline.mjs` | the same in one file, for bundlers that leave the wasm behind |
 * | `dist/pkg/` | the bindings as wasm-bindgen makes them, for the extension's sources |
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BINDINGS, CORE_INPUTS, CORE_OUTPUTS, buildCore } from './build-core.mjs';
import { SCRIPT_INPUTS, SCRIPT_OUTPUTS, bundleScripts, scriptFiles } from './bundle.mjs';
import { compressFolder } from './compress.mjs';
import { dist, writeAtomically } from './dist.mjs';
import { isMain, main, root, say, saysHelp, step } from './run.mjs';
import { describeScripts, descriptionsOf } from './shipped.mjs';
import { ensureNode, ensurePackages } from './tools.mjs';
import { buildName } from './version.mjs';

const DOCS_INPUTS = [
  'docs',
  'examples',
  'extension/blocks',
  'extension/locales',
  'extension/texts',
  'package-lock.json',
  'scripts/block-names.mjs',
  'scripts/docs.mjs',
  'scripts/markdown.mjs',
  'www/texts',
];

/** Builds everything that is out of date, and gives back its name. */
export async function build() {
  ensureNode();
  const name = await buildName();
  await buildWhatChanged(name);
  await buildDocs();
  await compressFolder(dist);
  return name;
}

/** @param {string} name */
async function buildWhatChanged(name) {
  const core = fingerprint(CORE_INPUTS);
  const all = fingerprint([...CORE_INPUTS, ...SCRIPT_INPUTS]) + name;
  const coreIsCurrent = isCurrent('core', core, CORE_OUTPUTS) && existsSync(BINDINGS);
  const scripts = scriptFiles();
  const made = [...scripts, ...SCRIPT_OUTPUTS, ...descriptionsOf(scripts)];
  if (coreIsCurrent && isCurrent('extension', all, made)) return;
  const packages = ensurePackages('.');
  if (!coreIsCurrent) {
    forget('core');
    await Promise.all([packages, buildCore()]);
    remember('core', core);
  }
  await packages;
  forget('extension');
  const bundled = await step('Bundling the extension', () => bundleScripts(name));
  await step('Listing whose code is in it', () => describeScripts(bundled, name));
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
