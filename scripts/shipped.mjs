// @ts-check
/**
 * What is shipped, and others' code in it: beside each script lie its list for programs (`mqtt.js.cdx.json`)
 * and, for all scripts of its folder, the notices for people. `--check` says what is missing.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { merged } from './components.mjs';
import { cratesIn } from './crates.mjs';
import { dist, writeAtomically } from './dist.mjs';
import { NOTICES, leftOvers, noticesOf, problemsOf } from './notices.mjs';
import { editorComponent, packagesNamed } from './packages.mjs';
import { Problem, isMain, main } from './run.mjs';
import { SBOM, sbomOf } from './sbom.mjs';

/** @typedef {import('./components.mjs').Component} Component */
/** One that was built. @typedef {{ file: string, hasCore: boolean, packages: readonly string[] }} Script */

const NPM = 'pkg:npm/';

/** The crates in the wasm. */
const coreComponents = () =>
  cratesIn('scratch-mqtt', 'wasm32-unknown-unknown', ['browser', 'allocator']);

/**
 * Writes lists and notices of the scripts in `dist/`.
 *
 * @param {readonly Script[]} scripts
 * @param {string} build Its name.
 */
export async function describeScripts(scripts, build) {
  const core = await coreComponents();
  /** @type {Map<string, { files: string[], components: Component[] }>} */
  const folders = new Map();
  for (const { file, hasCore, packages } of scripts) {
    const components = [...(hasCore ? core : []), ...packagesNamed(packages)];
    const bytes = readFileSync(join(dist, file));
    const artifact = /** @type {const} */ ({ name: file, version: build, type: 'library', bytes });
    writeAtomically(join(dist, file + SBOM), await sbomOf(artifact, components));
    const folder = folders.get(dirname(file)) ?? { files: [], components: [] };
    folders.set(dirname(file), folder);
    folder.files.push(file);
    folder.components.push(...components);
  }
  for (const [folder, { files, components }] of folders) {
    writeAtomically(join(dist, folder, NOTICES), noticesOf(files.join(', '), components));
  }
}

/** What {@link describeScripts} writes. @param {readonly string[]} files The scripts. */
export function descriptionsOf(files) {
  const folders = new Set(files.map((file) => dirname(file)));
  return [
    ...files.map((file) => file + SBOM),
    ...[...folders].map((folder) => join(folder, NOTICES)),
  ];
}

/** All that is in the one file of `npm run package`. @param {string} target As `rustc` names it. */
export async function serverComponents(target) {
  return merged([...(await ownServerComponents(target)), editorComponent()]);
}

/** All that is on the website. */
export async function siteComponents() {
  return merged([
    ...(await coreComponents()),
    ...packagesNamed(packagesInDist()),
    editorComponent(),
  ]);
}

/** Without the editor, which need not be there. @param {string} target */
async function ownServerComponents(target) {
  const server = await cratesIn('scratch-mqtt-server', target, ['packed']);
  return [...server, ...(await coreComponents()), ...packagesNamed(packagesInDist())];
}

function packagesInDist() {
  const lists = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(SBOM),
  );
  const addresses = lists.flatMap((name) => {
    /** @type {{ components?: { purl: string }[] }} */
    const { components = [] } = JSON.parse(readFileSync(join(dist, name), 'utf8'));
    return components.map(({ purl }) => purl).filter((purl) => purl.startsWith(NPM));
  });
  const names = addresses.map((purl) => purl.slice(NPM.length, purl.lastIndexOf('@')));
  return [...new Set(names)].map(decodeURIComponent).sort();
}

async function check() {
  const core = await coreComponents();
  const server = await ownServerComponents('all');
  const problems = [
    ...problemsOf('dist/', [...core, ...packagesNamed(packagesInDist())]),
    ...problemsOf('the class server', server),
    ...leftOvers(server),
  ];
  if (problems.length > 0) throw new Problem([...new Set(problems)].join('\n'));
}

if (isMain(import.meta.url)) await main(check);
