// @ts-check
/**
 * `npm run package`: the class server with the pages and the Scratch editor inside, as one file for a
 * computer with no Rust, no Node and no internet. It is made for the system that it is made on, or for
 * the one that `--target` names as cargo does.
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
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { compileServer } from './broker.mjs';
import { editorDir, ensureEditor } from './editor.mjs';
import { NOTICES, noticesOf } from './notices.mjs';
import { Problem, isMain, main, root, say, step } from './run.mjs';
import { SBOM, sbomOf } from './sbom.mjs';
import { serverComponents } from './shipped.mjs';
import { ensureNode, ensurePackages, ensureRust, ensureTarget, ownTarget } from './tools.mjs';
import { VERSION } from './version.mjs';

/** What the pages are made of, in the repository. */
const FOLDERS = ['www', 'dist', 'extension', 'examples'];
const COMPRESSED = '.gz';

const files = join(root, '.cache', 'package');

/** As Node names systems and processors, by how Rust names them. */
const SYSTEMS = /** @type {const} */ ({ windows: 'win32', darwin: 'darwin', linux: 'linux' });
const PROCESSORS = /** @type {Record<string, string>} */ ({ x86_64: 'x64', aarch64: 'arm64' });

/** The one file, for this system. */
export const packaged = fileFor(process.platform, process.arch);

/**
 * Makes the one file; quick when nothing changed.
 *
 * @param {string} [file] Where.
 * @param {'packed' | 'server'} [profile] One of Cargo.toml: `server` is built in less than half the time, for tests.
 * @param {string} [target] Another system, as `rustc` names it.
 */
export async function makePackage(file = packaged, profile = 'packed', target) {
  ensureNode();
  await ensureRust();
  if (target !== undefined) await ensureTarget(target);
  const [name] = await Promise.all([build(), ensurePackages('.').then(ensureEditor)]);
  const components = await serverComponents(target ?? (await ownTarget()));
  const notices = noticesOf('the class server', components);
  await step('Collecting the files of the pages', async () => {
    collect();
    await writeFile(join(files, 'www', 'licenses.txt'), notices);
  });
  const made = await compileServer('Compiling the class server, with the pages inside', profile, {
    more: ['--features', 'packed'],
    env: { SCRATCH_MQTT_FILES: files, SCRATCH_MQTT_BUILD: name },
    target,
  });
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(made, file);
  chmodSync(file, 0o755);
  writeFileSync(`${file}-${NOTICES}`, notices);
  const bytes = readFileSync(file);
  const artifact = /** @type {const} */ ({
    name: 'scratch-mqtt',
    version: name,
    type: 'application',
    bytes,
  });
  writeFileSync(file + SBOM, await sbomOf(artifact, components));
}

/** @param {string} system @param {string} processor As Node names them. */
function fileFor(system, processor) {
  const ending = system === SYSTEMS.windows ? '.exe' : '';
  return join(root, 'package', `scratch-mqtt-${VERSION}-${system}-${processor}${ending}`);
}

/** @param {string} target */
function fileForTarget(target) {
  const [processor = ''] = target.split('-');
  const system = Object.entries(SYSTEMS).find(([name]) => target.includes(name))?.[1];
  if (system === undefined) {
    throw new Problem(
      `There is no ${target}. Systems have names like x86_64-pc-windows-gnu: rustc --print target-list`,
    );
  }
  return fileFor(system, PROCESSORS[processor] ?? processor);
}

/** What goes inside, compressed where that is worth it. */
function collect() {
  rmSync(files, { recursive: true, force: true });
  for (const folder of FOLDERS) copySmallest(join(root, folder), join(files, folder));
  copySmallest(editorDir, join(files, 'editor'));
}

/** Copies a folder; of a file that has a compressed copy, only that. @param {string} from @param {string} to */
function copySmallest(from, to) {
  const names = new Set(readdirSync(from, { recursive: true, encoding: 'utf8' }));
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !names.has(path.slice(from.length + 1) + COMPRESSED),
  });
}

const HELP = `npm run package -- [options]

Makes the class server with the pages and the Scratch editor inside, as one file in package/.
The first time it compiles for some minutes and downloads 150 MB. Press Ctrl+C to stop.

  --target SYSTEM     for another system, as rustc names it: x86_64-pc-windows-gnu, for example
  --help              this text`;

/** @param {string[]} args */
function optionsIn(args) {
  try {
    const options = /** @type {const} */ ({
      target: { type: 'string' },
      help: { type: 'boolean' },
    });
    return parseArgs({ args, options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem(`${why}\n\n${HELP}`);
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { target, help } = optionsIn(process.argv.slice(2));
    if (help) {
      say(HELP);
      return;
    }
    const file = target === undefined ? packaged : fileForTarget(target);
    await makePackage(file, 'packed', target);
    const megabytes = Math.round(statSync(file).size / 1e6);
    say(`The class server is one file of ${megabytes} MB: ${file}`);
  });
}
