// @ts-check
// The edition for TurboWarp's gallery, by the gallery's own rules: docs/editors/gallery.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { ESLint } from 'eslint';
import { check } from 'prettier';
import { GALLERY, GALLERY_WASM, WASM } from '../../scripts/gallery.mjs';
import { dist } from '../../scripts/dist.mjs';
import { VERSION } from '../../scripts/version.mjs';
import { GALLERY_RULES } from './support/gallery-rules.js';

const script = readFileSync(join(dist, GALLERY), 'utf8');
const english = JSON.parse(
  readFileSync(new URL('../../extension/locales/en.json', import.meta.url), 'utf8'),
);

/** @param {string} source */
async function findingsIn(source) {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: GALLERY_RULES,
    ignore: false,
  });
  const [result] = await eslint.lintText(source);
  return (result?.messages ?? []).map(
    ({ line, ruleId, message }) => `${line}: ${ruleId}: ${message}`,
  );
}

test('the gallery’s rules find nothing', async () => {
  assert.deepEqual(await findingsIn(script), []);
});

for (const [rule, code] of Object.entries({
  'check-can-fetch': 'new WebSocket(address);',
  iife: '',
  'no-mixed-operators': 'globalThis.a = (b) => b || b && b;',
  'no-translate-alias': 'const t = Scratch.translate; t();',
  'no-translate-setup': 'Scratch.translate.setup({});',
  'no-unused-vars': 'const unused = 1;',
  'require-await': 'globalThis.a = async () => 1;',
  strict: '',
  'use-scratch-fetch': 'fetch("x");',
  'use-scratch-redirect': 'location.href = "x";',
})) {
  test(`the rule ${rule} finds what it is for`, async () => {
    const source =
      code === ''
        ? '(() => { globalThis.a = function () { return 1; }; });'
        : `(function (Scratch) { 'use strict'; ${code} })(Scratch);`;

    const findings = await findingsIn(source);

    assert.ok(
      findings.some((one) => one.includes(rule)),
      findings.join('\n'),
    );
  });
}

test('it is formatted as the gallery does', async () => {
  assert.ok(await check(script, { parser: 'babel' }));
});

test('a person can read it: no long line but a text or a picture', () => {
  const long = script
    .split('\n')
    .filter((line) => line.length > 160 && !/^\s*(return )?["'`(]|: "|"[^"]{100}/.test(line));

  assert.deepEqual(long, []);
});

test('its wasm is one file of the npm package, and asked for as the gallery’s builder finds it', () => {
  const calls = [...script.matchAll(/(.)Scratch\.external\.fetch\(\s*"([^"]*)",?\s*\)/g)];

  assert.deepEqual(
    calls.map(([, before, address]) => [before, address]),
    // The builder takes one character before the call away.
    [[' ', GALLERY_WASM]],
  );
  assert.equal(GALLERY_WASM.split(`@${VERSION}/`)[1], WASM);
  assert.equal(script.match(/Scratch\.external/g)?.length, 1);
  assert.ok(!/[A-Za-z0-9+/]{400}/.test(script), 'bytes in a text');
});

test('each text can be translated, and holds no value that the gallery would look for', () => {
  const calls = [...script.matchAll(/Scratch\.translate\((\{[^]*?\})\)/g)].map(
    ([, argument]) =>
      /** @type {{ id: string, default: string }} */ (runInNewContext(`(${argument})`)),
  );

  assert.deepEqual(calls.map(({ id }) => id).sort(), Object.keys(english).sort());
  for (const { id, default: text } of calls) {
    assert.doesNotMatch(text, /[{}]/, id);
    assert.equal(text.replaceAll(/\[([a-z]\w*)\]/g, '{$1}'), english[id], id);
  }
});
