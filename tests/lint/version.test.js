// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';

/** @param {string} path */
const read = (path) => readFileSync(`${root}/${path}`, 'utf8');
/** @param {string} path @param {RegExp} pattern */
const found = (path, pattern) => pattern.exec(read(path))?.[1];

const { version } = JSON.parse(read('package.json'));

for (const [place, other] of [
  ['Cargo.toml', found('Cargo.toml', /^\[workspace\.package\]\n(?:#.*\n)*version = "(.*)"/m)],
  ['Cargo.lock', found('Cargo.lock', /^name = "scratch-mqtt"\nversion = "(.*)"/m)],
  ['package-lock.json', JSON.parse(read('package-lock.json')).version],
  ['package-lock.json, packages', JSON.parse(read('package-lock.json')).packages[''].version],
]) {
  test(`${place} has the version of package.json`, () => {
    assert.equal(other, version, `${place} says ${other}, package.json ${version}: change both`);
  });
}
