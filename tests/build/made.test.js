// @ts-check
// What is made of other files, in a copy of the sources.
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { capture, root } from '../../scripts/run.mjs';

const NEEDED = [
  'extension',
  'package.json',
  'scripts',
  'src/browser',
  'tests/e2e/support',
  'www/texts',
];
const MADE_IN = [
  'docs/contributing',
  'docs/images/blocks/taken.json',
  'docs/learn',
  'docs/reference',
  'examples/projects',
];

/** @type {string} */
let copy;
before(() => {
  copy = mkdtempSync(join(tmpdir(), 'scratch-mqtt-made-'));
  for (const path of [...NEEDED, ...MADE_IN]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
after(() => rmSync(copy, { recursive: true, force: true, maxRetries: 5 }));

/** @param {...string} options */
const make = (...options) =>
  capture(process.execPath, [join(copy, 'scripts', 'made.mjs'), ...options]);

/** @param {string} path */
const read = (path) => readFileSync(join(copy, path), 'utf8');

/** @param {string} path @param {string} old @param {string} now */
function edit(path, old, now) {
  const text = read(path);
  assert.ok(text.includes(old), old);
  writeFileSync(join(copy, path), text.replace(old, now));
}

test('what was made is up to date', async () => {
  const { code, output } = await make('--check');

  assert.equal(code, 0, output);
});

test('a text that a language lacks is said, and listed for who translates', async () => {
  edit('extension/locales/nl.json', '  "block.disconnect": "verbreek verbinding",\n', '');

  const unwritten = await make('--check');
  const { code, output } = await make();

  assert.notEqual(unwritten.code, 0);
  assert.match(unwritten.output, /docs\/contributing\/translations\.md is not up to date/);
  assert.equal(code, 0, output);
  assert.match(output, /\bnl: 1 to translate/);
  assert.match(
    read('docs/contributing/translations.md'),
    /^\* `extension\/locales` `block\.disconnect`: disconnect$/m,
  );
});

test('what a kind of a language lacks does not wait where the language has it', async () => {
  const { output } = await make();

  assert.doesNotMatch(output, /ja-Hira/);
});

test('a language begins with one file, and with a folder of lessons is one of those', async () => {
  writeFileSync(join(copy, 'extension/locales/xx.json'), '{\n  "separator": " "\n}\n');
  mkdirSync(join(copy, 'docs/learn/xx'));

  await make();

  const { LANGUAGES, LESSON_LANGUAGES } = await import(
    join(copy, 'extension/locales/languages.js')
  );
  const { LOCALES } = await import(join(copy, 'extension/locales/index.js'));
  assert.equal(LANGUAGES.at(0), 'en');
  assert.ok(LANGUAGES.includes('xx'));
  assert.ok(LESSON_LANGUAGES.includes('xx'));
  assert.deepEqual(LOCALES.xx, { separator: ' ' });
});

test('the page of the blocks has the comment on a record as its sentence', async () => {
  edit(
    'extension/blocks/connection-blocks.js',
    '/** Ends the connection; it is not made again until the next `connect to broker`. */',
    '/** Says goodbye. */',
  );

  await make();

  assert.match(read('docs/reference/blocks.md'), /^### disconnect\n\n<img .*\n\nSays goodbye\.\n/m);
});
