// @ts-check
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';

const page = readFileSync(`${root}/docs/contributing/threat-model.md`, 'utf8');
const rows = page.split('\n').filter((line) => /^\| (?!promise)/.test(line));

test('every promise of the threat model names a proof that exists', () => {
  assert.ok(rows.length > 20, `${rows.length} promises`);
  for (const row of rows) {
    const proof = row.split('|')[2] ?? '';
    const files = [...proof.matchAll(/`([\w./-]+\.(?:rs|js|toml))`/g)].map(([, file]) => file);

    assert.notDeepEqual(files, [], row);
    for (const file of files) assert.ok(existsSync(`${root}/${file}`), file);
  }
});
