// @ts-check
/** What a release consists of: made, looked into, and listed with size and checksum. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { build } from '../build.mjs';
import { scriptFiles } from '../bundle.mjs';
import { dist } from '../dist.mjs';
import { WASM } from '../gallery.mjs';
import { NOTICES } from '../notices.mjs';
import { CLIENT_FILES, packNpm } from '../npm.mjs';
import { makePackage } from '../package.mjs';
import { Problem, capture, root, run } from '../run.mjs';
import { SBOM, sha256 } from '../sbom.mjs';
import { descriptionsOf } from '../shipped.mjs';
import { buildSite } from '../site.mjs';
import { VERSION } from '../version.mjs';
import { entriesOf, namesIn, writeZip } from './archive.mjs';

/** Where everything lies until it is published. */
export const releaseDir = join(root, 'release');
/** For which a class server must be there, as Node names systems and processors. */
export const SYSTEMS = ['darwin-arm64', 'darwin-x64', 'linux-x64', 'win32-x64'];

/**
 * @typedef {object} Kind
 * @property {RegExp} name Of its archive.
 * @property {number} mostBytes A larger one has something in it that does not belong there.
 * @property {readonly RegExp[]} holds Files without which it is not whole.
 */

/** Of use to our pages only. */
const FOR_PAGES = /^(convert|plot)\//;
const LISTED = [/(^|\/)THIRD-PARTY-NOTICES\.txt$/, /\.cdx\.json$/, /(^|\/)LICENSE(\.txt)?$/];
const SYSTEM = `(?:${SYSTEMS.join('|')})`;

/** Every archive is of one of them. @type {Record<string, Kind>} */
export const KINDS = {
  scripts: {
    name: /-scripts\.zip$/,
    mostBytes: 4_000_000,
    holds: [/^mqtt\.js$/, /^mqtt\.mjs$/, /^practice\.js$/, /^split\/mqtt_bg\.wasm$/, ...LISTED],
  },
  // Most of it is the editor, with the moving pictures of its tutorials.
  site: {
    name: /-site\.zip$/,
    mostBytes: 100_000_000,
    holds: [/^index\.html$/, /^mqtt\.js$/, /^versions\.json$/, /^404\.html$/, ...LISTED],
  },
  'class server': {
    name: new RegExp(`^scratch-mqtt-[^/]+-${SYSTEM}\\.zip$`),
    mostBytes: 100_000_000,
    holds: [/^scratch-mqtt-[^/]+-(?:\w+)-\w+?(?:\.exe)?$/, ...LISTED],
  },
  'npm, for one system': {
    name: new RegExp(`^scratch-mqtt-${SYSTEM}-[^/]+\\.tgz$`),
    mostBytes: 100_000_000,
    holds: [/^package\/bin\/scratch-mqtt(\.exe)?$/, ...LISTED],
  },
  npm: {
    name: /^scratch-mqtt-\d[^/]*\.tgz$/,
    mostBytes: 3_000_000,
    holds: [/\/README\.md$/, /\/bin\/scratch-mqtt\.mjs$/, /\/split\/mqtt\.d\.mts$/, ...LISTED],
  },
  crate: {
    name: /\.crate$/,
    mostBytes: 250_000,
    // The code of others comes from their own crates.
    holds: [/\/Cargo\.toml$/, /\/src\/lib\.rs$/, /\/LICENSE$/],
  },
};

/** @typedef {{ path: string, kind: string, sum: string }} Artifact `sum`: SHA-256. */
/** @typedef {{ artifacts: Artifact[], notes: string, checksums: string }} Release `notes` and `checksums` are files. */

/**
 * Makes them all, in {@link releaseDir}. A class server for another system is taken from `package/`.
 *
 * @param {object} options
 * @param {string} options.name Of the build, as the sources say it.
 * @param {string} options.notes What is new, for people.
 * @param {string} [options.previous] A folder with the site that is published now: its versions stay.
 * @returns {Promise<Release>}
 */
export async function makeArtifacts({ name, notes, previous }) {
  rmSync(releaseDir, { recursive: true, force: true });
  mkdirSync(releaseDir);
  const built = await build();
  // Somebody wrote into the clone meanwhile.
  if (built !== name) throw new Problem(`The build is ${built}, and the sources were ${name}.`);
  writeScripts();
  await writeSite(previous);
  await makePackage();
  const programs = programsMade();
  for (const file of programs) writeClassServer(file);
  for (const { file } of await packNpm({ folder: join(root, '.cache', 'npm'), programs })) {
    copyFileSync(file, join(releaseDir, basename(file)));
  }
  await packCrate();
  const artifacts = await Promise.all(readdirSync(releaseDir).sort().map(look));
  const sums = artifacts.map(({ path, sum }) => `${sum}  ${basename(path)}\n`);
  const release = {
    artifacts,
    notes: join(releaseDir, 'RELEASE_NOTES.md'),
    checksums: join(releaseDir, 'SHA256SUMS'),
  };
  writeFileSync(release.notes, `${notes}\n`);
  writeFileSync(release.checksums, sums.join(''));
  return release;
}

/** The artifacts for people: name, size, checksum. @param {Release} release */
export function listOf({ artifacts }) {
  const rows = artifacts.map(({ path, sum }) => ({
    name: basename(path),
    bytes: statSync(path).size.toLocaleString('en'),
    sum,
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    `In ${basename(releaseDir)}/:`,
    ...rows.map(
      ({ name, bytes, sum }) =>
        `  ${name.padEnd(width)} ${bytes.padStart(12)} bytes  sha256 ${sum}`,
    ),
  ].join('\n');
}

/** What publishing lacks, as sentences. @param {readonly Artifact[]} artifacts */
export function missingSystems(artifacts) {
  const names = artifacts
    .filter(({ kind }) => kind === 'class server')
    .map(({ path }) => basename(path, '.zip'));
  return SYSTEMS.filter((system) => !names.some((name) => name.endsWith(`-${system}`))).map(
    (system) =>
      `There is no class server for ${system}: run npm run package on such a computer, and put what it makes into package/.`,
  );
}

/** The scripts for who hosts them, with `MqttClient`, lists and notices. */
function writeScripts() {
  const scripts = scriptFiles().filter((file) => !FOR_PAGES.test(file));
  const client = [...CLIENT_FILES.map((name) => `split/${name}`), WASM];
  const names = [...scripts, ...client, ...descriptionsOf(scripts)].sort();
  writeZip(fileFor('scripts.zip'), [
    ...names.map((name) => entry(join(dist, name), name)),
    entry(join(root, 'LICENSE'), 'LICENSE'),
  ]);
}

/** @param {string} [previous] */
async function writeSite(previous) {
  const folder = join(root, '.cache', 'release-site');
  const { homepage, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const sources = /https:[^#]*?(?=(\.git)?$)/.exec(repository?.url ?? repository ?? '')?.[0];
  await buildSite({
    folder,
    previous,
    address: homepage,
    releases: sources === undefined ? undefined : `${sources}/releases`,
  });
  writeZip(fileFor('site.zip'), entriesOf(folder));
}

/** The class servers in `package/`, of every system. */
function programsMade() {
  const folder = join(root, 'package');
  const start = `scratch-mqtt-${VERSION}-`;
  return readdirSync(folder)
    .filter((file) => file.startsWith(start) && new RegExp(`${SYSTEM}(\\.exe)?$`).test(file))
    .map((file) => join(folder, file))
    .filter((file) => existsSync(file + SBOM));
}

/** A program in a zip can be started after it was unpacked; one that a browser downloads cannot, on macOS and Linux. @param {string} file */
function writeClassServer(file) {
  const name = basename(file);
  const archive = join(releaseDir, `${name.replace(/\.exe$/, '')}.zip`);
  writeZip(archive, [
    { ...entry(file, name), isProgram: true },
    entry(file + SBOM, name + SBOM),
    entry(`${file}-${NOTICES}`, NOTICES),
    entry(join(root, 'LICENSE'), 'LICENSE'),
  ]);
}

async function packCrate() {
  // Also builds what it packed, from nothing but the archive.
  const args = ['package', '--locked', '--package', 'scratch-mqtt'];
  await run('Packing the crate', 'cargo', args, { env: { CARGO_TERM_COLOR: 'never' } });
  const { stdout } = await capture('cargo', ['metadata', '--no-deps', '--format-version', '1']);
  const { target_directory: target } = JSON.parse(stdout);
  const name = `scratch-mqtt-${VERSION}.crate`;
  copyFileSync(join(target, 'package', name), join(releaseDir, name));
}

/**
 * What is in the folder, and whether it may go to others.
 *
 * @param {string} file
 * @returns {Promise<Artifact>}
 */
async function look(file) {
  const path = join(releaseDir, file);
  const [kind] = Object.entries(KINDS).find(([, { name }]) => name.test(file)) ?? [];
  if (kind === undefined) throw new Problem(`${path} is nothing that a release has. Remove it.`);
  const problems = problemsOf(file, kind, statSync(path).size, await namesIn(path));
  if (problems.length > 0) throw new Problem(problems.join('\n'));
  return { path, kind, sum: sha256(readFileSync(path)) };
}

/**
 * What is wrong with an archive, as sentences.
 *
 * @param {string} file
 * @param {string} kind
 * @param {number} bytes
 * @param {readonly string[]} names What is in it.
 */
export function problemsOf(file, kind, bytes, names) {
  const { mostBytes = 0, holds = [] } = KINDS[kind] ?? {};
  const lacks = holds.filter((one) => !names.some((name) => one.test(name)));
  return [
    ...lacks.map((one) => `${file} has no file ${one}.`),
    ...(bytes > mostBytes
      ? [`${file} has ${bytes} bytes, and at most ${mostBytes} were expected. See what is in it.`]
      : []),
  ];
}

/** @param {string} path @param {string} name in the archive */
const entry = (path, name) => ({ name, bytes: readFileSync(path) });
/** @param {string} ending */
const fileFor = (ending) => join(releaseDir, `scratch-mqtt-${VERSION}-${ending}`);
