// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';

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
