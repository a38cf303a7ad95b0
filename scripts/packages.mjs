// @ts-check
/** The npm packages whose code is in what is built, and the editor that travels with the class server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EDITOR, EDITOR_SOURCE, editorTerms } from './editor.mjs';
import { licenseTexts } from './licenses.mjs';
import { root } from './run.mjs';

/** @typedef {import('./components.mjs').Component} Component */

/** The part of a path that names a package. */
const IN_PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** The packages of which something is in what esbuild made. @param {import('esbuild').Metafile} metafile */
export function packagesIn(metafile) {
  const names = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => IN_PACKAGE.exec(path)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

/** @param {readonly string[]} names @returns {Component[]} */
export function packagesNamed(names) {
  if (names.length === 0) return [];
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return names.map((name) => packageNamed(name, lock.packages[`node_modules/${name}`].integrity));
}

/** @param {string} name @param {string} integrity @returns {Component} */
function packageNamed(name, integrity) {
  const folder = join(root, 'node_modules', name);
  const { version, license, repository } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return {
    kind: 'npm',
    name,
    version,
    license,
    texts: licenseTexts(name, license, folder),
    sum: sha512(integrity),
    source: addressIn(typeof repository === 'string' ? repository : repository?.url),
  };
}

/** A work of its own, which only travels along. @returns {Component} */
export function editorComponent() {
  return {
    kind: 'npm',
    ...EDITOR,
    texts: editorTerms(),
    sum: sha512(EDITOR.integrity),
    source: EDITOR_SOURCE,
  };
}

/** @param {string} integrity @returns {Component['sum']} */
function sha512(integrity) {
  const hex = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  return { algorithm: 'SHA-512', hex };
}

/** `git+https://host/name.git` and `owner/name` are the same place. @param {string | undefined} repository */
function addressIn(repository) {
  const [, place] =
    /(?:github\.com[/:]|^)([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(repository ?? '') ?? [];
  return place === undefined ? undefined : `https://github.com/${place}`;
}
