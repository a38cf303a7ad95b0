// @ts-check
// What small boards may not get is said once in a run, as information, and only where a board of the room may listen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBlocks, turn } from './harness.js';

/** A packet has 4 bytes more than this topic and the payload, and 5 from 131 bytes on. */
const TOPIC = 'test';

/** @param {number} bytes a payload for a packet of so many */
const packet = (bytes) => 'x'.repeat(bytes - TOPIC.length - (bytes > 129 ? 5 : 4));

/** Blocks that are connected. @param {string} broker @param {any} [editor] */
async function connectedTo(broker, editor) {
  const made = await makeBlocks(editor);
  made.blocks.connect({ BROKER: broker });
  await turn();
  made.client().accept();
  return {
    ...made,
    publish: (/** @type {string} */ payload, topic = TOPIC) =>
      made.blocks.publish({ MESSAGE: payload, TOPIC: topic }),
    keep: (/** @type {string} */ payload, topic = TOPIC) =>
      made.blocks.publishWith({ MESSAGE: payload, TOPIC: topic, QOS: '1', KEEP: 'yes' }),
    status: () => String(made.blocks.status({})),
  };
}

for (const [broker, isSaid] of /** @type {[string, boolean][]} */ ([
  ['ws://192.168.1.20:8083/mqtt', true],
  ['ws://localhost:8083/mqtt', true],
  ['ws://scratch-mqtt.local:8083/mqtt', true],
  ['ws://teacher:8083/mqtt', true],
  ['wss://broker.test:8084/mqtt', false],
])) {
  test(`at ${broker} it is ${isSaid ? '' : 'not '}said`, async () => {
    const { publish, keep, status } = await connectedTo(broker);

    publish('x'.repeat(300));
    keep('x'.repeat(300));

    assert.equal(/Small boards/.test(status()), isSaid);
    assert.equal(/A board with MicroBlocks/.test(status()), isSaid);
  });
}

test('at the class server it is said, with the practice broker it is not', async () => {
  const page = {
    scratchMqttDefaults: { classServer: 'ws://192.168.1.20:8083/mqtt' },
  };
  const atClass = await connectedTo('class', { page });
  atClass.publish(packet(200));
  assert.match(atClass.status(), /^Connected to class\. Small boards may not get/);

  const alone = await makeBlocks();
  alone.blocks.publish({ MESSAGE: packet(200), TOPIC });
  assert.doesNotMatch(String(alone.blocks.status({})), /Small boards/);
});

for (const [bytes, boards] of /** @type {[number, string | null][]} */ ([
  [128, null],
  [129, '128 (MicroBlocks)'],
  [256, '128 (MicroBlocks)'],
  [257, '128 (MicroBlocks), 256 (PubSubClient)'],
])) {
  test(`a packet of ${bytes} bytes is ${boards ? `more than ${boards}` : 'not too large'}`, async () => {
    const { publish, status, blocks } = await connectedTo('ws://192.168.1.20');

    publish(packet(bytes));

    const sentence = `Small boards may not get a message on topic test. It takes ${bytes} bytes; the most they take is ${boards}.`;
    assert.equal(status().includes(sentence), boards !== null, status());
    assert.equal(status().includes('Small boards'), boards !== null);
    assert.equal(blocks.lastError({}), '');
  });
}

test('the topic counts, with its room, and a letter as its bytes', async () => {
  const { blocks, publish, status } = await connectedTo('ws://192.168.1.20');
  blocks.setRoom({ ROOM: 'r'.repeat(60) });

  publish('é'.repeat(30));
  assert.match(status(), /on topic r{60}\/test\. It takes 129 bytes/);
  const other = await connectedTo('ws://192.168.1.20');
  other.blocks.publishBytes({ HEX: 'ff'.repeat(200), TOPIC });
  assert.match(other.status(), /It takes 209 bytes/);
});

test('of many large messages one is said, and another one only if fewer boards take it', async () => {
  const { publish, status } = await connectedTo('ws://192.168.1.20');

  publish(packet(150));
  publish(packet(200), 'else');
  assert.match(status(), /on topic test\. It takes 150 bytes/);
  publish(packet(300));
  publish(packet(900));

  assert.match(status(), /It takes 300 bytes; .*PubSubClient/);
  assert.equal(status().match(/Small boards/g)?.length, 1);
});

test('a kept message is said more strongly, until a short one takes its place', async () => {
  const { blocks, keep, status } = await connectedTo('ws://192.168.1.20');

  keep(packet(150));
  assert.match(
    status(),
    /The kept message on topic test takes 150 bytes\. A board with MicroBlocks/,
  );
  assert.doesNotMatch(status(), /Small boards/);
  assert.equal(blocks.lastError({}), '');
  blocks.removeKept({ TOPIC: 'else' });
  assert.match(status(), /The kept message/);
  blocks.removeKept({ TOPIC });

  assert.equal(status(), 'Connected to ws://192.168.1.20:8084/mqtt.');
});

test('the next run says it anew, and a problem stands before it', async () => {
  const { blocks, bridge, publish, status } = await connectedTo('ws://192.168.1.20');
  publish(packet(150));
  blocks.publish({ MESSAGE: 'x', TOPIC: '' });
  assert.match(status(), /The topic is empty.* Small boards/);
  assert.match(String(blocks.lastError({})), /^The topic is empty\. [^.]*\.$/);

  bridge.projectStarted();
  assert.doesNotMatch(status(), /Small boards/);
  publish(packet(150));

  assert.match(status(), /Small boards/);
});

test('what is not published is not said', async () => {
  const { client, publish, status } = await connectedTo('ws://192.168.1.20');
  client().failure = Object.assign(new Error('full'), { code: 'queue-full' });

  publish(packet(300));

  assert.doesNotMatch(status(), /Small boards/);
});
