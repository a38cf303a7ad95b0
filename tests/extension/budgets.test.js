// @ts-check
// What large messages and texts cost the blocks is bounded, and the status says where: docs/reference/limits.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_BYTES, bytesOf, hexOf } from '../../extension/values/bytes.js';
import { MOST_JSON } from '../../extension/values/json.js';
import { REMEMBERED_BYTES, ReceivedMessage } from '../../extension/delivery/messages.js';
import { MOST_TEXT } from '../../extension/values/numbers.js';
import { QUEUE_BYTES, hasTooManyBytes } from '../../extension/delivery/bounds.js';
import { makeConnected, turn } from './harness.js';
import { playProject, wait, whenMessage } from './project.js';

const MIB = 1 << 20;

/** Blocks that have received a message of so many bytes. @param {number} bytes */
async function afterMessageOf(bytes) {
  const made = await makeConnected();
  made.blocks.subscribe({ TOPIC: '#' });
  made.client().deliver('big', /** @type {any} */ (new Uint8Array(bytes).fill(0x61)));
  return made;
}

test('the last message of a topic is remembered, however large', async () => {
  for (const bytes of [REMEMBERED_BYTES, REMEMBERED_BYTES + 1, 16 * MIB]) {
    const { blocks, client } = await afterMessageOf(bytes);

    assert.equal(String(blocks.lastMessage({ TOPIC: 'big' })).length, bytes);

    client().deliver('small', 'x');
    assert.equal(blocks.lastMessage({ TOPIC: 'small' }), 'x');
    const left = bytes < REMEMBERED_BYTES - 100 ? bytes : 0;
    assert.equal(String(blocks.lastMessage({ TOPIC: 'big' })).length, left);
  }
});

test('a message that waits keeps no more memory than it is counted with', async () => {
  const { blocks, bridge, client } = await makeConnected();
  blocks.messageWaiting({ TOPIC: 'a' });
  const buffers = new Set();
  const { receive } = bridge.inbox;
  bridge.inbox.receive = (message, filters) => {
    buffers.add(message.bytes.buffer);
    receive.call(bridge.inbox, message, filters);
  };
  for (let index = 0; index < 2_000; index++) {
    const frame = new Uint8Array(32_768);
    client().deliver('a', /** @type {any} */ (frame.subarray(100, 165)));
  }

  const kept = [...buffers].reduce((all, { byteLength }) => all + byteLength, 0);
  assert.equal(buffers.size, 2_000);
  assert.equal(kept, 2_000 * 65);
});

test('a payload that is most of what came is not copied', async () => {
  const { blocks, bridge, client } = await makeConnected();
  blocks.subscribe({ TOPIC: '#' });
  const frame = new Uint8Array(1000);

  client().deliver('a', /** @type {any} */ (frame.subarray(100)));

  assert.equal(bridge.lastMessages.newest?.bytes.buffer, frame.buffer);
  // All of it counts: it cannot be let go in part.
  assert.equal(bridge.lastMessages.newest?.byteLength, 1001);
});

test('what waits for scripts is bounded in bytes, and one message always waits', () => {
  const message = (/** @type {number} */ length) =>
    new ReceivedMessage({
      topic: 'a',
      payload: new Uint8Array(length),
      qos: 0,
      retain: false,
      dup: false,
      subscriptions: [],
    });
  const half = QUEUE_BYTES / 2 - 1;

  assert.equal(hasTooManyBytes([message(QUEUE_BYTES * 2)]), false);
  assert.equal(hasTooManyBytes([message(half), message(half)]), false);
  assert.equal(hasTooManyBytes([message(half), message(half + 1)]), true);
});

test('a busy script skips the oldest of many large messages', async () => {
  const play = await playProject({ Cat: [whenMessage('big', wait(1))] });
  play.frames(2);

  for (let index = 0; index < 40; index++) {
    play.client().deliver('big', /** @type {any} */ (new Uint8Array(MIB)));
  }
  play.frames(2);

  const { count, topic } = play.bridge.status.dropped;
  assert.equal(topic, 'big');
  assert.equal(count, 40 - 15);
});

test('a sandbox skips the oldest of many large messages', async () => {
  const { blocks, bridge, client } = await makeConnected({ runtime: null });
  blocks.whenMessage({ TOPIC: 'big' });
  await turn();

  for (let index = 0; index < 40; index++) {
    client().deliver('big', /** @type {any} */ (new Uint8Array(MIB)));
  }

  assert.equal(bridge.status.dropped.count, 40 - 15);
});

test('the bytes of a large message are said up to 4 MiB; beyond it the status says so', async () => {
  for (const [bytes, length] of [
    [MOST_BYTES, MOST_BYTES * 3 - 1],
    [MOST_BYTES + 1, 0],
    [16 * MIB, 0],
  ]) {
    const { blocks } = await afterMessageOf(Number(bytes));

    const hex = String(blocks.messageInfo({ INFO: 'hex' }));

    assert.equal(hex.length, length);
    assert.ok(hex.startsWith(length ? '61 61 61 ' : ''));
    assert.equal(/too many bytes.*4194304/.test(String(blocks.status())), length === 0);
    assert.equal(blocks.messageInfo({ INFO: 'bytes' }), bytes);
  }
});

test('bytes are published up to 4 MiB; beyond it the status says so', async () => {
  const { blocks, client } = await makeConnected();
  const most = 'ff '.repeat(MOST_BYTES);

  blocks.publishBytes({ HEX: most, TOPIC: 'a' });

  assert.equal(client().asked('publish').length, 1);
  assert.equal(client().asked('publish')[0][1].length, MOST_BYTES);
  assert.doesNotMatch(String(blocks.status()), /bytes/);

  blocks.publishBytes({ HEX: `${most}f`, TOPIC: 'a' });

  assert.equal(client().asked('publish').length, 1);
  assert.match(String(blocks.status()), /too many bytes/);
});

for (const [hex, bytes] of /** @type {[string, number[] | null][]} */ ([
  ['', []],
  [' \t\n\u00a0\u3000\ufeff', []],
  ['00ff', [0, 255]],
  [' 0A  b1 ', [10, 177]],
  ['a', null],
  ['a b', null],
  ['ab c', null],
  ['0x01', null],
  ['g0', null],
  ['à0', null],
  ['０1', null],
  ['ŁŁ', null],
])) {
  test(`${JSON.stringify(hex)} is ${bytes ? `${bytes.length} bytes` : 'none'}`, () => {
    assert.deepEqual(bytesOf(hex), bytes && Uint8Array.from(bytes));
    if (bytes) assert.deepEqual(bytesOf(hexOf(Uint8Array.from(bytes))), Uint8Array.from(bytes));
  });
}

test('JSON is read and changed up to a bound, and the status says where it is', async () => {
  const { blocks } = await makeConnected();
  const most = JSON.stringify(['x'.repeat(MOST_JSON - 6), 1]);
  assert.equal(most.length, MOST_JSON);

  assert.equal(blocks.jsonGet({ JSON: most, PATH: '[1]' }), 1);
  assert.equal(String(blocks.jsonSet({ JSON: most, PATH: '[1]', VALUE: 2 })).length, MOST_JSON);
  assert.doesNotMatch(String(blocks.status()), /too long/);

  for (const call of [
    () => blocks.jsonGet({ JSON: `${most} `, PATH: '[1]' }),
    () => blocks.jsonGet({ JSON: '[1]', PATH: `[${'0'.repeat(MOST_JSON)}]` }),
    () => blocks.jsonSet({ JSON: `${most} `, PATH: '[1]', VALUE: 2 }),
    () => blocks.jsonSet({ JSON: '[1]', PATH: '[1]', VALUE: `${most} ` }),
  ]) {
    blocks.bridge.status.clear();
    assert.equal(call(), '');
    assert.match(String(blocks.status()), new RegExp(`too long.*${MOST_JSON}`));
  }
});

test('numbers are looked for up to a bound, and the status says when that was too little', async () => {
  const { blocks } = await makeConnected();
  const TEXT = `7 ${'x'.repeat(MOST_TEXT)} 8`;

  assert.equal(blocks.numberIn({ N: 1, TEXT }), 7);
  assert.doesNotMatch(String(blocks.status()), /too long/);
  assert.equal(blocks.numberIn({ N: 2, TEXT }), '');
  assert.match(String(blocks.status()), /too long/);
});
