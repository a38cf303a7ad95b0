// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { texts } from '../../www/texts.js';

for (const file of ['package-lock.json', 'tests/package-lock.json']) {
  const { packages } = JSON.parse(readFileSync(`${root}/${file}`, 'utf8'));

  test(`${file} names no registry, so that a mirror can be used`, () => {
    const named = Object.entries(packages).filter(([, entry]) => 'resolved' in entry);

    assert.deepEqual(named, []);
  });

  test(`${file} holds the optional packages of every system`, () => {
    const names = Object.keys(packages);

    const missing = Object.values(packages)
      .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      .filter((name) => !names.some((path) => path.endsWith(`node_modules/${name}`)));

    assert.deepEqual(missing, []);
  });
}

test('all dependencies are of an exact version', () => {
  for (const file of ['package.json', 'tests/package.json']) {
    const { devDependencies } = JSON.parse(readFileSync(`${root}/${file}`, 'utf8'));

    for (const version of Object.values(devDependencies)) assert.match(version, /^(npm:.*@)?\d/);
  }
});

test('every text that the start page asks for exists', () => {
  const page = readFileSync(`${root}/www/index.html`, 'utf8');

  for (const [, path = ''] of page.matchAll(/data-(?:text|label)="([^"]+)"/g)) {
    assert.equal(typeof path.split('.').reduce(step, texts), 'string', path);
  }
});

/** @param {any} found @param {string} key */
function step(found, key) {
  return found?.[key];
}
