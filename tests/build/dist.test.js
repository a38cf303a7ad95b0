// @ts-check
// The shipped script, as editors load, wrap and package it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Script } from 'node:vm';
import { root } from '../../scripts/run.mjs';

const script = readFileSync(`${root}/dist/mqtt.js`, 'latin1');
const practice = readFileSync(`${root}/dist/practice.js`, 'latin1');
const split = readFileSync(`${root}/dist/split/mqtt.mjs`, 'latin1');
const wasm = readFileSync(`${root}/dist/split/mqtt_bg.wasm`, 'latin1');

for (const name of readdirSync(`${root}/extension/editors`).filter((one) => one.includes('.'))) {
  test(`${name} starts with the comments that a gallery reads`, () => {
    const lines = readFileSync(`${root}/dist/${name}`, 'latin1').split('\n').slice(0, 6);

    const names = lines.map((line) => /^\/\/ (\w+): ./.exec(line)?.[1]);

    assert.deepEqual(names, ['Name', 'ID', 'Description', 'By', 'License', 'Version']);
  });
}

test('the extension says the id that saved projects hold', () => {
  assert.match(script, /^\/\/ ID: scratchmqtt$/m);
});

test('the extension is ASCII', () => {
  assert.doesNotMatch(script, /[^\x20-\x7e\n]/);
});

test('the extension ends with a newline, and not in a comment', () => {
  const last = script.trimEnd().split('\n').at(-1) ?? '';

  assert.ok(script.endsWith('\n'));
  assert.doesNotMatch(last, /^\s*\/\/|sourceMappingURL/);
});

test('the extension is a classic script, also inside a function', () => {
  assert.ok(new Script(script));
  assert.ok(new Script(`(function(Scratch) { ${script} })(Scratch);`));
});

test('the practice broker is a classic script, and has the licenses of what is in it', () => {
  assert.ok(new Script(practice));
  for (const name of ['aedes', 'buffer', 'mqtt-packet', 'readable-stream']) {
    assert.match(practice, new RegExp(`^(/\\*! )?${name}\n\n`, 'm'));
  }
  assert.match(practice, /Copyright .* Matteo Collina/i);
});

test('the wasm is one that engines take', () => {
  assert.ok(WebAssembly.validate(readFileSync(`${root}/dist/split/mqtt_bg.wasm`)));
});

// Docs: decisions 0014, 0049 and 0060 say what the sizes are made of. Lower them with every step that saves bytes.
test('what is shipped is small, as a web server sends it', () => {
  const size = (/** @type {string[]} */ ...files) =>
    files
      .map((file) => gzipSync(readFileSync(`${root}/dist/${file}`), { level: 9 }).length)
      .reduce((all, one) => all + one);

  assert.ok(size('mqtt.js') < 196_000);
  assert.ok(size('split/mqtt.mjs', 'split/mqtt_bg.wasm') < 132_000);
  assert.ok(size('practice.js') < 68_000);
});

test('nothing shipped tells where it was built', () => {
  for (const text of [script, practice, split, wasm]) {
    assert.ok(!text.includes(root), 'holds the path of the repository');
    assert.ok(!text.includes(`${homedir()}/`), 'holds the home folder');
  }
});
