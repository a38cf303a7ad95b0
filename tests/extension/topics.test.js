// @ts-check
// Rooms, subscriptions, and the last message of a topic.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_SUBSCRIPTIONS } from '../../extension/client/subscriptions.js';
import { REMEMBERED_BYTES, REMEMBERED_TOPICS } from '../../extension/delivery/messages.js';
import { makeBlocks, makeConnected } from './harness.js';

test('a room goes before every topic that does not start with / or $', async () => {
  const { blocks, client } = await makeConnected();
  blocks.setRoom({ ROOM: '6b' });

  for (const TOPIC of ['test', '/scratch3_pub', '$SYS/uptime', 'é/中文']) {
    blocks.publish({ MESSAGE: 'hello', TOPIC });
  }

  assert.deepEqual(
    client()
      .asked('publish')
      .map((/** @type {any[]} */ [topic]) => topic),
    ['6b/test', '/scratch3_pub', '$SYS/uptime', '6b/é/中文'],
  );
});

test('an empty room is no room', async () => {
  const { blocks, client } = await makeConnected();

  blocks.setRoom({ ROOM: '  ' });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.deepEqual(client().asked('publish'), [['test', 'hello', 0, false]]);
});

test('a slash at the end of a room counts once', async () => {
  const { blocks, client } = await makeConnected();

  blocks.setRoom({ ROOM: 'school/6b/' });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.deepEqual(client().asked('publish'), [['school/6b/test', 'hello', 0, false]]);
});

test('a room with a wildcard is refused, and the old room stays', async () => {
  const { blocks, client } = await makeConnected();
  blocks.setRoom({ ROOM: '6b' });

  blocks.setRoom({ ROOM: '6#' });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.match(blocks.status(), /A room name cannot contain \+ or #\./);
  assert.deepEqual(client().asked('publish'), [['6b/test', 'hello', 0, false]]);
});

test('message topic reports the topic without the room', async () => {
  const { blocks, client } = await makeConnected();
  blocks.setRoom({ ROOM: '6b' });
  blocks.subscribe({ TOPIC: '#' });

  client().deliver('6b/sensor/1', '20');

  assert.equal(blocks.messageTopic({}), 'sensor/1');
});

test('another room moves the subscriptions', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'test' });
  blocks.subscribe({ TOPIC: '/fixed' });

  blocks.setRoom({ ROOM: '6b' });
  blocks.setRoom({ ROOM: '6c' });

  assert.deepEqual([...client().subscriptions.keys()].sort(), ['/fixed', '6c/test']);
  assert.equal(client().asked('subscribe').length, 4);
});

test('subscribing again to the same topic asks the broker nothing', async () => {
  const { blocks, client } = await makeConnected();

  blocks.subscribe({ TOPIC: 'test' });
  blocks.subscribe({ TOPIC: 'test' });

  assert.deepEqual(client().asked('subscribe'), [['test', 0, 0]]);
});

test('unsubscribe ends the subscription of every owner', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'test' });
  blocks.lastMessage({ TOPIC: 'test' });

  blocks.unsubscribe({ TOPIC: 'test' });

  assert.equal(client().subscriptions.size, 0);
});

test('a project that makes up topics cannot fill the broker', async () => {
  const { blocks, client } = await makeConnected();

  for (let n = 0; n <= MOST_SUBSCRIPTIONS; n += 1) blocks.subscribe({ TOPIC: `test/${n}` });

  assert.equal(client().subscriptions.size, MOST_SUBSCRIPTIONS);
  assert.match(blocks.status(), /too many subscriptions/);
});

test('last message on a topic subscribes by itself, once', async () => {
  const { blocks, client } = await makeConnected();

  assert.equal(blocks.lastMessage({ TOPIC: 'test' }), '');
  client().deliver('test', 'first');
  assert.equal(blocks.lastMessage({ TOPIC: 'test' }), 'first');
  client().deliver('test', 'second');

  assert.equal(blocks.lastMessage({ TOPIC: 'test' }), 'second');
  assert.deepEqual(client().asked('subscribe'), [['test', 0, 2]]);
});

test('last message keeps the topics apart', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: '#' });

  client().deliver('one', '1');
  client().deliver('two', '2');

  assert.equal(blocks.lastMessage({ TOPIC: 'one' }), '1');
  assert.equal(blocks.lastMessage({ TOPIC: 'two' }), '2');
});

test('last message with a wildcard is the newest of all that match', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: '#' });

  client().deliver('sensor/1', 'old');
  client().deliver('sensor/2', 'new');
  client().deliver('other', 'no');

  assert.equal(blocks.lastMessage({ TOPIC: 'sensor/+' }), 'new');
});

test('the topic heard longest ago is forgotten first', async () => {
  const { bridge, blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: '#' });

  for (let n = 0; n <= REMEMBERED_TOPICS; n += 1) client().deliver(`test/${n}`, 'x');

  const { lastMessages } = bridge;
  const matches = () => false;
  assert.equal(lastMessages.find('test/0', matches), null);
  assert.equal(lastMessages.find('test/1', matches)?.payload, 'x');
});

test('long messages are forgotten sooner', async () => {
  const { bridge, blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: '#' });
  const half = new Uint8Array(REMEMBERED_BYTES / 2);

  for (const topic of ['one', 'two', 'three']) client().deliver(topic, half);

  const { lastMessages } = bridge;
  const kept = ['one', 'two', 'three'].filter((topic) => lastMessages.find(topic, () => false));
  assert.deepEqual(kept, ['three']);
});

for (const [opcode, ask] of /** @type {[string, (blocks: any, topic: string) => void][]} */ ([
  ['subscribe', (blocks, TOPIC) => blocks.subscribe({ TOPIC })],
  ['subscribeWith', (blocks, TOPIC) => blocks.subscribeWith({ TOPIC, QOS: '1' })],
  ['lastMessage', (blocks, TOPIC) => blocks.lastMessage({ TOPIC })],
  ['lastMessages', (blocks, TOPIC) => blocks.lastMessages({ N: 1, TOPIC })],
  ['messageWaiting', (blocks, TOPIC) => blocks.messageWaiting({ TOPIC })],
])) {
  test(`what is wrong with the topic of ${opcode} is said in each run, until it is put right`, async () => {
    const { bridge, blocks } = await makeConnected();

    for (const [topic, sentence] of /** @type {[string, RegExp][]} */ ([
      ['', /The topic is empty\./],
      ['', /The topic is empty\./],
      [' test', /has a space at one end\./],
      [' test', /has a space at one end\./],
      ['test', /^Connected to wss:\/\/broker\.test:8084\/mqtt\.$/],
    ])) {
      bridge.projectStarted();
      ask(blocks, topic);
      assert.match(blocks.status(), sentence);
    }
  });
}

test('reporters are empty before the first message', async () => {
  const { blocks } = await makeBlocks();

  assert.deepEqual(
    [blocks.messagePayload({}), blocks.messageTopic({}), blocks.lastMessage({ TOPIC: 'test' })],
    ['', '', ''],
  );
});

test('another project sees no message of the last one', async () => {
  const { bridge, blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'test' });
  client().deliver('test', 'old');

  bridge.projectLoaded();

  assert.equal(blocks.messagePayload({}), '');
  assert.equal(blocks.lastMessage({ TOPIC: 'test' }), '');
});
