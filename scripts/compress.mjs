// @ts-check
/**
 * Puts a smaller copy beside each file that pages load: `mqtt.js` and `mqtt.js.gz`.
 *
 * gzip and not brotli, because browsers ask for brotli on https and localhost only, and a class opens the
 * pages of the teacher's computer as `http://192.168.…`.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const ENDING = '.gz';
/** What is not compressed already, by the end of its name. */
const WORTH_IT = /\.(css|cur|html|js|json|map|mjs|svg|ts|mts|txt|wasm|wav)$/;
/** A packet of the network holds less than that. */
const SMALLEST = 1400;

/** Compresses what is new below a folder; quick when nothing is. @param {string} folder */
export async function compressFolder(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  await Promise.all(paths.filter((path) => WORTH_IT.test(path)).map(compress));
  const wanted = new Set(paths);
  for (const path of paths) {
    if (path.endsWith(ENDING) && !wanted.has(path.slice(0, -ENDING.length))) rmSync(path);
  }
}

/** @param {string} path */
async function compress(path) {
  const { size, mtimeMs } = statSync(path);
  const small = path + ENDING;
  const made = statSync(small, { throwIfNoEntry: false });
  if (size < SMALLEST || (made !== undefined && made.mtimeMs >= mtimeMs)) return;
  const bytes = await promisify(gzip)(await readFile(path), {
    level: constants.Z_BEST_COMPRESSION,
  });
  // Never half of it under this name, and never that of another process.
  const half = `${small}.${process.pid}`;
  await writeFile(half, bytes);
  renameSync(half, small);
}
