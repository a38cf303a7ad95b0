// @ts-check
// The blocks in the official runtime, with the real client over a real WebSocket to a real broker.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { startBroker, until } from './broker.js';
import { makeBlocks } from './harness.js';
import { note, numbered, playProject, whenMessage } from './project.js';

const wasm = new URL('../../dist/pkg/mqtt_bg.wasm', import.meta.url);
assert.ok(existsSync(wasm), 'dist/pkg is missing: npm run build');
const { default: init, ...core } = await import('../../dist/pkg/mqtt.js');
// Node 20 has none of its own.
/** @type {any} */ (globalThis).WebSocket = WebSocket;

before(() => init({ module_or_path: readFileSync(wasm) }));

/** @type {Awaited<ReturnType<typeof startBroker>>} */
let broker;
before(async () => (broker = await startBroker({ login: ['ada', 'secret'] })));
after(() => broker.stop());

const address = () => broker.url.replace('ws://', 'ws://ada:secret@');

/** @param {any} options */
const makeReal = (options = {}) => makeBlocks({ core, ...options });

test('each of 300 messages of another program is one run, in order, with its own payload', async () => {
  const play = await playProject({ Cat: [whenMessage('test/#', note())] }, { core });
  await play.blocks.connect({ BROKER: address() });
  // Its own message comes back after the broker has taken the subscription.
  play.blocks.publish({ MESSAGE: 'ready', TOPIC: 'test/ready' });
  await until(() => play.frames() ?? play.list().length === 1, 'the subscription');

  for (let sent = 0; sent < 300; sent += 100) {
    const payloads = numbered(300).slice(sent, sent + 100);
    await broker.publishAll(
      'test/count',
      payloads.map((seen) => seen.replace('test=', '')),
    );
    await until(() => play.frames() ?? play.list().length === sent + 101, `${sent + 100} runs`);
  }

  assert.deepEqual(play.list(), ['test/ready=ready', ...numbered(300, 'test/count')]);
  play.blocks.disconnect();
});

for (const [first, expected] of /** @type {const} */ ([
  ['disconnect', ['out/flag 3']],
  ['', ['out/flag 1', 'out/flag 2', 'out/flag 3']],
])) {
  test(`in a sandbox, three runs that begin with "${first}" and no broker, then one`, async () => {
    const program = broker.subscribe('out/flag');
    const { blocks } = await makeReal({ runtime: null });

    for (const MESSAGE of ['1', '2', '3']) {
      if (first) blocks.disconnect();
      blocks.connect({ BROKER: 'ws://127.0.0.1:9/mqtt' });
      blocks.publish({ MESSAGE, TOPIC: 'out/flag' });
    }
    await blocks.connect({ BROKER: address() });
    blocks.publish({ MESSAGE: 'last', TOPIC: 'out/flag' });
    await until(() => program.lines().includes('out/flag last'), 'the last message');
    program.stop();

    assert.deepEqual(program.lines(), [...expected, 'out/flag last']);
    blocks.disconnect();
  });
}

test('what is published before the connection reaches another program', async () => {
  const program = broker.subscribe('out/#');
  const { blocks } = await makeReal();

  blocks.publishWith({ MESSAGE: 'é 中文 😀', TOPIC: 'out/é', QOS: '1', KEEP: 'yes' });
  await blocks.connect({ BROKER: address() });
  blocks.publish({ MESSAGE: 21.5, TOPIC: 'out/number' });
  await until(() => program.lines().length === 2, 'two messages');
  program.stop();

  assert.deepEqual(program.lines(), ['out/é é 中文 😀', 'out/number 21.5']);
});

test('a message that is not UTF-8 harms nothing', async () => {
  const { blocks } = await makeReal();
  blocks.subscribe({ TOPIC: 'bytes' });
  await blocks.connect({ BROKER: address() });

  await until(() => {
    broker.publish('bytes', new Uint8Array([0x68, 0xff, 0x69]));
    return blocks.messageTopic({}) === 'bytes';
  }, 'the message');

  assert.equal(blocks.messagePayload({}), 'h\ufffdi');
  assert.equal(blocks.isConnected(), true);
});

test('a wrong password is explained, and the block ends', async () => {
  const { blocks } = await makeReal();

  await blocks.connect({ BROKER: broker.url.replace('ws://', 'ws://ada:wrong@') });

  assert.equal(blocks.isConnected(), false);
  assert.match(blocks.status(), /^The broker refused the user name or password\./);
  assert.doesNotMatch(blocks.status(), /ada|wrong|Trying/);
});

test('log in after a refused password connects', async () => {
  const { blocks } = await makeReal();
  await blocks.connect({ BROKER: broker.url });

  blocks.login({ USER: 'ada', PASSWORD: 'secret' });
  await blocks.connect({ BROKER: broker.url });

  assert.equal(blocks.isConnected(), true);
});

test('an address where nothing listens is explained', async () => {
  const { blocks } = await makeReal();

  await blocks.connect({ BROKER: 'ws://127.0.0.1:1' });

  assert.equal(blocks.isConnected(), false);
  assert.match(
    blocks.status(),
    /^No broker answers at 127\.0\.0\.1:1\. 127\.0\.0\.1 always means the computer in front of you/,
  );
});

test('another broker takes the place of the first', async () => {
  const other = await startBroker();
  const { blocks } = await makeReal();
  await blocks.connect({ BROKER: address() });

  await blocks.connect({ BROKER: other.url });

  assert.equal(blocks.isConnected(), true);
  assert.equal(blocks.status(), `Connected to ${other.url}.`);
  blocks.disconnect();
  await other.stop();
});

test('connect after disconnect connects again', async () => {
  const { blocks } = await makeReal();
  await blocks.connect({ BROKER: address() });

  blocks.disconnect();
  assert.equal(blocks.isConnected(), false);
  await blocks.connect({ BROKER: address() });

  assert.equal(blocks.isConnected(), true);
});

for (const [typed, sentence] of /** @type {[string, RegExp][]} */ ([
  ['', /The broker’s address is empty\./],
  ['wss://broker .test', /There is a space in the broker’s address\./],
  ['http://broker.test', /starts with http, which is for web pages\./],
  ['mqtt://broker.test', /starts with wss:\/\/ or ws:\/\/\./],
  ['wss://broker.test:99999', /a number up to 65535, as in wss:\/\/broker\.test:8084\/mqtt\./],
  ['broker.test:1883', /Port 1883 is for boards and programs\./],
  ['wss://', /Check it letter by letter\./],
])) {
  test(`the address ${typed || '(empty)'} opens nothing and is explained`, async () => {
    const { blocks } = await makeReal();

    await blocks.connect({ BROKER: typed });

    assert.match(blocks.status(), sentence);
  });
}

test('on a secure page an address without wss is explained', async () => {
  const { blocks } = await makeReal({ page: { location: { href: 'https://editor.test/' } } });

  await blocks.connect({ BROKER: 'ws://broker.test:8083/mqtt' });

  assert.match(blocks.status(), /the browser blocks ws:\/\/\. Use wss:\/\//);
});

for (const [what, topic, sentence] of /** @type {[string, string, RegExp][]} */ ([
  ['an empty topic', '', /The topic is empty\./],
  ['a topic with a wildcard', 'a/+/b', /You cannot publish to a\/\+\/b/],
  [
    'a topic of 65,536 bytes',
    'x'.repeat(65_536),
    /The topic is too long: 65,535 bytes is the most\./,
  ],
  ['a topic with a null character', 'a\u0000', /character that cannot be (sent|seen)/],
])) {
  test(`publishing to ${what} is explained, and the connection stays`, async () => {
    const { blocks } = await makeReal();
    await blocks.connect({ BROKER: address() });

    blocks.publish({ MESSAGE: 'hello', TOPIC: topic });

    assert.match(blocks.status(), sentence);
    assert.equal(blocks.isConnected(), true);
  });
}

test('no block throws or rejects with the real client', async () => {
  const { blocks } = await makeReal();
  await blocks.connect({ BROKER: address() });

  for (const value of ['', 0, true, null, [], {}, '#', '\ud800', 'x'.repeat(65_536), '\u0000']) {
    blocks.setRoom({ ROOM: value });
    blocks.publishWith({ MESSAGE: value, TOPIC: value, QOS: value, KEEP: value });
    blocks.subscribe({ TOPIC: value });
    blocks.unsubscribe({ TOPIC: value });
    blocks.login({ USER: value, PASSWORD: value });
    assert.equal(typeof blocks.lastMessage({ TOPIC: value }), 'string');
    assert.equal(
      typeof blocks.whenMessage({ TOPIC: value }, { thread: /** @type {any} */ ({}) }),
      'boolean',
    );
  }

  assert.equal(blocks.isConnected(), true);
});

test('hats and queues whose topics overlap get each message once', async () => {
  const play = await playProject(
    {
      Cat: [whenMessage('twice/#', note())],
      Dog: [whenMessage('twice/temp', note())],
    },
    { core },
  );
  play.blocks.subscribe({ TOPIC: 'twice/+' });
  await play.blocks.connect({ BROKER: address() });
  play.blocks.publish({ MESSAGE: 'ready', TOPIC: 'twice/temp' });
  await until(() => play.frames() ?? play.list().length >= 2, 'the subscriptions');
  const takeNext = () => play.blocks.nextMessage({ TOPIC: 'twice/+' });
  assert.equal(takeNext(), 'ready');

  // The same value twice is two messages.
  await broker.publishAll('twice/temp', ['20', '21', '21', 'end']);
  await until(() => play.frames() ?? play.list().length >= 10, 'the messages');
  play.frames(10);

  const expected = ['ready', '20', '21', '21', 'end'].map((seen) => `twice/temp=${seen}`);
  assert.deepEqual(play.list().sort(), [...expected, ...expected].sort());
  assert.deepEqual([takeNext(), takeNext(), takeNext(), takeNext()], ['20', '21', '21', 'end']);
  assert.equal(takeNext(), '');
  play.blocks.disconnect();
});
