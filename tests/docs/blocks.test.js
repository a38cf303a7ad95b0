// @ts-check
/**
 * Every code block of a page says in a comment above it how it is run, or why not:
 *
 *     <!-- run: node, prints "21 °C" -->
 *     <!-- run by: tests/e2e/boards.test.js -->
 *     <!-- not run: needs a board -->
 *
 * What is no code (a picture made of letters, the scripts of a project, what a program prints) is a block of `text`.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { allPages, blocksOf } from './support/pages.js';

/** The test that runs each kind. */
const RUNNERS = {
  commands: 'commands.test.js',
  esbuild: 'bundlers.test.js',
  mosquitto: 'brokers.test.js',
  nats: 'brokers.test.js',
  nginx: 'brokers.test.js',
  node: 'samples.test.js',
  page: 'samples.test.js',
  rabbitmq: 'brokers.test.js',
  typescript: 'bundlers.test.js',
  vite: 'bundlers.test.js',
};

const blocks = allPages().flatMap(blocksOf);
const code = blocks.filter(({ language }) => language !== 'text');

test('every code block says how it is run, or why not', () => {
  const silent = code
    .filter(({ how }) => how === '')
    .map(({ page, line, language }) => `${page}:${line} ${language}`);

  assert.deepEqual(silent, []);
});

test('what is run is run by a test that is there', () => {
  for (const { page, line, run } of code.filter(({ how }) => how === 'run')) {
    const [kind = ''] = /^\w+/.exec(run) ?? [];
    const runner = RUNNERS[/** @type {keyof typeof RUNNERS} */ (kind)];
    assert.ok(runner, `${page}:${line}: nothing runs ${kind}`);
    const source = readFileSync(join(root, 'tests/docs', runner), 'utf8');
    assert.ok(source.includes(`'${kind}'`), `${page}:${line}: ${runner} does not run ${kind}`);
  }
});

test('what another test runs is run by a test that is there', () => {
  for (const { page, line, run } of code.filter(({ how }) => how === 'run by')) {
    assert.ok(existsSync(join(root, run)), `${page}:${line}: there is no ${run}`);
  }
});
