// @ts-check
// What the blocks say of a message beside its payload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeConnected } from './harness.js';
import { mark, mqtt, playProject, wait, whenMessage } from './project.js';

/** Blocks that have received one message. @param {any} [more] of the message */
async function afterMessage(more, payload = 'hé') {
  const made = await makeConnected();
  made.blocks.subscribe({ TOPIC: '#' });
  made.client().deliver('class/6b/temp', payload, more);
  return made;
}

for (const [INFO, expected] of /** @type {[unknown, unknown][]} */ ([
  ['bytes', 3],
  ['hex', '68 c3 a9'],
  ['QoS', 1],
  ['number', 1],
  ['HEX', '68 c3 a9'],
  [' qos ', 1],
  ['colour', ''],
  ['constructor', ''],
  [1, ''],
])) {
  test(`${INFO} of message is ${expected || 'empty'}`, async () => {
    const { blocks } = await afterMessage({ qos: 1 });

    assert.strictEqual(blocks.messageInfo({ INFO }), expected);
  });
}

test('the bytes are those that came, also after the payload was read', async () => {
  const { blocks } = await afterMessage(
    {},
    /** @type {any} */ (new Uint8Array([0xff, 0x00, 0x80])),
  );

  blocks.messagePayload({});

  assert.equal(blocks.messageInfo({ INFO: 'hex' }), 'ff 00 80');
});

test('the age grows', async () => {
  const { bridge, blocks, client } = await afterMessage();
  let now = 5000;
  bridge.status.now = () => now;
  client().deliver('class/6b/temp', '1');

  now = 6234;

  assert.equal(blocks.messageInfo({ INFO: 'age in seconds' }), 1.234);
  now = 0;
  assert.equal(blocks.messageInfo({ INFO: 'age in seconds' }), 0);
});

test('messages are numbered from the green flag on', async () => {
  const { bridge, blocks, client } = await afterMessage();
  client().deliver('test', 'second');
  assert.equal(blocks.messageInfo({ INFO: 'number' }), 2);

  bridge.projectStarted();
  client().deliver('test', 'first again');

  assert.equal(blocks.messageInfo({ INFO: 'number' }), 1);
});

for (const [retain, isKept] of [
  [true, true],
  [false, false],
]) {
  test(`a message that was ${retain ? '' : 'not '}kept by the broker says so`, async () => {
    const { blocks } = await afterMessage({ retain });

    assert.equal(blocks.messageKept({}), isKept);
  });
}

for (const [N, part] of /** @type {[unknown, string][]} */ ([
  [1, 'class'],
  ['2', '6b'],
  [3, 'temp'],
  [2.7, '6b'],
  [4, ''],
  [0, ''],
  [-1, ''],
  ['', ''],
  ['first', ''],
  [Infinity, ''],
])) {
  test(`part ${N} of the topic class/6b/temp is ${part || 'empty'}`, async () => {
    const { blocks } = await afterMessage();

    assert.equal(blocks.topicPart({ N }), part);
  });
}

test('the room is no part of the topic', async () => {
  const { blocks, client } = await makeConnected();
  blocks.setRoom({ ROOM: 'school/6b' });
  blocks.subscribe({ TOPIC: 'temp' });

  client().deliver('school/6b/temp', '1');

  assert.equal(blocks.topicPart({ N: 1 }), 'temp');
});

test('before the first message all of it is empty', async () => {
  const { blocks } = await makeConnected();

  assert.equal(blocks.messageInfo({ INFO: 'bytes' }), '');
  assert.equal(blocks.messageKept({}), false);
  assert.equal(blocks.topicPart({ N: 1 }), '');
});

test('each script sees its own message, while others come', async () => {
  const number = mqtt('messageInfo', {
    INFO: { menu: 'scratchmqtt_menu_MESSAGE_INFO', fields: { MESSAGE_INFO: ['number', null] } },
  });
  const part = mqtt('topicPart', { N: '2' });
  const play = await playProject({
    Cat: [whenMessage('a/#', wait(0.1), mark(number), mark(part))],
  });
  play.client().deliver('a/one', '');
  play.frames();

  play.client().deliver('a/two', '');
  play.frames(20);

  assert.deepEqual(play.list(), [1, 'one', 2, 'two']);
});
