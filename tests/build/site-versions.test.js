// @ts-check
// The versions of the scripts on the website: what never changes, and what follows.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { changed } from '../../scripts/site-editor.mjs';
import { compare, rangeOf, versionFiles } from '../../scripts/site-versions.mjs';

/** @type {string} */
let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-versions-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** What a version has. @param {string} script */
const scripts = (script) => new Map([['mqtt.js', Buffer.from(script)]]);

/** Builds a version on top of what is published in the folder, and publishes that. @param {string} version @param {string} script @param {string} [previous] */
function publish(version, script, previous = folder) {
  const isFirst = previous === '';
  const name = { version, build: `${version}+${script}` };
  const files = versionFiles(scripts(script), name, isFirst ? undefined : previous);
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return files;
}

const read = (/** @type {string} */ path) => readFileSync(join(folder, path), 'utf8');
const list = () => JSON.parse(read('versions.json'));

test('a folder follows what programs can take without a change', () => {
  assert.deepEqual(['0.1.0', '0.12.3', '1.0.0', '1.2.3', '10.0.1', '1.0.0-rc.1'].map(rangeOf), [
    '0.1',
    '0.12',
    '1',
    '1',
    '10',
    undefined,
  ]);
});

test('versions are in the order of their numbers, and what comes before a release is older than it', () => {
  const ordered = ['0.9.0', '0.10.0', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.1', '2.0.0'];

  assert.deepEqual([...ordered].reverse().sort(compare), ordered);
});

test('a new version stands beside the older ones, and the folders that fit follow it', () => {
  publish('0.1.0', 'a', '');
  publish('0.1.1', 'b');
  publish('0.2.0', 'c');
  publish('1.0.0-rc.1', 'd');
  publish('1.0.0', 'e');

  const versions = ['0.1.0', '0.1.1', '0.2.0', '1.0.0-rc.1', '1.0.0', '0.1', '0.2', '1'];
  assert.deepEqual(
    versions.map((version) => read(`v/${version}/mqtt.js`)),
    ['a', 'b', 'c', 'd', 'e', 'b', 'c', 'e'],
  );
  assert.equal(list().newest, '1.0.0');
  assert.deepEqual(list().following, { 1: '1.0.0', 0.2: '0.2.0', 0.1: '0.1.1' });
  assert.deepEqual(
    list().versions.map((/** @type {{ build: string }} */ { build }) => build),
    ['1.0.0+e', '1.0.0-rc.1+d', '0.2.0+c', '0.1.1+b', '0.1.0+a'],
  );
});

test('a version that is published already stays as it is, and may be published once more', () => {
  publish('0.1.0', 'a', '');

  publish('0.1.0', 'a');

  assert.equal(list().versions.length, 1);
});

test('a version that would change is refused', () => {
  publish('0.1.0', 'a', '');

  assert.throws(() => publish('0.1.0', 'b'), {
    message:
      /^Version 0\.1\.0 is published, and its files never change: v\/0\.1\.0\/mqtt\.js would\./,
  });
});

test('an older version than the published one is refused', () => {
  publish('0.2.0', 'a', '');

  assert.throws(() => publish('0.1.9', 'b'), {
    message: /^The website has version 0\.2\.0, and these sources are 0\.1\.9/,
  });
});

test('a published file that is not what it was is refused', () => {
  publish('0.1.0', 'a', '');
  writeFileSync(join(folder, 'v/0.1.0/mqtt.js'), 'another');

  assert.throws(() => publish('0.2.0', 'b'), {
    message: /mqtt\.js is not what versions\.json says of it/,
  });
});

test('a published file that is missing, or one too many, is refused', () => {
  publish('0.1.0', 'a', '');
  writeFileSync(join(folder, 'v/0.1.0/more.js'), '');
  assert.throws(() => publish('0.2.0', 'b'), { message: /more\.js is not what versions\.json/ });

  rmSync(join(folder, 'v/0.1.0'), { recursive: true });
  assert.throws(() => publish('0.2.0', 'b'), { message: /mqtt\.js is not what versions\.json/ });
});

test('a folder that is no website is said to be none', () => {
  assert.throws(() => publish('0.1.0', 'a'), { message: /has no versions\.json/ });

  for (const wrong of ['{', '[]', 'null', '{"versions":[{"version":"../x"}]}']) {
    writeFileSync(join(folder, 'versions.json'), wrong);
    assert.throws(() => publish('0.1.0', 'a'), { message: /Take it from the website/ }, wrong);
  }
});

test('an editor that is built otherwise than the one that was changed is refused', () => {
  assert.throws(() => changed('another build'), {
    message: /stands 0 times and not once\. .* change scripts\/site-editor\.mjs\.$/,
  });
});
