// @ts-check
/** The samples for Vite, esbuild and TypeScript: built as the page says, and what was built runs in Chromium. */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'vite';
import { Cleanup } from '../e2e/support/cleanup.js';
import { Program } from '../e2e/support/programs.js';
import { serve } from '../e2e/support/serve.js';
import { until } from '../e2e/support/wait.js';
import { capture, root } from '../../scripts/run.mjs';
import { blocksRunAs } from './support/pages.js';
import { brokerAndBrowser } from './support/bench.js';
import { fileOf, makeProject, placed, printedBy } from './support/project.js';

const cleanup = new Cleanup();
/** @type {import('../e2e/support/local-broker.js').LocalBroker} */
let broker;
/** @type {import('playwright-core').BrowserContext} */
let browser;

before(async () => {
  ({ broker, browser } = await brokerAndBrowser(cleanup));
});
after(() => cleanup.run());

/** A project with the files of these blocks, and the client where the page puts it. @param {string} kind @param {string} client */
function projectOf(kind, client) {
  const files = Object.fromEntries(
    blocksRunAs(kind)
      .filter((block) => fileOf(block) !== 'commands')
      .map((block) => [fileOf(block), placed(block.code, { ws: broker.ws })]),
  );
  const project = makeProject(files);
  cleanup.add(undefined, project.remove);
  cpSync(join(root, 'dist', 'split'), join(project.folder, client), { recursive: true });
  return project.folder;
}

/** Opens what was built. @param {string} folder */
async function runs(folder) {
  const [expected = ''] = blocksRunAs('vite').map(printedBy).filter(Boolean);
  assert.notEqual(expected, '');
  const { origin, close } = await serve({
    '/': { folder },
    '/page': { file: join(folder, 'index.html') },
  });
  const page = await browser.newPage();
  /** @type {string[]} */
  const printed = [];
  page.on('console', (message) => printed.push(message.text()));
  page.on('pageerror', (error) => printed.push(String(error)));
  await page.goto(`${origin}/page`);
  await until(expected, () => printed.includes(expected), { seen: () => printed });
  await page.close();
  await close();
}

test('the project for Vite is built, and what was built runs', async () => {
  const folder = projectOf('vite', 'src/mqtt');

  await build({ root: folder, logLevel: 'error', build: { outDir: 'built' } });

  await runs(join(folder, 'built'));
});

test('the same sources are built by esbuild, and run', async () => {
  const folder = projectOf('vite', 'src/mqtt');
  const [commands] = blocksRunAs('esbuild');
  const esbuild = join(root, 'node_modules', '.bin', 'esbuild');

  const program = new Program(
    'bash',
    ['-euc', String(commands?.code).replace('npx esbuild', esbuild)],
    {
      cwd: folder,
    },
  );
  assert.equal(await program.ended, 0, program.output);

  writeFileSync(
    join(folder, 'public', 'index.html'),
    '<!doctype html><script type="module" src="main.js"></script>',
  );
  await runs(join(folder, 'public'));
});

test('the sample for TypeScript has the right types, and a wrong option is found', async () => {
  const folder = projectOf('typescript', 'mqtt');
  const settings = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom'];
  const resolution = ['--module', 'esnext', '--moduleResolution', 'bundler'];
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  /** @param {string} file */
  const check = (file) =>
    capture(process.execPath, [compiler, ...settings, ...resolution, file], { cwd: folder });
  const [sample] = blocksRunAs('typescript');
  writeFileSync(join(folder, 'wrong.ts'), `${sample?.code}client.connect({ adress: 'ws://a' });\n`);

  const right = await check('program.ts');
  const wrong = await check('wrong.ts');

  assert.equal(right.code, 0, right.output);
  assert.match(wrong.output, /wrong\.ts.*'adress' does not exist/);
});
