// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';

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

for (const page of ['index.html', 'editor/index.html']) {
  test(`every text that ${page} asks for exists`, () => {
    const html = readFileSync(`${root}/www/${page}`, 'utf8');
    /** @param {string} path */
    const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, 'utf8'));
    const texts = { ...read('extension/locales/en.json'), ...read('www/texts/en.json') };

    for (const [, key = ''] of html.matchAll(/data-(?:text|label)="([^"]+)"/g)) {
      assert.equal(typeof texts[key], 'string', key);
    }
  });
}
