// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';

/** Folders with packages of their own. */
const FOLDERS = ['.', 'tests', 'bench'];

/** Licenses of packages that only build, test or measure. The editor that is fetched is a work of its own. */
const LICENSES =
  /^\(?(0BSD|AGPL-3\.0-only|Apache-2\.0|Artistic-2\.0|BSD-[23]-Clause|BSD|BlueOak-1\.0\.0|CC-BY-[34]\.0|CC0-1\.0|EPL-\d\.\d|ISC|LGPL-3\.0-only|MIT|MPL-2\.0|PSF-2\.0|Python-2\.0|Unlicense|WTFPL|Zlib)\b/;

/** Older packages whose lock entry does not say it: MIT and Apache-2.0. Only the tests use them. */
const READ_BY_HAND = /\/(colors|commander|findup|prelude-ls|raw-loader|scratch-render-fonts)$/;

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, 'utf8'));

for (const folder of FOLDERS) {
  const file = `${folder}/package-lock.json`;
  /** @type {[string, any][]} */
  const packages = Object.entries(read(file).packages).filter(([path]) => path !== '');

  test(`${file} names no registry, so that a mirror can be used`, () => {
    const named = packages.filter(([, entry]) => 'resolved' in entry);

    assert.deepEqual(named, []);
  });

  test(`${file} has the sum of every package`, () => {
    const unknown = packages.filter(([, entry]) => !/^sha512-/.test(entry.integrity ?? ''));

    assert.deepEqual(unknown, []);
  });

  test(`${file} has no package under a license that was not read`, () => {
    const unread = packages.filter(
      ([path, { license = '' }]) => !LICENSES.test(license) && !READ_BY_HAND.test(path),
    );

    assert.deepEqual(
      unread.map(([path, { license }]) => `${path}: ${license}`),
      [],
    );
  });

  test(`${file} holds the optional packages of every system`, () => {
    const missing = packages
      .flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
      .filter((name) => !packages.some(([path]) => path.endsWith(`node_modules/${name}`)));

    assert.deepEqual(missing, []);
  });

  test(`all dependencies of ${folder}/package.json are of an exact version`, () => {
    const { dependencies = {}, devDependencies = {} } = read(`${folder}/package.json`);

    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      assert.match(version, /^(npm:.*@)?\d/);
    }
  });
}
