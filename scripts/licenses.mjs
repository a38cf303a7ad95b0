// @ts-check
/** What the licenses of others ask to be passed on. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The names of files that say it. */
const LICENSE = /^(licen[cs]e|copying|notice|copyright)/i;

/** All that the folder of a package or crate says; empty where it says nothing. @param {string} folder */
export function licensesIn(folder) {
  return readdirSync(folder)
    .filter((name) => LICENSE.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8').trim())
    .join('\n\n');
}
