// @ts-check
/**
 * The samples for Vite, webpack, esbuild and TypeScript, in a project that installed the packed npm package: built as the
 * page says, and what was built runs in Chromium.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { build, createServer } from 'vite';
import webpack from 'webpack';
import { Cleanup } from '../e2e/support/cleanup.js';
import { makeConsumer, packMain, writeFiles } from '../e2e/support/npm-package.js';
import { LOOPBACK } from '../e2e/support/ports.js';
import { Program } from '../e2e/support/programs.js';
import { serve } from '../e2e/support/serve.js';
import { until } from '../e2e/support/wait.js';
import { capture, root } from '../../scripts/run.mjs';
import { blocksRunAs } from './support/pages.js';
import { brokerAndBrowser } from './support/bench.js';
import { fileOf, placed, printedBy } from './support/project.js';

/** The page that loads what was built. */
const PAGE = '<!doctype html><script type="module" src="main.js"></script>';

const cleanup = new Cleanup();
/** @type {import('../e2e/support/local-broker.js').LocalBroker} */
let broker;
/** @type {import('playwright-core').BrowserContext} */
let browser;
/** The packed package. @type {string} */
let tgz;

before(async () => {
  ({ broker, browser } = await brokerAndBrowser(cleanup));
  tgz = (await packMain(cleanup)).file;
});
after(() => cleanup.run());

/** A project with the files of these blocks, in which the package is installed. @param {string} kind */
function projectOf(kind) {
  const files = Object.fromEntries(
    blocksRunAs(kind)
      .filter((block) => fileOf(block) !== 'commands')
      .map((block) => [fileOf(block), placed(block.code, { ws: broker.ws })]),
  );
  return makeConsumer(cleanup, tgz, files);
}

/** The project for Vite with the first line that the page names for esbuild. */
function inlineProject() {
  const folder = projectOf('vite');
  const [line] = blocksRunAs('esbuild').filter((block) => fileOf(block) === 'src/main.js');
  const file = join(folder, 'src/main.js');
  const program = readFileSync(file, 'utf8');
  const changed = program.replace(/^import .*\n/, String(line?.code));
  assert.match(changed, /^import .* from 'scratch-mqtt\/inline';$/m);
  writeFiles(folder, { 'src/main.js': changed, 'public/index.html': PAGE });
  return folder;
}

/** Opens what was built. @param {string} folder */
async function runs(folder) {
  const { origin, close } = await serve({
    '/': { folder },
    '/page': { file: join(folder, 'index.html') },
  });
  await prints(`${origin}/page`);
  await close();
}

/** @param {string} address */
async function prints(address) {
  const [expected = ''] = blocksRunAs('vite').map(printedBy).filter(Boolean);
  assert.notEqual(expected, '');
  const page = await browser.newPage();
  /** @type {string[]} */
  const printed = [];
  page.on('console', (message) => printed.push(message.text()));
  page.on('pageerror', (error) => printed.push(String(error)));
  await page.goto(address);
  await until(expected, () => printed.includes(expected), { seen: () => printed });
  await page.close();
}

test('the project for Vite is built, and what was built runs', async () => {
  const folder = projectOf('vite');

  await build({ root: folder, logLevel: 'error', build: { outDir: 'built' } });

  await runs(join(folder, 'built'));
});

test('the same project runs while Vite serves its sources', async () => {
  const folder = projectOf('vite');
  const server = await createServer({
    root: folder,
    logLevel: 'error',
    server: { host: LOOPBACK, port: 0 },
  });
  cleanup.add(server, (it) => it.close());

  await server.listen();

  await prints(String(server.resolvedUrls?.local[0]));
});

test('the same sources are built by webpack, and run', async () => {
  const folder = projectOf('vite');
  const output = join(folder, 'built');

  const stats = await new Promise((resolve, reject) => {
    webpack(
      { context: folder, mode: 'production', output: { path: output }, entry: './src/main.js' },
      (error, made) => (error ? reject(error) : resolve(made)),
    );
  });

  assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
  writeFiles(output, { 'index.html': PAGE });
  await runs(output);
});

test('with the WebAssembly inside they are built by esbuild, and run', async () => {
  const folder = inlineProject();
  const [commands] = blocksRunAs('esbuild').filter((block) => fileOf(block) === 'commands');
  const esbuild = join(root, 'node_modules', '.bin', 'esbuild');

  const program = new Program(
    'bash',
    ['-euc', String(commands?.code).replace('npx esbuild', esbuild)],
    { cwd: folder },
  );
  assert.equal(await program.ended, 0, program.output);

  await runs(join(folder, 'public'));
});

test('with the WebAssembly inside they are built by Rollup, and run', async () => {
  const folder = inlineProject();

  const bundle = await rollup({
    input: join(folder, 'src/main.js'),
    plugins: [nodeResolve()],
    onwarn: (warning) => assert.fail(warning.message),
  });
  await bundle.write({ file: join(folder, 'public/main.js'), format: 'es' });
  await bundle.close();

  await runs(join(folder, 'public'));
});

const RESOLUTIONS = [
  ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ['node16', ['--module', 'node16']],
  ['nodenext', ['--module', 'nodenext']],
];
test('the sample for TypeScript has the right types, and a wrong option is found', async () => {
  const folder = projectOf('typescript');
  const settings = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom'];
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  /** @param {string} file @param {string[]} how */
  const check = (file, how) =>
    capture(
      process.execPath,
      [compiler, ...settings, '--skipLibCheck', 'false', '--types', '', ...how, file],
      { cwd: folder },
    );
  const [sample] = blocksRunAs('typescript');
  const code = String(sample?.code);
  writeFiles(folder, {
    'inline.ts': code.replace("'scratch-mqtt'", "'scratch-mqtt/inline'"),
    'required.cts':
      "import mqtt = require('scratch-mqtt');\nexport const { version } = mqtt.MqttClient;\n",
    'wrong.ts': `${code}client.connect({ adress: 'ws://a' });\n`,
  });

  for (const [name, how] of RESOLUTIONS) {
    for (const file of ['program.ts', 'inline.ts']) {
      const { code: ended, output } = await check(file, /** @type {string[]} */ (how));
      assert.equal(ended, 0, `${name}, ${file}: ${output}`);
    }
  }

  const required = await check('required.cts', ['--module', 'nodenext']);
  assert.equal(required.code, 0, required.output);
  const wrong = await check('wrong.ts', ['--module', 'nodenext']);
  assert.match(wrong.output, /wrong\.ts.*'adress' does not exist/);
});
