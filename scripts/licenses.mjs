// @ts-check
/** What the licenses of others ask to be passed on. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** The names of files that say it. */
const LICENSE = /^(licen[cs]e|copying|notice|copyright|unlicense)/i;
/** Texts that authors left out of what they publish: a file for each crate or package. */
export const LEFT_OUT = 'scripts/left-out-licenses';
/** Its text names nobody, so it is the same for all. */
const APACHE = 'Apache-2.0';

/**
 * The texts of one crate or package; none where nobody knows them.
 *
 * @param {string} name
 * @param {string} license As SPDX writes it.
 * @param {string | undefined} folder
 */
export function licenseTexts(name, license, folder) {
  const own = (folder === undefined ? [] : readdirSync(folder))
    .filter((file) => LICENSE.test(file))
    .sort()
    .map((file) => join(String(folder), file))
    .filter((path) => statSync(path).isFile());
  const found = own.length > 0 ? own : leftOut(name, license);
  return found.map((path) => tidy(readFileSync(path, 'utf8')));
}

/** @param {string} name @param {string} license */
function leftOut(name, license) {
  const names = license.includes(APACHE) ? [name, APACHE] : [name];
  const paths = names.map((one) => join(root, LEFT_OUT, `${one.replace('/', '-')}.txt`));
  return paths.filter((path) => existsSync(path)).slice(0, 1);
}

/** The same text with the same ends of lines, so that it is seen to be the same. @param {string} text */
export function tidy(text) {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n+|\s+$/g, '');
}
