// @ts-check
/** The npm package as `npm run package:npm` packs it, and projects that install it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packNpm } from '../../../scripts/npm.mjs';
import { root } from '../../../scripts/run.mjs';
import { npm } from '../../../scripts/tools.mjs';
import { run } from './programs.js';

/** @typedef {import('./cleanup.js').Cleanup} Cleanup */
/** @typedef {Record<string, string>} Files */

/** npm packages of the tests. */
const PACKAGES = join(root, 'tests', 'node_modules');

/** A new folder, until the tests have run. @param {Cleanup} cleanup */
export function makeFolder(cleanup) {
  return cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-npm-')), (folder) =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  );
}

/** The package for all systems, without a class server. @param {Cleanup} cleanup */
export async function packMain(cleanup) {
  const [main] = await packNpm({ folder: join(makeFolder(cleanup), 'packed'), programs: [] });
  if (main === undefined) throw new Error('nothing was packed');
  return main;
}

/**
 * A project that installed the packed package as strangers do, without the network.
 *
 * @param {Cleanup} cleanup
 * @param {string} tgz
 * @param {Files} files
 */
export function makeConsumer(cleanup, tgz, files = {}) {
  const folder = makeFolder(cleanup);
  writeFiles(folder, { 'package.json': '{ "private": true, "type": "module" }', ...files });
  const quiet = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder, '.npm')];
  const { command, args } = npm('install', tgz, ...quiet, '--prefix', folder);
  run(command, args);
  return folder;
}

/** @param {string} folder @param {Files} files */
export function writeFiles(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Lets a project use npm packages of the tests. @param {string} folder @param {string[]} names */
export function lendPackages(folder, names) {
  for (const name of names) symlinkSync(join(PACKAGES, name), join(folder, 'node_modules', name));
}
