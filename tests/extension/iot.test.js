// @ts-check
// CodeLab's blocks, as its projects use them, in the official runtime.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { IotBlocks } from '../../extension/iot/extension.js';
import { LANGUAGES } from '../../extension/texts/languages.js';
import { iot, mark, mqtt, note, playProject, whenFlag, whenMessage } from './project.js';
import { makeBlocks } from './harness.js';

const ADDRESS = 'wss://guest:test@iot.codelab.test:8084/mqtt';
const TOPIC = '/scratch3_sub';

/** @param {...import('./project.js').Block} body @returns {import('./project.js').Block[]} */
const whenIot = (...body) => [iot('whenMessage', { topic: TOPIC }), ...body];

/** A lesson of CodeLab: it subscribes before it is connected, and does not wait in connect. */
const lesson = () =>
  playProject(
    {
      Cat: [
        whenFlag(
          iot('connect_to_mqtt', { mqtt_uri: ADDRESS }),
          iot('subTopic', { topic: TOPIC }),
          iot('pubMessage', { topic: '/scratch3_pub', message: 'hello' }),
          mark(iot('mqtt_is_connected')),
        ),
        whenIot(mark(iot('getComingMessage'), 'cat')),
      ],
      Dog: [whenIot(mark(iot('getComingMessage'), 'dog'))],
    },
    { hasIot: true },
  );

test('connect does not wait, and what comes before the connection is kept', async () => {
  const play = await lesson();

  play.vm.greenFlag();
  play.frames(2);

  assert.deepEqual(play.list().map(String), ['false']);
  assert.deepEqual(play.client().asked('connect'), [
    [{ url: ['wss://iot.codelab.test:8084/mqtt'], username: 'guest', password: 'test' }],
  ]);
  assert.deepEqual(play.client().asked('subscribe'), [
    [TOPIC, 0, 1],
    [TOPIC, 0, 0],
  ]);
  assert.deepEqual(play.client().asked('publish'), [['/scratch3_pub', 'hello', 0, false]]);
});

test('each message runs the scripts of both sprites, in order, with its own text', async () => {
  const play = await lesson();
  play.client().accept();

  play.arrive(20, 60, [TOPIC]);
  play.frames(20);

  const all = Array.from({ length: 20 }, (_, index) => String(index + 1));
  assert.deepEqual(play.list('cat'), all);
  assert.deepEqual(play.list('dog'), all);
});

test('a message reaches the hats of both extensions, and each asks for its own', async () => {
  const play = await playProject(
    {
      Cat: [whenIot(mark(mqtt('messagePayload'), 'cat'))],
      Dog: [whenMessage(TOPIC, note('dog'), mark(iot('getComingMessage'), 'after'))],
    },
    { hasIot: true },
  );

  play.arrive(3, 30, [TOPIC]);
  play.frames(5);

  assert.deepEqual(play.list('cat'), ['1', '2', '3']);
  assert.deepEqual(play.list('dog'), [`${TOPIC}=1`, `${TOPIC}=2`, `${TOPIC}=3`]);
  assert.deepEqual(play.list('after'), ['1', '2', '3']);
});

test('"newest only" counts for the hats of CodeLab too', async () => {
  const play = await lesson();
  play.blocks.handling({ MODE: 'newest only' });

  for (const payload of ['1', '2', '3']) play.client().deliver(TOPIC, payload);
  play.frames(5);

  assert.deepEqual(play.list('cat'), ['3']);
});

test('a number is published as its text', async () => {
  const { bridge, client } = await makeBlocks();

  new IotBlocks(bridge).pubMessage({ topic: '/n', message: 21.5 });

  assert.deepEqual(client().asked('publish'), [['/n', '21.5', 0, false]]);
});

test('before there was a message, it is an empty text', async () => {
  const { bridge } = await makeBlocks();

  assert.equal(new IotBlocks(bridge).getComingMessage({}), '');
});

test('in every language but English the blocks say what ours say', async () => {
  const { bridge } = await makeBlocks({ isStarted: false });
  const blocks = new IotBlocks(bridge);

  for (const language of LANGUAGES.filter((one) => one !== 'en')) {
    bridge.environment.locale = () => language;
    for (const { text, arguments: args } of blocks.getInfo().blocks) {
      assert.doesNotMatch(text, /\[[A-Z]+\]|Topic|Connect To/, `${language}: ${text}`);
      for (const name of Object.keys(args)) assert.ok(text.includes(`[${name}]`), text);
    }
  }
});

const script = readFileSync(new URL('../../dist/iot.js', import.meta.url), 'utf8');

/** Runs the shipped script in an editor. @param {any} [manager] @param {object} [runtime] @param {string} [address] */
function runScript(manager, runtime, address = 'https://school.test/iot.js') {
  /** @type {any[]} */
  const registered = [];
  /** @type {string[]} */
  const warnings = [];
  const scratch = {
    extensions: { register: (/** @type {any} */ extension) => registered.push(extension) },
    ...(runtime && { vm: { runtime, extensionManager: manager } }),
  };
  const console = { warn: (/** @type {string} */ text) => warnings.push(text) };
  vm.runInNewContext(
    `(function(Scratch) { ${script} })(scratch);`,
    {
      ...{ scratch, console, TextDecoder, TextEncoder, setTimeout, clearTimeout },
    },
    { filename: address },
  );
  return { registered, warnings };
}

const emptyRuntime = () => ({ threads: [], targets: [], _step() {} });

for (const [what, manager] of /** @type {[string, any][]} */ ([
  [
    'TurboWarp with it built in',
    { isBuiltinExtension: (/** @type {string} */ id) => id === 'iot' },
  ],
  [
    'an editor that has loaded it',
    { isExtensionLoaded: (/** @type {string} */ id) => id === 'iot' },
  ],
  ['an official virtual machine with it built in', loadingManager(['iot'])],
])) {
  test(`iot.js does not register in ${what}`, () => {
    const { registered, warnings } = runScript(manager, emptyRuntime());

    assert.equal(registered.length, 0);
    assert.match(String(warnings), /iot\.js is not needed here/);
  });
}

for (const [what, manager] of /** @type {[string, any][]} */ ([
  ['TurboWarp', { ...loadingManager([]), isBuiltinExtension: () => false }],
  ['an official virtual machine', loadingManager([])],
  ['an editor that says nothing', undefined],
])) {
  test(`iot.js registers in ${what}`, () => {
    const { registered } = runScript(manager, emptyRuntime());

    assert.equal(registered.length, 1);
    assert.equal(registered[0].getInfo().id, 'iot');
  });
}

test('iot.js registers in a sandbox that asks for it, with hats that the editor asks', () => {
  const { registered } = runScript(undefined, undefined, 'https://school.test/iot.js?sandbox');

  const hat = registered[0].getInfo().blocks.find((/** @type {any} */ b) => b.blockType === 'hat');
  assert.equal(hat.isEdgeActivated, true);
});

test('a page with both scripts, and with one of them twice, has one bridge', () => {
  const runtime = emptyRuntime();
  const { registered } = runScript(undefined, runtime);
  const again = runScript(undefined, runtime);

  assert.equal(registered[0].bridge, again.registered[0].bridge);
  assert.notEqual(registered[0].bridge, runScript(undefined, emptyRuntime()).registered[0].bridge);
});

/** The part of an official virtual machine that loads extensions. @param {string[]} builtIn */
function loadingManager(builtIn) {
  const loaded = new Set();
  return {
    isExtensionLoaded: (/** @type {string} */ id) => loaded.has(id),
    loadExtensionIdSync: (/** @type {string} */ id) => builtIn.includes(id) && loaded.add(id),
  };
}

test('iot.js does not register in a sandbox, where it cannot see what the editor has', () => {
  const { registered, warnings } = runScript();

  assert.equal(registered.length, 0);
  assert.match(String(warnings), /does nothing in a sandbox/);
});

test('where no hat runs, the palette hides that of CodeLab and says so', async () => {
  const { bridge } = await makeBlocks({ runtime: null, isStarted: false });

  const { blocks } = /** @type {any} */ (new IotBlocks(bridge).getInfo());

  const notes = blocks.filter((/** @type {any} */ { blockType }) => blockType === 'button');
  assert.deepEqual(
    notes.map((/** @type {any} */ { text }) => text),
    ['“When” blocks do not run here.'],
  );
  assert.equal(
    blocks.find((/** @type {any} */ { opcode }) => opcode === 'whenMessage').hideFromPalette,
    true,
  );
});
