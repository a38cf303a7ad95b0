// @ts-check
// The texts as they travel inside the script.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { LANGUAGES } from '../../extension/texts/languages.js';
import { LOCALES } from '../../extension/locales/index.js';
import { tablesOf } from '../../extension/texts/tables.js';
import { allTexts } from '../../scripts/pack-texts.mjs';
import { root } from '../../scripts/run.mjs';
import { shownIn } from '../extension/tables.js';

test('what is packed comes out as it went in', () => {
  assert.deepEqual(tablesOf(allTexts({ LANGUAGES, LOCALES })), { ...LOCALES });
});

test('what a language lacks is not there after unpacking either', () => {
  const nl = Object.fromEntries(Object.entries(LOCALES.nl).slice(10));
  const tables = { ...LOCALES, nl };

  assert.deepEqual(tablesOf(allTexts({ LANGUAGES, LOCALES: tables })), tables);
});

test('the built script speaks every language at once, before it has ended', () => {
  const script = readFileSync(`${root}/dist/mqtt.js`, 'utf8');
  let language = '';
  /** @type {any[]} */
  const shown = [];
  const Scratch = {
    vm: { getLocale: () => language },
    extensions: {
      register: (/** @type {any} */ extension) => {
        for (language of LANGUAGES) shown.push([extension.getInfo(), extension.status()]);
      },
    },
  };

  vm.runInNewContext(script, { Scratch, TextDecoder, TextEncoder, setTimeout, clearTimeout });

  assert.equal(shown.length, LANGUAGES.length);
  LANGUAGES.forEach((one, place) => {
    const table = shownIn(one);
    const [info, status] = shown[place];
    for (const { opcode, text } of info.blocks) {
      if (opcode) assert.equal(text, table[`block.${opcode}`], one);
    }
    for (const { text, value } of info.menus.CONNECTION_INFO.items) {
      assert.equal(text, table[`menu.CONNECTION_INFO.${value}`], one);
    }
    assert.ok(status.startsWith(String(table['state.closed'])), status);
  });
});
