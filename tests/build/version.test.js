// @ts-check
// How a build is named, and where its name is said.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { capture, root } from '../../scripts/run.mjs';
import { VERSION, buildName } from '../../scripts/version.mjs';

const dist = join(root, 'dist');

/** @type {string} */
let clone;
before(async () => {
  clone = mkdtempSync(join(tmpdir(), 'scratch-mqtt-version-'));
  await git('init', '--quiet');
  writeFileSync(join(clone, 'source'), 'one');
  await git('add', '.');
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  await git(...author, 'commit', '--quiet', '--message', 'First');
});
after(() => rmSync(clone, { recursive: true, force: true, maxRetries: 5 }));

/** @param {...string} args */
async function git(...args) {
  const { code, stdout, output } = await capture('git', args, { cwd: clone });
  assert.equal(code, 0, output);
  return stdout.trim();
}

test('a clone is named by the version and the commit', async () => {
  const commit = await git('rev-parse', 'HEAD');

  assert.equal(await buildName(clone), `${VERSION}+${commit.slice(0, 8)}`);
});

for (const [what, file] of [
  ['a change', 'source'],
  ['a new file', 'another'],
]) {
  test(`${what} is no part of the commit, and said`, async (t) => {
    t.after(() => git('clean', '--quiet', '--force').then(() => git('checkout', '--quiet', '.')));
    writeFileSync(join(clone, String(file)), 'two');

    assert.match(await buildName(clone), /\+[0-9a-f]{8}-dirty$/);
  });
}

test('sources from an archive have the version only', async (t) => {
  const archive = mkdtempSync(join(tmpdir(), 'scratch-mqtt-archive-'));
  t.after(() => rmSync(archive, { recursive: true, force: true, maxRetries: 5 }));

  assert.equal(await buildName(archive), VERSION);
});

test('sources within the clone of something else have the version only', async () => {
  const within = join(clone, 'within');
  mkdirSync(within);

  assert.equal(await buildName(within), VERSION);
});

const { build } = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8'));

test('the build has the version of the sources', () => {
  assert.ok(String(build).startsWith(VERSION), build);
});

const SCRIPTS = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.m?js$/.test(name) && !/^(pkg|docs)/.test(name),
);

for (const name of SCRIPTS) {
  test(`${name} says its build at the beginning`, () => {
    const [first = ''] = readFileSync(join(dist, name), 'latin1').split(/^(?!\/\/)/m);

    assert.ok(first.includes(`// Version: ${build}\n`), first);
  });
}

test('the client says its build', async () => {
  const { default: init, MqttClient } = await import(join(dist, 'split/mqtt.mjs'));
  await init({ module_or_path: readFileSync(join(dist, 'split/mqtt_bg.wasm')) });

  assert.equal(MqttClient.version, build);
});

test('the blocks say their build', () => {
  /** @type {any} */
  let blocks;
  const register = (/** @type {unknown} */ instance) => (blocks = instance);
  const script = readFileSync(join(dist, 'mqtt.js'), 'utf8');

  new Function('Scratch', script)({ extensions: { unsandboxed: false, register } });

  assert.equal(blocks.connectionInfo({ INFO: 'version' }), build);
});
