// @ts-check
/** Archives that are the same, byte for byte, whenever and wherever they are made of the same files. */
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { Problem, capture } from '../run.mjs';

/** The years that a zip knows begin with it; Unix knows it by another number in each time zone. */
const DATE = new Date(1980, 0, 1);
const UNIX = 3;
const PROGRAM = 0o100755;
const FILE = 0o100644;
/** Nothing gets smaller by being compressed twice. */
const COMPRESSED = /\.(gz|br|png|jpe?g|webp|mp3|wasm\.gz|sb3|zip|woff2?)$/;

/** @typedef {{ name: string, bytes: Uint8Array, isProgram?: boolean }} Entry */

/** @param {string} path @param {readonly Entry[]} entries */
export function writeZip(path, entries) {
  /** @type {import('fflate').Zippable} */
  const files = {};
  for (const { name, bytes, isProgram = false } of entries) {
    const attrs = ((isProgram ? PROGRAM : FILE) << 16) >>> 0;
    const level = COMPRESSED.test(name) ? 0 : 9;
    files[name] = [bytes, { level, mtime: DATE, os: UNIX, attrs }];
  }
  writeFileSync(path, zipSync(files));
}

/** All files of a folder, in the order of their names. @param {string} folder @param {string} [within] the archive */
export function entriesOf(folder, within = '') {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => ({
      name: within + name.replaceAll('\\', '/'),
      bytes: readFileSync(join(folder, name)),
    }));
}

/** The names of what is in an archive. @param {string} path */
export async function namesIn(path) {
  if (!path.endsWith('.zip')) {
    // By its name alone: some programs take the colon of C:\ for a computer.
    const args = ['-tzf', basename(path)];
    const { code, stdout, output } = await capture('tar', args, { cwd: dirname(path) });
    if (code !== 0) throw new Problem(`${basename(path)} is no archive. tar says:\n${output}`);
    return stdout.trim().split(/\r?\n/);
  }
  /** @type {string[]} */
  const names = [];
  unzipSync(readFileSync(path), { filter: ({ name }) => names.push(name) < 0 });
  return names;
}

/** Writes the files of a zip into a folder. @param {string} path @param {string} folder */
export function unpack(path, folder) {
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(path)))) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
