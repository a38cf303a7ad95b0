// @ts-check
/**
 * The versions of the scripts on the website. `v/1.2.3/` never changes, `v/1/` has the newest 1.x.y, and `v/0.1/` the newest
 * 0.1.y, since a version that begins with 0 may break programs with its second number. `versions.json` lists them.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './run.mjs';

export const FOLDER = 'v';
export const LIST = 'versions.json';
/** A release, and what comes before one. */
const RELEASE = /^(\d+)\.(\d+)\.(\d+)$/;
const VERSION = /^(\d+)\.(\d+)\.(\d+)(-[\w.-]+)?$/;

/** By their paths. @typedef {Map<string, Buffer>} Files */
/** @typedef {{ version: string, build: string, folder: string, files: Record<string, string> }} Listed */

/**
 * @param {Files} own the scripts of this version
 * @param {{ version: string, build: string }} name
 * @param {string} [previous] the folder of the website as it is published now
 * @returns {Files} everything below `v/`, and the list
 */
export function versionFiles(own, { version, build }, previous) {
  const before = previous === undefined ? [] : publishedIn(previous);
  refuseOlder(before, version);
  const earlier = before.find((one) => one.version === version);
  if (earlier !== undefined) refuseChange(earlier, own);
  const all = [
    ...before.filter((one) => one !== earlier),
    { version, build: earlier?.build ?? build, files: own },
  ].sort((one, other) => compare(other.version, one.version));

  /** @type {Files} */
  const files = new Map();
  for (const one of all) copyInto(files, one.version, one.files);
  const following = newestOfEach(all.map((one) => one.version));
  for (const [range, newest] of Object.entries(following)) {
    copyInto(files, range, all.find((one) => one.version === newest)?.files ?? new Map());
  }
  const list = {
    newest: version,
    following,
    versions: all.map((one) => ({
      version: one.version,
      build: one.build,
      folder: `${FOLDER}/${one.version}/`,
      files: Object.fromEntries(
        [...one.files].sort(byPath).map(([path, bytes]) => [path, integrityOf(bytes)]),
      ),
    })),
  };
  files.set(LIST, Buffer.from(`${JSON.stringify(list, undefined, 2)}\n`));
  return files;
}

/** The folder that follows a version, as `^1.2.3` does; none for what comes before a release. @param {string} version */
export function rangeOf(version) {
  const [, major, minor] = RELEASE.exec(version) ?? [];
  if (major === undefined) return undefined;
  return major === '0' ? `0.${minor}` : major;
}

/** @param {string[]} versions from the newest on @returns {Record<string, string>} */
function newestOfEach(versions) {
  /** @type {Record<string, string>} */
  const newest = {};
  for (const version of versions) {
    const range = rangeOf(version);
    if (range !== undefined) newest[range] ??= version;
  }
  return newest;
}

/** By their numbers; what comes before a release is older than it. @param {string} one @param {string} other */
export function compare(one, other) {
  const [a, b] = [partsOf(one), partsOf(other)];
  const different = a.numbers.findIndex((number, at) => number !== b.numbers[at]);
  if (different >= 0) return (a.numbers[different] ?? 0) - (b.numbers[different] ?? 0);
  if (a.before === b.before) return 0;
  if (a.before === '' || b.before === '') return a.before === '' ? 1 : -1;
  return a.before.localeCompare(b.before, 'en', { numeric: true });
}

/** @param {string} version */
function partsOf(version) {
  const [, major, minor, patch, before = ''] = VERSION.exec(version) ?? [];
  return { numbers: [major, minor, patch].map(Number), before };
}

/** What a published website has, which is checked against its list. @param {string} folder */
function publishedIn(folder) {
  const list = join(folder, LIST);
  if (!existsSync(list)) {
    throw new Problem(
      `${folder} has no ${LIST}, so it is not the website as it is published now. ` +
        'Give the folder that holds it; for the first publication, leave --previous out.',
    );
  }
  return listedIn(list).map(({ version, build, files: sums }) => {
    const own = join(folder, FOLDER, version);
    const files = filesBelow(own);
    const paths = new Set([...files.keys(), ...Object.keys(sums)]);
    for (const path of paths) {
      const bytes = files.get(path);
      if (bytes !== undefined && integrityOf(bytes) === sums[path]) continue;
      throw new Problem(
        `${join(own, path)} is not what ${LIST} says of it. The files of a version never change: ` +
          'restore it from the publication of that version before anything is published.',
      );
    }
    return { version, build, files };
  });
}

/** @param {string} file @returns {Listed[]} */
function listedIn(file) {
  /** @type {{ versions?: Listed[] }} */
  let list;
  try {
    list = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Problem(`${file} is not JSON. Take it from the website as it is published now.`);
  }
  const versions = list?.versions;
  if (!Array.isArray(versions) || !versions.every(isListed)) {
    throw new Problem(
      `${file} does not list versions. Take it from the website as it is published now.`,
    );
  }
  return versions;
}

/** @param {Partial<Listed> | null} one */
const isListed = (one) =>
  VERSION.test(String(one?.version)) &&
  typeof one?.build === 'string' &&
  typeof one.files === 'object' &&
  one.files !== null;

/** @param {{ version: string }[]} before @param {string} version */
function refuseOlder(before, version) {
  const newer = before.find((one) => compare(one.version, version) > 0);
  if (newer === undefined) return;
  throw new Problem(
    `The website has version ${newer.version}, and these sources are ${version}: mqtt.js would become older. ` +
      'Build the website of the newest version.',
  );
}

/** @param {{ version: string, files: Files }} earlier @param {Files} own */
function refuseChange({ version, files }, own) {
  const paths = [...new Set([...files.keys(), ...own.keys()])].sort();
  const changed = paths.filter((path) => !own.get(path)?.equals(files.get(path) ?? NOTHING));
  if (changed.length === 0) return;
  const more = changed.length > 1 ? ` and ${changed.length - 1} more` : '';
  throw new Problem(
    `Version ${version} is published, and its files never change: ${FOLDER}/${version}/${changed[0]}${more} would. ` +
      'Give these sources the next version, in package.json and Cargo.toml.',
  );
}

/** Unlike every file. */
const NOTHING = Buffer.from([0]);

/** @param {Files} files @param {string} name @param {Files} own */
function copyInto(files, name, own) {
  for (const [path, bytes] of own) files.set(`${FOLDER}/${name}/${path}`, bytes);
}

/** @param {string} folder @returns {Files} */
function filesBelow(folder) {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(
    paths.map((path) => [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path)]),
  );
}

/** As `integrity` of a script element has it. @param {Buffer} bytes */
export const integrityOf = (bytes) =>
  `sha384-${createHash('sha384').update(bytes).digest('base64')}`;

/** @param {[string, unknown]} one @param {[string, unknown]} other */
const byPath = ([one], [other]) => (one < other ? -1 : 1);
