// @ts-check
// The advanced blocks that publish and subscribe: what reaches the client, and what the status says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_SUBSCRIPTIONS } from '../../extension/client/subscriptions.js';
import { makeBlocks, makeConnected } from './harness.js';

test('bytes are published as they are', async () => {
  const { blocks, client } = await makeConnected();

  blocks.publishBytes({ HEX: 'ff 00 80', TOPIC: 'test' });
  blocks.publishBytes({ HEX: '', TOPIC: 'test' });

  assert.deepEqual(client().asked('publish'), [
    ['test', new Uint8Array([255, 0, 128]), 0, false],
    ['test', new Uint8Array(), 0, false],
  ]);
});

test('a message is one call of the core, which names what is wrong with its topic', async () => {
  const { blocks, bridge, client } = await makeConnected();
  let asked = 0;
  /** @type {any} */ (bridge.client.core).topicProblem = () => {
    asked += 1;
    return 'control-character';
  };

  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test/+' });
  const wildcard = blocks.status();
  const askedForThem = asked;
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'te\nst' });

  assert.equal(client().asked('publish').length, 1);
  assert.equal(askedForThem, 0);
  assert.match(wildcard, /test\/\+/);
  assert.equal(asked, 1);
  assert.notEqual(blocks.status(), wildcard);
});

test('bytes that cannot be read are explained, and nothing is sent', async () => {
  const { blocks, client } = await makeConnected();

  blocks.publishBytes({ HEX: 'hello', TOPIC: 'test' });

  assert.deepEqual(client().asked('publish'), []);
  assert.match(blocks.status(), /The bytes cannot be read\. .* for example ff 00 80\.$/);
});

test('an empty message removes the kept one, in the room', async () => {
  const { blocks, client } = await makeConnected();
  blocks.setRoom({ ROOM: '6b' });

  blocks.removeKept({ TOPIC: 'test' });

  assert.deepEqual(client().asked('publish'), [['6b/test', '', 0, true]]);
});

test('a topic with wildcards has no kept message to remove', async () => {
  const { blocks, client } = await makeConnected();

  blocks.removeKept({ TOPIC: 'sensor/#' });

  assert.deepEqual(client().asked('publish'), []);
  assert.match(blocks.status(), /You cannot publish to sensor\/#/);
});

for (const [QOS, qos] of [
  ['0', 0],
  ['1', 1],
  [2, 2],
  ['most', 0],
]) {
  test(`subscribe with QoS ${QOS} asks for ${qos}`, async () => {
    const { blocks, client } = await makeConnected();

    blocks.subscribeWith({ TOPIC: 'sensor/+/temp', QOS });

    assert.deepEqual(client().asked('subscribe'), [['sensor/+/temp', qos, 0]]);
  });
}

for (const [reasonCode, sentence] of /** @type {[number, RegExp][]} */ ([
  [0x80, /The broker did not allow the subscription to room\/\+\./],
  [0x97, /There are too many subscriptions\. Use one topic with \+ or # instead\./],
  [0xa2, /does not allow \+ and # in topics such as room\/\+\. Write the whole topic\./],
])) {
  test(`a subscription that is refused with 0x${reasonCode.toString(16)} says what to do`, async () => {
    const { blocks, client } = await makeConnected();

    client().onevent?.({ type: 'subscribeFailed', subscription: 1, filter: 'room/+', reasonCode });

    assert.match(blocks.status(), sentence);
  });
}

test('another QoS is asked for once', async () => {
  const { blocks, client } = await makeConnected();

  blocks.subscribe({ TOPIC: 'test' });
  blocks.subscribeWith({ TOPIC: 'test', QOS: '1' });
  blocks.subscribeWith({ TOPIC: 'test', QOS: '1' });

  assert.deepEqual(client().asked('subscribe'), [
    ['test', 0, 0],
    ['test', 1, 0],
  ]);
});

test('where there is room for no other topic, the QoS of one may still change', async () => {
  const { blocks, client } = await makeConnected();
  for (let n = 0; n < MOST_SUBSCRIPTIONS; n += 1) blocks.subscribe({ TOPIC: `test/${n}` });

  blocks.subscribeWith({ TOPIC: 'test/0', QOS: '1' });

  assert.deepEqual(client().asked('subscribe').at(-1), ['test/0', 1, 0]);
});

test('what a project unsubscribes from, topic after topic, is not remembered without end', async () => {
  const { bridge, blocks } = await makeConnected();

  for (let n = 0; n < 2 * MOST_SUBSCRIPTIONS; n += 1) blocks.unsubscribe({ TOPIC: `test/${n}` });

  const { muted } = /** @type {any} */ (bridge.subscriptions);
  assert.equal(muted.size, MOST_SUBSCRIPTIONS);
  assert.ok(muted.has(`test/${2 * MOST_SUBSCRIPTIONS - 1}`));
});

test('the QoS goes along into another room', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribeWith({ TOPIC: 'test', QOS: '2' });

  blocks.setRoom({ ROOM: '6b' });

  assert.deepEqual(client().asked('subscribe').at(-1), ['6b/test', 2, 0]);
});

test('the QoS is kept until the wasm module has started', async () => {
  const { blocks, client, start } = await makeBlocks({ isStarted: false });

  blocks.subscribeWith({ TOPIC: 'test', QOS: '2' });
  await start();

  assert.deepEqual(client().asked('subscribe'), [['test', 2, 0]]);
});

const USUAL = { perSecond: 20, burst: 200, excess: 'wait' };

test('what blocks publish has a limit from the first message on, and the client gets it on connecting', async () => {
  const { blocks, client } = await makeBlocks();
  assert.deepEqual(client().publishRate, USUAL);
  client().publishRate = null;

  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });

  assert.deepEqual(client().publishRate, USUAL);
});

for (const [N, rate] of /** @type {[unknown, unknown][]} */ ([
  [20, { perSecond: 20, burst: 20, excess: 'wait' }],
  ['5', { perSecond: 5, burst: 5, excess: 'wait' }],
  [0.5, { perSecond: 1, burst: 1, excess: 'wait' }],
  [50, { perSecond: 50, burst: 200, excess: 'wait' }],
  [500, { perSecond: 500, burst: 500, excess: 'wait' }],
  [1e12, { perSecond: 1_000_000, burst: 1_000_000, excess: 'wait' }],
  [0, null],
  ['', null],
  [-3, null],
  ['fast', null],
])) {
  test(`at most ${N || 'nothing'} per second is ${JSON.stringify(rate)} for the client`, async () => {
    const { blocks, client } = await makeConnected();

    blocks.publishLimit({ N });

    assert.deepEqual(client().publishRate, rate);
  });
}

test('a limit holds for the next connection, and ends with the project', async () => {
  const { bridge, blocks, client } = await makeBlocks();
  blocks.publishLimit({ N: 5 });

  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  assert.deepEqual(client().publishRate, { perSecond: 5, burst: 5, excess: 'wait' });

  bridge.projectLoaded();
  assert.deepEqual(client().publishRate, USUAL);
});

test('values that newer ones replaced are counted until the green flag', async () => {
  const { bridge, blocks, client } = await makeConnected();

  for (const token of [1, 2]) {
    client().onevent?.({ type: 'publishFailed', token, code: 'replaced' });
  }

  assert.match(blocks.status(), /Publishing too fast: 2 not sent\. Add a wait block\.$/);
  bridge.projectStarted();
  assert.doesNotMatch(blocks.status(), /too fast/);
});

test('six green flags without a connection, then one with it: one message, and the status says so', async () => {
  const { bridge, blocks, client } = await makeBlocks();

  for (let run = 0; run < 6; run += 1) {
    bridge.projectStarted();
    blocks.connect({ BROKER: 'wss://wrong.test:8084/mqtt' });
    blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });
  }

  assert.equal(client().unsent, 1);
  assert.match(blocks.status(), /1 messages of the last run were not sent/);
  bridge.projectStarted();
  bridge.projectStarted();
  assert.doesNotMatch(blocks.status(), /last run/);
});

test('what waits for the wasm module when the project starts anew is not published', async () => {
  const { bridge, blocks, client, start } = await makeBlocks({ isStarted: false });
  blocks.setRoom({ ROOM: 'room1' });
  for (const MESSAGE of ['1', '2']) {
    bridge.projectStarted();
    blocks.publish({ MESSAGE, TOPIC: 'test' });
    blocks.publishBytes({ HEX: 'ff', TOPIC: 'test' });
  }

  await start();

  assert.deepEqual(client().asked('publish'), [
    ['room1/test', '2', 0, false],
    ['room1/test', new Uint8Array([255]), 0, false],
  ]);
  assert.match(blocks.status(), /2 messages of the last run were not sent/);
});

test('in a sandbox, which has no green flag, another broker begins anew', async () => {
  const { blocks, client } = await makeBlocks({ runtime: null });
  blocks.publish({ MESSAGE: 'early', TOPIC: 'test' });
  blocks.connect({ BROKER: 'wss://wrong.test:8084/mqtt' });
  blocks.connect({ BROKER: 'wss://wrong.test:8084/mqtt' });
  assert.deepEqual(client().discards, []);

  blocks.connect({ BROKER: 'wss://right.test:8084/mqtt' });

  assert.deepEqual(client().discards, [1000]);
});

test('with a runtime another broker takes nothing back', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.connect({ BROKER: 'wss://wrong.test:8084/mqtt' });

  blocks.connect({ BROKER: 'wss://right.test:8084/mqtt' });

  assert.deepEqual(client().discards, []);
});

test('what is published too fast is counted until the green flag', async () => {
  const { bridge, blocks, client } = await makeConnected();
  client().failure = Object.assign(new Error('too fast'), { code: 'too-fast' });

  for (let n = 0; n < 3; n += 1) blocks.publish({ MESSAGE: n, TOPIC: 'test' });
  blocks.publishBytes({ HEX: 'x', TOPIC: 'test' });

  assert.match(blocks.status(), /Publishing too fast: 3 not sent\. Add a wait block\.$/);
  bridge.projectStarted();
  assert.doesNotMatch(blocks.status(), /too fast/);
});

test('the full name of a topic has the room', async () => {
  const { blocks } = await makeConnected();
  assert.equal(blocks.fullTopic({ TOPIC: 'test' }), 'test');

  blocks.setRoom({ ROOM: 'room1' });

  assert.equal(blocks.fullTopic({ TOPIC: 'test' }), 'room1/test');
  assert.equal(blocks.fullTopic({ TOPIC: '/test' }), '/test');
});

test('jsonGet, jsonSet and numberIn cast what is dropped into them', async () => {
  const { blocks } = await makeConnected();

  assert.equal(blocks.jsonGet({ PATH: 1, JSON: '{"1":true}' }), true);
  assert.equal(blocks.jsonSet({ JSON: '{}', PATH: 'on', VALUE: true }), '{"on":true}');
  assert.equal(blocks.numberIn({ N: '2', TEXT: '1 2' }), 2);
  assert.equal(blocks.numberIn({ N: 1, TEXT: 7.5 }), 7.5);
});
