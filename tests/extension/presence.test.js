// @ts-check
// "announce", "who is here" and "is here?": a kept `online` on NAME/status, and a last will that takes it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_NAME, MOST_NAMES } from '../../extension/client/presence.js';
import { makeBlocks, makeConnected, turn } from './harness.js';
import { mqtt, playProject, whenConnection, whenFlag, mark } from './project.js';

const BROKER = 'wss://broker.test:8084/mqtt';

/** @param {string} topic */
const leavesBehind = (topic) => ({
  will: { topic, payload: 'offline', qos: 1, retain: true },
  willOnDisconnect: true,
});

/** @param {string} topic */
const saysOnline = (topic) => [topic, 'online', 1, true];

/** @param {string} topic */
const saysOffline = (topic) => [topic, 'offline', 1, true];

/** The options of the last connect. @param {import('./fake-core.js').FakeClient} client */
const lastOptions = (client) => client.asked('connect').at(-1)[0];

/** Blocks of which the broker knows that Ada is here. @param {any} [editor] */
async function makeAnnounced(editor) {
  const made = await makeBlocks(editor);
  made.blocks.announce({ NAME: 'Ada' });
  made.blocks.connect({ BROKER });
  await turn();
  made.client().accept();
  made.client().deliver('Ada/status', 'online');
  return made;
}

for (const [where, editor] of /** @type {[string, any][]} */ ([
  ['with a runtime', {}],
  ['in a sandbox', { runtime: null }],
])) {
  test(`${where} a name that is announced before connecting is the will, then a kept message`, async () => {
    const { blocks, client } = await makeBlocks(editor);

    blocks.announce({ NAME: ' Ada ' });
    assert.deepEqual(client().asked('publish'), []);
    blocks.connect({ BROKER });
    client().accept();

    assert.deepEqual(client().asked('connect'), [
      [{ url: [BROKER], ...leavesBehind('Ada/status') }],
    ]);
    assert.deepEqual(client().asked('publish'), [saysOnline('Ada/status')]);
  });

  test(`${where} a connected project connects anew, and its script waits for that`, async () => {
    const { blocks, client } = await makeConnected(editor);
    let hasEnded = false;

    const answer = blocks.announce({ NAME: 'Ada' });
    answer.then(() => (hasEnded = true));
    await turn();
    assert.deepEqual(lastOptions(client()), { url: [BROKER], ...leavesBehind('Ada/status') });
    assert.equal(hasEnded, false);
    client().accept();
    await answer;

    assert.deepEqual(client().asked('publish'), [saysOnline('Ada/status')]);
  });

  test(`${where} all who are here are known, in the order of the alphabet`, async () => {
    const { blocks, client } = await makeConnected(editor);

    assert.equal(blocks.whoIsHere({}), '');
    assert.deepEqual(client().asked('subscribe'), [['+/status', 0, 3]]);
    for (const name of ['Zoe', 'ada', 'board-1', 'Ben', '小明']) {
      client().deliver(`${name}/status`, 'online', { retain: true });
    }

    assert.equal(blocks.whoIsHere({}), 'ada, Ben, board-1, Zoe, 小明');
    assert.equal(blocks.isHere({ NAME: ' Ben ' }), true);
    assert.equal(blocks.isHere({ NAME: 'ben' }), false);
    assert.equal(blocks.isHere({ NAME: '' }), false);
  });

  for (const payload of ['offline', '', 'busy', 'online ']) {
    test(`${where} “${payload}” is no longer here`, async () => {
      const { blocks, client } = await makeConnected(editor);
      blocks.isHere({ NAME: 'Ben' });
      client().deliver('Ben/status', 'online');
      client().deliver('Zoe/status', 'online');

      client().deliver('Ben/status', payload);

      assert.equal(blocks.whoIsHere({}), 'Zoe');
      assert.equal(blocks.isHere({ NAME: 'Ben' }), false);
    });
  }
}

test('the same announcement again changes nothing', async () => {
  const { blocks, client } = await makeAnnounced();
  const before = client().calls.length;

  assert.equal(blocks.announce({ NAME: 'Ada' }), undefined);
  blocks.connect({ BROKER });

  assert.equal(client().calls.length, before);
});

test('every connection says it anew', async () => {
  const { client } = await makeAnnounced();

  client().drop({ code: 'lost' }, 1000);
  client().accept();

  assert.deepEqual(client().asked('publish'), Array(2).fill(saysOnline('Ada/status')));
});

test('another name takes the place of the first, which the broker takes back', async () => {
  const { blocks, client } = await makeAnnounced();

  blocks.announce({ NAME: 'Bea' });
  client().accept();

  assert.deepEqual(lastOptions(client()), { url: [BROKER], ...leavesBehind('Bea/status') });
  assert.deepEqual(client().asked('publish').at(-1), saysOnline('Bea/status'));
});

test('in another room others are here, and this project too', async () => {
  const { blocks, client } = await makeAnnounced();
  client().deliver('Ben/status', 'online');

  blocks.setRoom({ ROOM: '6b' });
  client().accept();
  client().deliver('6b/Zoe/status', 'online');

  assert.deepEqual(lastOptions(client()), { url: [BROKER], ...leavesBehind('6b/Ada/status') });
  assert.deepEqual(client().asked('publish').at(-1), saysOnline('6b/Ada/status'));
  assert.equal(blocks.whoIsHere({}), 'Zoe');
});

for (const [what, leave] of /** @type {[string, (blocks: any) => void][]} */ ([
  ['a name', (blocks) => blocks.announce({ NAME: 'Bea' })],
  ['a room', (blocks) => blocks.setRoom({ ROOM: '6b' })],
])) {
  for (const isBetween of [false, true]) {
    const when = isBetween ? 'between two connections' : 'on a connection';
    test(`${what} that is left ${when} is taken back by the next one, whatever the last will did`, async () => {
      const { blocks, client } = await makeAnnounced();

      if (isBetween) blocks.disconnect();
      leave(blocks);
      if (isBetween) blocks.connect({ BROKER });
      await turn();
      client().accept();

      const [, taken, said, ...more] = client().asked('publish');
      assert.deepEqual(taken, saysOffline('Ada/status'));
      assert.equal(said[1], 'online');
      assert.deepEqual(more, []);
    });
  }
}

test('what the queue has no room for is taken back by the connection after', async () => {
  const { blocks, client } = await makeAnnounced();
  blocks.setRoom({ ROOM: '6b' });
  client().failure = Object.assign(new Error('full'), { code: 'queue-full' });
  client().accept();

  client().failure = null;
  const before = client().asked('publish').length;
  client().drop({ code: 'lost' }, 1000);
  client().accept();

  assert.deepEqual(client().asked('publish').slice(before), [
    saysOffline('Ada/status'),
    saysOnline('6b/Ada/status'),
  ]);
});

test('at another broker nothing is taken back', async () => {
  const { blocks, client } = await makeAnnounced();

  blocks.connect({ BROKER: 'wss://other.test:8084/mqtt' });
  blocks.setRoom({ ROOM: '6b' });
  await turn();
  client().accept();

  assert.deepEqual(client().asked('publish'), [
    saysOnline('Ada/status'),
    saysOnline('6b/Ada/status'),
  ]);
});

test('a room alone makes no new connection', async () => {
  const { blocks, client } = await makeConnected();
  blocks.lastWill({ MESSAGE: 'offline', TOPIC: 'status', KEEP: 'yes' });

  blocks.setRoom({ ROOM: '6b' });

  assert.equal(client().asked('connect').length, 1);
});

test('who has the same name and leaves takes nobody away', async () => {
  const { blocks, client } = await makeAnnounced();

  client().deliver('Ada/status', 'offline');
  client().deliver('Ada/status', 'offline');

  // Once, until the broker has it.
  assert.deepEqual(client().asked('publish'), Array(2).fill(saysOnline('Ada/status')));
  client().deliver('Ada/status', 'online');
  assert.equal(blocks.isHere({ NAME: 'Ada' }), true);
});

test('what was kept from before is not answered', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.announce({ NAME: 'Ada' });
  blocks.connect({ BROKER });
  client().accept();

  client().deliver('Ada/status', 'offline', { retain: true });

  assert.equal(client().asked('publish').length, 1);
});

test('after a lost connection those are here who were, until the broker has said anew', async ({
  mock,
}) => {
  mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const { blocks, client } = await makeConnected();
  blocks.whoIsHere({});
  for (const name of ['Ada', 'Ben', 'Zoe']) client().deliver(`${name}/status`, 'online');

  client().drop({ code: 'lost' }, 1000);
  assert.equal(blocks.whoIsHere({}), 'Ada, Ben, Zoe');
  client().accept();
  client().deliver('Ada/status', 'online', { retain: true });
  client().deliver('Zoe/status', 'offline', { retain: true });
  assert.equal(blocks.whoIsHere({}), 'Ada, Ben');
  mock.timers.tick(3001);

  assert.equal(blocks.whoIsHere({}), 'Ada');
});

test('another broker has other people', async () => {
  const { blocks, client } = await makeConnected();
  blocks.whoIsHere({});
  client().deliver('Ada/status', 'online');

  blocks.connect({ BROKER: 'wss://other.test:8084/mqtt' });
  await turn();
  client().accept();

  assert.equal(blocks.whoIsHere({}), '');
});

test('without a connection nobody is here', async () => {
  const { blocks, client } = await makeConnected();
  blocks.whoIsHere({});
  client().deliver('Ada/status', 'online');

  blocks.disconnect();
  client().onevent?.({
    type: 'disconnected',
    reason: /** @type {any} */ ({ code: 'closed', message: 'closed' }),
    retryInMs: null,
  });

  assert.equal(blocks.whoIsHere({}), '');
});

for (const [NAME, sentence] of [
  ['', /The name is empty/],
  ['  ', /The name is empty/],
  ['Ada/Ben', /The name Ada\/Ben cannot be announced/],
  ['+', /The name \+ cannot be announced/],
  ['Ada#1', /The name Ada#1 cannot be announced/],
  ['$SYS', /The name \$SYS cannot be announced/],
  ['x'.repeat(MOST_NAME + 1), /The name is too long: 100 characters/],
]) {
  test(`the name “${String(NAME).slice(0, 10)}” is explained, and not announced`, async () => {
    const { blocks, client } = await makeConnected();

    assert.equal(blocks.announce({ NAME }), undefined);

    assert.match(String(blocks.lastError({})), /** @type {RegExp} */ (sentence));
    assert.equal(client().asked('connect').length, 1);
  });
}

test('the longest name counts letters and not their halves', async () => {
  const { blocks, client } = await makeBlocks();
  const name = '😀'.repeat(MOST_NAME);

  blocks.announce({ NAME: name });
  blocks.connect({ BROKER });
  client().accept();
  client().deliver(`${name}/status`, 'online');

  assert.equal(blocks.lastError({}), '');
  assert.equal(blocks.whoIsHere({}), name);
});

test('without a name it is the one of the start page', async () => {
  const page = { scratchMqttDefaults: { name: ' Ada ', room: '6b' } };
  const { blocks, client } = await makeConnected({ page });

  blocks.announce({ NAME: '' });

  assert.deepEqual(lastOptions(client()).will.topic, '6b/Ada/status');
});

test('there is one last will, and who is announced has it', async () => {
  const will = { MESSAGE: 'gone', TOPIC: 'end', KEEP: 'no' };
  for (const isFirst of [true, false]) {
    const { blocks, client } = await makeBlocks();
    if (isFirst) blocks.lastWill(will);
    blocks.announce({ NAME: 'Ada' });
    if (!isFirst) blocks.lastWill(will);
    blocks.connect({ BROKER });

    assert.deepEqual(lastOptions(client()), { url: [BROKER], ...leavesBehind('Ada/status') });
    assert.match(String(blocks.status()), /only one message .* “announce” uses it/);
  }
});

test('another project is not announced, and knows nobody', async () => {
  const { bridge, blocks, client } = await makeAnnounced();

  bridge.projectLoaded();
  assert.equal(blocks.whoIsHere({}), '');
  blocks.connect({ BROKER });
  client().accept();

  assert.deepEqual(lastOptions(client()), { url: [BROKER] });
  assert.deepEqual(client().asked('publish'), []);
});

test('who comes and goes is no message to scripts that did not ask for it', async () => {
  const { bridge, blocks, client } = await makeAnnounced();
  blocks.subscribe({ TOPIC: 'test' });
  client().deliver('test', 'hello');

  client().deliver('Ben/status', 'online');

  assert.equal(blocks.messagePayload({}), 'hello');
  assert.equal(blocks.messageInfo({ INFO: 'number' }), 1);
  blocks.subscribe({ TOPIC: '+/status' });
  client().deliver('Ben/status', 'offline');
  assert.equal(blocks.messagePayload({}), 'offline');
  assert.equal(bridge.lastMessages.newest?.number, 2);
});

test('names are bounded, and the status says so', async () => {
  const { blocks, client } = await makeConnected();
  blocks.whoIsHere({});

  for (let index = 0; index <= MOST_NAMES; index++) {
    client().deliver(`n${index}/status`, 'online');
  }
  client().deliver(`${'x'.repeat(MOST_NAME + 1)}/status`, 'online');

  assert.equal(String(blocks.whoIsHere({})).split(', ').length, MOST_NAMES);
  assert.match(String(blocks.status()), /More than 500 names are here/);
});

test('a message that the queue has no room for is reported', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.announce({ NAME: 'Ada' });
  blocks.connect({ BROKER });
  client().failure = Object.assign(new Error('full'), { code: 'queue-full' });

  client().accept();

  assert.match(String(blocks.status()), /Too many messages are waiting/);
});

test('a project that was only opened asks nobody who is here; on a connection it does', async () => {
  const util = /** @type {any} */ ({ thread: { updateMonitor: true } });
  const { blocks, client } = await makeBlocks();

  blocks.whoIsHere({}, util);
  assert.deepEqual(client().asked('subscribe'), []);
  blocks.connect({ BROKER });
  client().accept();
  blocks.whoIsHere({}, util);

  assert.equal(client().asked('subscribe').length, 1);
});

test('an announcement is no new connection to scripts, and the next message is sent', async () => {
  const play = await playProject({
    Cat: [
      whenConnection('made', mark('made')),
      whenFlag(
        mqtt('connect', { BROKER: 'wss://broker.test' }),
        mqtt('announce', { NAME: 'Ada' }),
        mqtt('publish', { MESSAGE: 'hello', TOPIC: 'test' }),
      ),
    ],
  });
  play.greenFlag();
  play.frames(2);
  play.client().accept();
  await turn();
  play.frames(2);
  play.client().accept();
  await turn();
  play.frames(4);

  assert.deepEqual(play.list(), ['made']);
  assert.equal(play.client().asked('connect').length, 2);
  assert.deepEqual(
    play
      .client()
      .asked('publish')
      .map((/** @type {any[]} */ [topic]) => topic),
    ['Ada/status', 'test'],
  );
});
