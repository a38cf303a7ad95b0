// @ts-check
// The advanced blocks of the connection: what the next connect asks for, and what is known of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PULSE_MS } from '../../extension/delivery/pulses.js';
import { SandboxedDelivery } from '../../extension/delivery/sandboxed.js';
import { makeBlocks, makeConnected } from './harness.js';
import { mark, playProject, whenConnection } from './project.js';

const BROKER = 'wss://broker.test:8084/mqtt';

const WILL = { MESSAGE: 'offline', TOPIC: 'status', KEEP: 'yes' };

/** The options of the last connect. @param {import('./fake-core.js').FakeClient} client */
const lastOptions = (client) => client.asked('connect').at(-1)[0];

test('the client name is used by the next connect', async () => {
  const { blocks, client } = await makeConnected();

  blocks.clientName({ NAME: ' cat ' });
  assert.equal(client().asked('connect').length, 1);
  blocks.connect({ BROKER });

  assert.deepEqual(lastOptions(client()), { url: [BROKER], clientId: 'cat' });
});

test('an empty client name is automatic again', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.clientName({ NAME: 'cat' });

  blocks.clientName({ NAME: '' });
  blocks.connect({ BROKER });

  assert.deepEqual(lastOptions(client()), { url: [BROKER] });
});

test('a client name that cannot be is explained, and the old one stays', async () => {
  const fake = await makeBlocks();
  const { bridge, blocks } = fake;
  /** @type {any} */ (bridge.client.core).topicProblem = () => 'control-character';

  blocks.clientName({ NAME: 'a\u0001' });

  assert.match(blocks.status(), /The client name is too long, or contains an invisible character/);
  assert.equal(bridge.connection.clientName, '');
});

test('a name may contain what a topic may not', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.clientName({ NAME: 'C++ #1' });
  blocks.connect({ BROKER });

  assert.equal(lastOptions(client()).clientId, 'C++ #1');
});

test('the last will is used by the next connect, with the room of that time', async () => {
  const { blocks, client } = await makeConnected();

  blocks.lastWill(WILL);
  assert.equal(client().asked('connect').length, 1);
  blocks.setRoom({ ROOM: '6b' });
  blocks.connect({ BROKER });

  assert.deepEqual(lastOptions(client()), {
    url: [BROKER],
    will: { topic: '6b/status', payload: 'offline', retain: true },
  });
});

test('the same last will again connects no second time, a changed one does', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.lastWill(WILL);
  blocks.connect({ BROKER });
  client().accept();

  blocks.lastWill(WILL);
  blocks.connect({ BROKER });
  assert.equal(client().asked('connect').length, 1);
  blocks.lastWill({ ...WILL, MESSAGE: 'gone' });
  blocks.connect({ BROKER });

  assert.equal(client().asked('connect').length, 2);
});

test('an empty topic takes the last will back', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.lastWill(WILL);

  blocks.lastWill({ ...WILL, TOPIC: '' });
  blocks.connect({ BROKER });

  assert.deepEqual(lastOptions(client()), { url: [BROKER] });
});

test('a last will that cannot be is explained, and not used', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.lastWill({ ...WILL, TOPIC: 'status/#' });
  assert.match(blocks.status(), /You cannot publish to status\/#/);
  blocks.lastWill({ ...WILL, MESSAGE: 'é'.repeat(40_000) });
  assert.match(blocks.status(), /A message was too large to be sent/);
  blocks.connect({ BROKER });

  assert.deepEqual(lastOptions(client()), { url: [BROKER] });
});

test('another project has no client name and no last will of the last one', async () => {
  const { bridge, blocks, client } = await makeConnected();
  blocks.clientName({ NAME: 'cat' });
  blocks.lastWill(WILL);

  bridge.projectLoaded();
  blocks.connect({ BROKER });

  assert.deepEqual(lastOptions(client()), { url: [BROKER] });
});

for (const [INFO, expected] of /** @type {[unknown, unknown][]} */ ([
  ['broker', BROKER],
  ['client name', 'scratch1234'],
  ['answer time in ms', 12],
  ['sent', 1],
  ['received', 2],
  ['waiting', 3],
  ['dropped', 4],
  ['skipped', 5],
  ['reconnects', 6],
  ['Sent', 1],
  ['weather', ''],
  ['toString', ''],
])) {
  test(`${INFO} of connection is ${expected || 'empty'}`, async () => {
    const { blocks, client } = await makeBlocks();
    const answer = blocks.connect({ BROKER: 'wss://ada:secret@broker.test:8084/mqtt' });
    client().accept('scratch1234');
    await answer;
    client().statistics = {
      sent: 1,
      received: 2,
      waiting: 3,
      dropped: 4,
      notSent: 5,
      reconnects: 6,
      answerTimeMs: 12,
    };

    assert.strictEqual(blocks.connectionInfo({ INFO }), expected);
  });
}

test('before the first connection the texts are empty and the counts are 0', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });

  const facts = ['broker', 'client name', 'answer time in ms', 'sent', 'dropped', 'skipped'].map(
    (INFO) => blocks.connectionInfo({ INFO }),
  );

  assert.deepEqual(facts, ['', '', '', 0, 0, 0]);
});

test('messages that scripts did not handle, or passed over, are dropped messages', async () => {
  const { bridge, blocks, client } = await makeConnected();
  client().statistics = { dropped: 1 };

  bridge.status.dropped.add('test', true);
  bridge.status.dropped.add('test', false);
  bridge.projectStarted();

  assert.equal(blocks.connectionInfo({ INFO: 'dropped' }), 3);
});

test('the last error is empty while all is well', async () => {
  const { blocks } = await makeBlocks();
  assert.equal(blocks.lastError(), '');

  const answer = blocks.connect({ BROKER });
  assert.equal(blocks.lastError(), '');
  await answer;

  assert.equal(blocks.lastError(), '');
});

test('the last error is what a block met, else why there is no connection', async () => {
  const { blocks, client } = await makeConnected();

  client().drop({ code: 'ping-timeout' }, 1000);
  assert.equal(blocks.lastError(), 'The broker does not answer any more.');
  blocks.publish({ MESSAGE: 'hello', TOPIC: '' });
  assert.equal(blocks.lastError(), 'The topic is empty. Write one, for example test.');
});

test('a connection that came back is no error', async () => {
  const { blocks, client } = await makeConnected();
  client().drop({ code: 'ping-timeout' }, 1000);

  client().accept();

  assert.equal(blocks.lastError(), '');
});

/** The changes that start scripts. @param {(client: import('./fake-core.js').FakeClient) => void} happen */
async function changesAfter(happen) {
  const { bridge, blocks, client } = await makeBlocks();
  /** @type {string[]} */
  const changes = [];
  bridge.connection.onChange = (change) => changes.push(change);
  blocks.connect({ BROKER });
  happen(client());
  return changes;
}

for (const [what, happen, expected] of /** @type {[string, (client: any) => void, string[]][]} */ ([
  ['the broker accepts', (client) => client.accept(), ['made']],
  [
    'the broker refuses the login',
    (client) => client.drop({ code: 'refused', reasonCode: 0x86 }),
    ['refused'],
  ],
  [
    'nothing answers, again and again',
    (client) => {
      for (let n = 0; n < 3; n += 1) client.drop({ code: 'never-opened', afterMs: 3 }, 1000);
    },
    ['refused'],
  ],
  [
    'it is lost, cannot be made, and comes back',
    (client) => {
      client.accept();
      client.drop({ code: 'ping-timeout' }, 1000);
      client.drop({ code: 'never-opened', afterMs: 3 }, 1000);
      client.accept();
    },
    ['made', 'lost', 'made'],
  ],
  [
    'it is lost, and then the login is refused',
    (client) => {
      client.accept();
      client.drop({ code: 'lost' }, 1000);
      client.drop({ code: 'refused', reasonCode: 0x86 });
    },
    ['made', 'lost', 'refused'],
  ],
  [
    'another client takes the name over',
    (client) => {
      client.accept();
      client.drop({ code: 'disconnected', reasonCode: 0x8e });
    },
    ['made', 'name in use'],
  ],
  [
    'two clients fight over a name',
    (client) => {
      client.accept();
      client.drop({ code: 'name-in-use' });
    },
    ['made', 'name in use'],
  ],
])) {
  test(`when ${what}, scripts hear: ${expected.join(', ')}`, async () => {
    assert.deepEqual(await changesAfter(happen), expected);
  });
}

test('the pupil who disconnects hears nothing, and of the next connection again', async () => {
  const { bridge, blocks, client } = await makeBlocks();
  /** @type {string[]} */
  const changes = [];
  bridge.connection.onChange = (change) => changes.push(change);

  for (let time = 0; time < 2; time += 1) {
    blocks.connect({ BROKER });
    client().accept();
    blocks.disconnect();
    client().drop({ code: 'closed' });
  }

  assert.deepEqual(changes, ['made', 'made']);
});

test('each connect block that fails is reported', async () => {
  const { bridge, blocks, client } = await makeBlocks();
  /** @type {string[]} */
  const changes = [];
  bridge.connection.onChange = (change) => changes.push(change);

  for (let time = 0; time < 2; time += 1) {
    blocks.connect({ BROKER });
    client().drop({ code: 'refused', reasonCode: 0x86 });
  }

  assert.deepEqual(changes, ['refused', 'refused']);
});

test('a state that only a running script knows is compared when the script starts', async () => {
  const letters = { opcode: 'operator_letter_of', inputs: { LETTER: '1', STRING: 'lost' } };
  const state = {
    opcode: 'operator_join',
    inputs: { STRING1: letters, STRING2: 'ost' },
  };
  const play = await playProject({ Cat: [whenConnection(state, mark('lost'))] });

  play.client().accept();
  play.frames(2);
  play.client().drop({ code: 'lost' }, 1000);
  play.frames(2);

  assert.deepEqual(play.list(), ['lost']);
});

test('a script under "when connection" that is clicked runs', async () => {
  const play = await playProject({ Cat: [whenConnection('lost', mark('lost'))] });

  play.runtime.toggleScript(play.sprite('Cat').blocks.getScripts()[0], { stackClick: true });
  play.frames();

  assert.deepEqual(play.list(), ['lost']);
});

test('a change before the green flag starts nothing after it', async () => {
  const play = await playProject({ Cat: [whenConnection('made', mark('made'))] });
  play.client().accept();

  play.greenFlag();
  play.frames(2);

  assert.deepEqual(play.list(), []);
});

test('in a sandbox each change is a pulse, in order', async () => {
  const { bridge, blocks, client } = await makeConnected({ runtime: null });
  let now = 0;
  const { subscriptions, status } = bridge;
  bridge.delivery = new SandboxedDelivery({
    subscriptions,
    dropped: status.dropped,
    now: () => now,
  });
  client().drop({ code: 'lost' }, 1000);
  client().accept();

  const seen = [];
  for (let phase = 0; phase < 5; phase += 1) {
    seen.push(['lost', 'made'].filter((STATE) => blocks.whenConnection({ STATE })).join());
    now += PULSE_MS;
  }

  assert.deepEqual(seen, ['lost', '', 'made', '', '']);
});
