// @ts-check
/** The one list of what has to be installed for the tests is the one that continuous integration installs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { allPages, blocksOf } from './support/pages.js';

test('one page lists the packages, and lists those of .ci/run', () => {
  const script = readFileSync(join(root, '.ci/run'), 'utf8');
  const [, list = ''] = /^packages=\(\n([^)]*)\)$/m.exec(script) ?? [];
  const installed = list.trim().split(/\s+/);

  const lists = allPages()
    .flatMap(blocksOf)
    .filter(({ code }) => code.includes('rabbitmq-server') && code.includes('apt install'));
  const named = lists.map(({ code }) =>
    code
      .replace(/^.*apt install/, '')
      .replaceAll('\\', '')
      .trim()
      .split(/\s+/),
  );

  assert.deepEqual(named, [installed]);
});
