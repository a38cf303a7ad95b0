// @ts-check
// Messages that wait until a block asks for them: "message waiting on topic" and "next message on
// topic", which need no hat and work the same with a runtime and without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INBOX_BYTES, INBOX_LIMIT, UNREAD_LIMIT } from '../../extension/delivery/inbox.js';
import { makeBlocks, makeConnected } from './harness.js';

/** @typedef {import('../../extension/blocks/extension.js').ScratchMqtt} ScratchMqtt */

const TOPIC = 'test';
const FULL_QUEUE = Array.from({ length: INBOX_LIMIT + 5 }, (_, index) => String(index + 1));

/** Everything that waits, as a script takes it that asks first. @param {ScratchMqtt} blocks @param {string} [topic] */
function takeAll(blocks, topic = TOPIC) {
  const taken = [];
  while (blocks.messageWaiting({ TOPIC: topic })) taken.push(blocks.nextMessage({ TOPIC: topic }));
  return taken;
}

/** Blocks that have asked for the next message once, in vain. @param {any} [editor] */
async function makeReading(editor) {
  const made = await makeConnected(editor);
  assert.equal(made.blocks.nextMessage({ TOPIC }), '');
  return made;
}

for (const [where, editor] of /** @type {[string, any][]} */ ([
  ['with a runtime', {}],
  ['in a sandbox', { runtime: null }],
])) {
  test(`${where} each message is taken once, the oldest first`, async () => {
    const { blocks, client } = await makeReading(editor);

    for (const payload of ['1', '', '3']) client().deliver(TOPIC, payload);

    assert.deepEqual(takeAll(blocks), ['1', '', '3']);
    assert.equal(blocks.nextMessage({ TOPIC }), '');
  });

  test(`${where} no message waits on a topic that is asked for the first time`, async () => {
    const { blocks, client } = await makeConnected(editor);

    assert.equal(blocks.messageWaiting({ TOPIC }), false);
    assert.deepEqual(client().asked('subscribe'), [[TOPIC, 0, 2]]);
  });

  test(`${where} the message that was taken is the message of the other blocks`, async () => {
    const { blocks, client } = await makeReading(editor);
    const util = { thread: /** @type {any} */ ({ topBlock: 'x', target: {}, status: 0 }) };
    for (const payload of ['1', '2', '3']) client().deliver(TOPIC, payload);

    blocks.nextMessage({ TOPIC }, util);

    assert.equal(blocks.messagePayload({}, util), '1');
    assert.equal(blocks.messageInfo({ INFO: 'number' }, util), 1);
  });

  test(`${where} asking in vain changes no message`, async () => {
    const { blocks, client } = await makeReading(editor);
    const util = { thread: /** @type {any} */ ({ topBlock: 'x', target: {}, status: 0 }) };
    client().deliver(TOPIC, '1');
    blocks.nextMessage({ TOPIC }, util);

    assert.equal(blocks.nextMessage({ TOPIC }, util), '');

    assert.equal(blocks.messagePayload({}, util), '1');
  });
}

test('two scripts that take messages keep them apart', async () => {
  const { blocks, client } = await makeReading();
  const [cat, dog] = ['cat', 'dog'].map((topBlock) => ({
    thread: /** @type {any} */ ({ topBlock, target: {}, status: 0 }),
  }));
  client().deliver(TOPIC, '1');
  client().deliver(TOPIC, '2');

  blocks.nextMessage({ TOPIC }, cat);
  blocks.nextMessage({ TOPIC }, dog);

  assert.equal(blocks.messagePayload({}, cat), '1');
  assert.equal(blocks.messagePayload({}, dog), '2');
});

test('topics that are written differently each have all their messages', async () => {
  const { blocks, client } = await makeConnected();
  for (const topic of ['room/+', 'room/1', 'other']) blocks.messageWaiting({ TOPIC: topic });

  client().deliver('room/1', 'a');
  client().deliver('room/2', 'b');

  assert.deepEqual(takeAll(blocks, 'room/+'), ['a', 'b']);
  assert.deepEqual(takeAll(blocks, 'room/1'), ['a']);
  assert.deepEqual(takeAll(blocks, 'other'), []);
});

test('what comes after a subscribe block waits for the script that asks later', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC });
  blocks.subscribeWith({ TOPIC: 'sensor', QOS: '1' });

  client().deliver(TOPIC, 'answer');
  client().deliver('sensor', '21');

  assert.equal(blocks.nextMessage({ TOPIC }), 'answer');
  assert.equal(blocks.nextMessage({ TOPIC: 'sensor' }), '21');
});

test('topics belong to the room, and what came in another room is gone', async () => {
  const { blocks, client } = await makeConnected();
  blocks.setRoom({ ROOM: '6b' });
  blocks.subscribe({ TOPIC });
  blocks.subscribe({ TOPIC: '/fixed' });
  client().deliver('6b/test', 'old');
  client().deliver('/fixed', 'stays');

  blocks.setRoom({ ROOM: '6c' });
  client().deliver('6c/test', 'new');

  assert.deepEqual(takeAll(blocks), ['new']);
  assert.deepEqual(takeAll(blocks, '/fixed'), ['stays']);
});

test('unsubscribe ends what waits, and asking again begins anew', async () => {
  const { blocks, client } = await makeReading();
  client().deliver(TOPIC, 'old');

  blocks.unsubscribe({ TOPIC });

  assert.equal(blocks.messageWaiting({ TOPIC }), false);
  client().deliver(TOPIC, 'new');
  assert.deepEqual(takeAll(blocks), ['new']);
});

test('the green flag skips what came before it', async () => {
  const { bridge, blocks, client } = await makeReading();
  client().deliver(TOPIC, 'old');

  bridge.projectStarted();
  client().deliver(TOPIC, 'new');

  assert.deepEqual(takeAll(blocks), ['new']);
  assert.doesNotMatch(blocks.status(), /dropped/);
});

test('another project does not read what the last one waited for', async () => {
  const { bridge, blocks, client } = await makeReading();
  client().deliver(TOPIC, 'old');

  bridge.projectLoaded();

  assert.deepEqual(takeAll(blocks), []);
});

test('when too many wait, the oldest are dropped and counted', async () => {
  const { blocks, client } = await makeReading();

  for (const payload of FULL_QUEUE) client().deliver(TOPIC, payload);

  assert.match(blocks.status(), /5 messages were dropped .* topic test\./);
  assert.deepEqual(takeAll(blocks), FULL_QUEUE.slice(5));
});

test('long messages count by their bytes, and the newest always waits', async () => {
  const { blocks, client } = await makeReading();
  const half = 'x'.repeat(INBOX_BYTES / 2);

  for (const payload of [`1${half}`, `2${half}`]) client().deliver(TOPIC, payload);
  assert.deepEqual(takeAll(blocks), [`2${half}`]);

  client().deliver(TOPIC, half + half + half);
  assert.deepEqual(takeAll(blocks), [half + half + half]);
});

test('messages that no block asks for take little room, and are not called dropped', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC });

  for (const payload of FULL_QUEUE) client().deliver(TOPIC, payload);

  assert.doesNotMatch(blocks.status(), /dropped/);
  assert.deepEqual(takeAll(blocks), FULL_QUEUE.slice(-UNREAD_LIMIT));
});

test('newest only lets one message wait, and does not call the others dropped', async () => {
  const { blocks, client } = await makeReading();
  client().deliver(TOPIC, '1');
  client().deliver(TOPIC, '2');

  blocks.handling({ MODE: 'newest only' });
  assert.deepEqual(takeAll(blocks), ['2']);

  client().deliver(TOPIC, '3');
  client().deliver(TOPIC, '4');
  assert.deepEqual(takeAll(blocks), ['4']);
  assert.doesNotMatch(blocks.status(), /dropped/);
});

test('a topic that cannot be is reported, and nothing waits', async () => {
  const { blocks } = await makeConnected();

  assert.equal(blocks.messageWaiting({ TOPIC: 'a#/b' }), false);
  assert.equal(blocks.nextMessage({ TOPIC: 'a#/b' }), '');
  assert.match(blocks.status(), /# must be the last part\./);
});

test('what is asked before the wasm module has started waits for it', async () => {
  const { blocks, client, start } = await makeBlocks({ isStarted: false });
  assert.equal(blocks.messageWaiting({ TOPIC }), false);

  await start();
  client().deliver(TOPIC, '1');

  assert.deepEqual(takeAll(blocks), ['1']);
});

test('a topic that the broker refuses is asked for once in a run, however often a block asks', async () => {
  const { bridge, blocks, client } = await makeReading();
  client().onevent?.({ type: 'subscribeFailed', subscription: 1, filter: TOPIC, reasonCode: 0x87 });

  takeAll(blocks);
  assert.equal(client().asked('subscribe').length, 1);

  bridge.projectStarted();
  takeAll(blocks);
  assert.equal(client().asked('subscribe').length, 2);
});
