// @ts-check
/**
 * `npm run package`: the class server with the pages and the Scratch editor inside, as one file for a
 * computer with no Rust, no Node and no internet. It is made for the system that it is made on.
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { build, remapped } from './build.mjs';
import { compileServer } from './broker.mjs';
import { EDITOR_SOURCE, editorDir, editorTerms, ensureEditor } from './editor.mjs';
import { licensesIn } from './licenses.mjs';
import { capture, isMain, main, root, say, step } from './run.mjs';
import { ensureNode, ensurePackages, ensureRust } from './tools.mjs';

/** What the pages are made of, in the repository. */
const FOLDERS = ['www', 'dist', 'extension', 'examples'];
const COMPRESSED = '.gz';

const files = join(root, '.cache', 'package');
const windows = process.platform === 'win32';
const { version: VERSION } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The one file. */
export const packaged = join(
  root,
  'package',
  `scratch-mqtt-${VERSION}-${process.platform}-${process.arch}${windows ? '.exe' : ''}`,
);

/**
 * Makes the one file; quick when nothing changed.
 *
 * @param {string} [file] Where.
 * @param {'packed' | 'server'} [profile] One of Cargo.toml: `server` is built in less than half the time, for tests.
 */
export async function makePackage(file = packaged, profile = 'packed') {
  ensureNode();
  await ensureRust();
  await Promise.all([ensurePackages('.').then(ensureEditor), build()]);
  await step('Collecting the files of the pages', collect);
  const made = await compileServer('Compiling the class server, with the pages inside', profile, {
    more: ['--features', 'packed'],
    env: { RUSTFLAGS: remapped(), SCRATCH_MQTT_FILES: files },
  });
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(made, file);
  chmodSync(file, 0o755);
}

/** What goes inside, compressed where that is worth it. */
async function collect() {
  rmSync(files, { recursive: true, force: true });
  for (const folder of FOLDERS) copySmallest(join(root, folder), join(files, folder));
  copySmallest(editorDir, join(files, 'editor'));
  writeFileSync(join(files, 'www', 'licenses.txt'), await licenses());
}

/** Copies a folder; of a file that has a compressed copy, only that. @param {string} from @param {string} to */
function copySmallest(from, to) {
  const names = new Set(readdirSync(from, { recursive: true, encoding: 'utf8' }));
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !names.has(path.slice(from.length + 1) + COMPRESSED),
  });
}

/** What the licenses of everything inside ask to be passed on. */
async function licenses() {
  const own = readFileSync(join(root, 'LICENSE'), 'utf8');
  const parts = [
    ['Scratch MQTT', own],
    [`The Scratch editor, a work of its own. Its source: ${EDITOR_SOURCE}`, editorTerms()],
    ...(await ofCrates()),
    ...ofPackages(['fflate', 'lzma1', 'uplot']),
  ];
  const line = '='.repeat(80);
  return parts.map(([title, text]) => `${line}\n${title}\n${line}\n\n${text}\n`).join('\n');
}

/** Every crate of the workspace: what is in the program and in the wasm, and some more. @returns {Promise<[string, string][]>} */
async function ofCrates() {
  const args = ['metadata', '--locked', '--format-version', '1', '--features', 'packed'];
  const manifest = ['--manifest-path', join(root, 'server', 'Cargo.toml')];
  const { stdout } = await capture('cargo', [...args, ...manifest]);
  /** @type {{ packages: { name: string, version: string, license: string, source: string | null, manifest_path: string }[] }} */
  const { packages } = JSON.parse(stdout);
  return packages
    .filter(({ source }) => source !== null)
    .map(({ name, version, license, manifest_path }) => [
      `${name} ${version} (${license})`,
      licensesIn(dirname(manifest_path)) || license,
    ]);
}

/** @param {string[]} names @returns {[string, string][]} */
function ofPackages(names) {
  return names.map((name) => [name, licensesIn(join(root, 'node_modules', name))]);
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await makePackage();
    const megabytes = Math.round(statSync(packaged).size / 1e6);
    say(`The class server is one file of ${megabytes} MB: ${packaged}`);
  });
}
