// @ts-check
// Every way in which it can go wrong, and the sentence that says what to do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LANGUAGES } from '../../extension/texts/languages.js';
import { ROWS, reasonSentences } from '../../extension/status/reasons.js';
import { Status } from '../../extension/status/status.js';
import { fakeCore } from './fake-core.js';
import { makeBlocks, makeConnected } from './harness.js';

const PUBLIC = {
  host: 'broker.test',
  port: 8084,
  shown: 'wss://broker.test:8084/mqtt',
  isSecure: true,
  hasLogin: true,
};
const WITH_443 = { ...PUBLIC, port: 443 };
const IN_ROOM = {
  host: '192.168.1.5',
  port: 8084,
  shown: 'wss://192.168.1.5:8084',
  isSecure: true,
  hasLogin: true,
};
const IN_ROOM_PLAIN = { ...IN_ROOM, port: 9001, shown: 'ws://192.168.1.5:9001', isSecure: false };

/** @typedef {import('../../extension/texts/languages.js').Language} Language */
/** @typedef {{ broker?: typeof PUBLIC, isOnline?: boolean, locale?: Language, retryInMs?: number | null }} Circumstances */

/**
 * The sentences after a connection ended.
 *
 * @param {any} reason
 * @param {Circumstances} [circumstances]
 */
function after(reason, { broker = PUBLIC, isOnline = true, locale = 'en', retryInMs = null } = {}) {
  const status = new Status({ locale: () => locale, isOnline: () => isOnline, now: () => 0 });
  status.connecting(broker);
  status.handle({ type: 'disconnected', reason: { message: '', ...reason }, retryInMs });
  return status.toString();
}

for (const [
  what,
  reason,
  circumstances,
  sentence,
] of /** @type {[string, any, Circumstances, string][]} */ ([
  [
    'the browser refuses the address',
    { code: 'address-refused' },
    {},
    'The browser does not accept the address wss://broker.test:8084/mqtt. Check it letter by letter.',
  ],
  [
    'there is no network',
    { code: 'never-opened', afterMs: 3 },
    { isOnline: false },
    'This computer has no network. MQTT connects when the network is back.',
  ],
  [
    'nothing answers at all',
    { code: 'never-opened', afterMs: 3 },
    {},
    'No broker answers at broker.test:8084. Check the name, the port and what follows it, often /mqtt.',
  ],
  [
    'a firewall swallows the port',
    { code: 'never-opened', afterMs: 3000 },
    {},
    'broker.test cannot be reached; the network may block port 8084. Ask your teacher, or try a broker on port 443.',
  ],
  [
    'even the port of web pages does not help',
    { code: 'never-opened', afterMs: 3000 },
    { broker: WITH_443 },
    'broker.test:443 cannot be reached. Check the address and the network.',
  ],
  [
    'a broker in the room may have a home-made certificate',
    { code: 'never-opened', afterMs: 20 },
    { broker: IN_ROOM },
    '192.168.1.5:8084 does not answer to wss://. Try ws:// instead. If that fails too, ask your teacher whether this browser knows the broker’s certificate.',
  ],
  [
    'a broker in the room without a certificate is not there',
    { code: 'never-opened', afterMs: 3 },
    { broker: IN_ROOM_PLAIN },
    'No broker answers at 192.168.1.5:9001. Check the name, the port and what follows it, often /mqtt.',
  ],
  [
    'the server speaks something else',
    { code: 'closed-before-connack' },
    {},
    'The server broker.test:8084 hung up without an answer. Check the user name and password, and the part after the port, often /mqtt.',
  ],
  [
    'the server opens and is silent',
    { code: 'connect-timeout', opened: true },
    {},
    'The server broker.test:8084 is there but does not answer. Check the address, or try later.',
  ],
  [
    'no answer comes',
    { code: 'connect-timeout', opened: false },
    {},
    'No answer from broker.test:8084. The network may block this port: ask your teacher.',
  ],
  [
    'no answer comes because there is no network',
    { code: 'connect-timeout', opened: false },
    { isOnline: false },
    'This computer has no network. MQTT connects when the network is back.',
  ],
  [
    'the connection is lost',
    { code: 'lost', closeCode: 1006 },
    { retryInMs: 1500 },
    'The connection was lost. Trying again in 2 s.',
  ],
  [
    'the connection is lost with the network',
    { code: 'lost', closeCode: 1006 },
    { isOnline: false, retryInMs: 1500 },
    'This computer has no network. MQTT connects when the network is back. Trying again in 2 s.',
  ],
  [
    'the broker does not answer a ping',
    { code: 'ping-timeout' },
    { retryInMs: 10 },
    'The broker does not answer any more. Trying again in 1 s.',
  ],
  [
    'the password is wrong',
    { code: 'refused', reasonCode: 0x86, returnCode: 4 },
    {},
    'The broker refused the user name or password. Check both, then connect again.',
  ],
  [
    'the user is not authorized',
    { code: 'refused', reasonCode: 0x87, returnCode: 5 },
    {},
    'The broker refused the user name or password. Check both, then connect again.',
  ],
  [
    'the client name is not accepted',
    { code: 'refused', reasonCode: 0x85, returnCode: 2 },
    {},
    'The broker does not accept the client name.',
  ],
  [
    'the broker is busy',
    { code: 'refused', reasonCode: 0x88, returnCode: 3 },
    { retryInMs: 4000 },
    'The broker is busy or not ready. Trying again in 4 s.',
  ],
  [
    'the broker is too old',
    { code: 'refused', reasonCode: 0x84, returnCode: 1 },
    {},
    'The broker does not speak this version of MQTT.',
  ],
  [
    'the broker refuses for another reason',
    { code: 'refused', reasonCode: 0x83 },
    {},
    'The broker refused the connection (code 0x83).',
  ],
  [
    'a broker of 3.1.1 refuses with a number that no specification names',
    { code: 'refused', reasonCode: 0x80, returnCode: 6 },
    { retryInMs: 2000 },
    'The broker refused the connection (code 6). Trying again in 2 s.',
  ],
  [
    'the broker shuts down',
    { code: 'disconnected', reasonCode: 0x8b },
    { retryInMs: 1000 },
    'The broker is busy or not ready. Trying again in 1 s.',
  ],
  [
    'another client takes over the name',
    { code: 'disconnected', reasonCode: 0x8e },
    {},
    'Another project uses the same client name. Close it, or load this page again.',
  ],
  [
    'the broker says goodbye for another reason',
    { code: 'disconnected', reasonCode: 0x04 },
    {},
    'The broker ended the connection (code 0x04).',
  ],
  [
    'two clients fight over a name',
    { code: 'name-in-use' },
    {},
    'The broker closes the connection again and again. Maybe another project uses the same client name.',
  ],
  [
    'the broker breaks the specification',
    { code: 'protocol' },
    {},
    'The broker sent something that is not valid MQTT. Tell your teacher.',
  ],
  [
    'the pupil disconnects',
    { code: 'closed' },
    {},
    'Not connected. Use the block “connect to broker”.',
  ],
])) {
  test(`when ${what}, the status says what to do`, () => {
    assert.equal(after(reason, circumstances), sentence);
  });

  test(`when ${what}, the status says it in every language`, () => {
    for (const locale of LANGUAGES.filter((one) => one !== 'en')) {
      const translated = after(reason, { ...circumstances, locale });
      assert.notEqual(translated, sentence);
      assert.doesNotMatch(translated, /[{}]/);
    }
  });
}

const HERE = {
  host: 'localhost',
  port: 1234,
  shown: 'ws://localhost:1234',
  isSecure: false,
  hasLogin: true,
};
const OWN = 'ws://localhost:8083/mqtt';

/** @param {any} reason @param {any} [more] */
const sentencesOf = (reason, more) =>
  reasonSentences(
    { message: '', ...reason },
    { broker: PUBLIC, isOnline: true, hasLogin: true, lastTopic: null, own: null, ...more },
  ).map(({ key }) => key);

for (const host of [
  'localhost',
  'a.localhost',
  '127.0.0.1',
  '[::1]',
  '192.168.1.5',
  'pi',
  'pi.local',
]) {
  test(`a browser without network says nothing of that for ${host}`, () => {
    for (const code of ['never-opened', 'connect-timeout', 'lost', 'ping-timeout']) {
      const [key] = sentencesOf({ code }, { broker: { ...HERE, host }, isOnline: false });

      assert.notEqual(key, 'reason.offline');
    }
  });
}

for (const host of ['broker.test', '127.broker.test', '10.broker.test', 'localhost.broker.test']) {
  test(`a browser without network says so for ${host}`, () => {
    for (const code of ['never-opened', 'connect-timeout', 'lost', 'ping-timeout']) {
      const broker = { ...HERE, host };

      assert.deepEqual(sentencesOf({ code }, { broker, isOnline: false }), ['reason.offline']);
    }
  });
}

test('localhost is explained, and the own broker of the page is named where another was meant', () => {
  const never = { code: 'never-opened', afterMs: 3 };
  const own = { name: OWN, places: ['ws://localhost:8083'] };

  assert.deepEqual(sentencesOf(never, { broker: HERE }), ['reason.nothing-here']);
  assert.deepEqual(sentencesOf(never, { broker: HERE, own }), ['reason.nothing-here', 'hint.own']);
  assert.deepEqual(sentencesOf(never, { broker: { ...HERE, port: 8083 }, own }), [
    'reason.nothing-here',
  ]);
  assert.deepEqual(sentencesOf(never, { own }), ['reason.nothing-answers']);
});

/** Every code that CONNACK or DISCONNECT of MQTT 5.0 can carry for a failure. [MQTT5-3.2.2.2] [MQTT5-3.14.2.1] */
const CODES = {
  refused: [
    ...[0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97],
    ...[0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f],
  ],
  disconnected: [
    ...[0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96],
    ...[0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2],
  ],
};

for (const [code, reasonCodes] of Object.entries(CODES)) {
  test(`every reason code of "${code}" has a sentence; only those without a reason show their number`, () => {
    const bare = reasonCodes.filter(
      (reasonCode) => sentencesOf({ code, reasonCode })[0] === `reason.${code}`,
    );

    assert.deepEqual(bare, [0x80, 0x83]);
    assert.deepEqual(sentencesOf({ code, reasonCode: 0xee }), [`reason.${code}`]);
  });
}

test('every row can be said: no row before it takes all that it names', () => {
  for (const [index, { seen, says }] of ROWS.entries()) {
    const first = ROWS.findIndex((row) =>
      Object.entries(row.seen).every(([name, value]) => /** @type {any} */ (seen)[name] === value),
    );

    assert.equal(first, index, says);
  }
});

test('the last error names what the state is, whatever kind of sentence that is', () => {
  const status = new Status({ locale: () => 'en', isOnline: () => true, now: () => 0 });
  const reason = /** @type {const} */ ({ code: 'disconnected', reasonCode: 0x95, message: '' });

  status.handle({ type: 'disconnected', reason, retryInMs: null });

  assert.equal(status.lastError(), 'A message was too large to be sent.');
});

test('what the broker says after a publish is about its topic, and not about the login', async () => {
  const { blocks, client } = await makeConnected();
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'secret/door' });

  client().drop({ code: 'disconnected', reasonCode: 0x87 });

  assert.match(blocks.status(), /^The broker hung up after .* on topic secret\/door\./);
  assert.doesNotMatch(blocks.status(), /password/);
});

test('what the broker says without anything sent blames neither a topic nor the login', async () => {
  const { blocks, client } = await makeConnected();

  client().drop({ code: 'disconnected', reasonCode: 0x87 });

  assert.match(blocks.status(), /^The broker does not allow something that this project does\./);
});

/** The wasm module itself, which reads addresses. */
async function realCore() {
  const { default: init, ...core } = await import('../../dist/pkg/mqtt.js');
  const wasm = new URL('../../dist/pkg/mqtt_bg.wasm', import.meta.url);
  await init({ module_or_path: readFileSync(wasm) });
  return core;
}

for (const [typed, meant] of [
  ['mqtt://localhost:1883', OWN],
  ['mqtt://127.0.0.1', OWN],
  ['localhost:1883', OWN],
  ['ws://localhost:99999', OWN],
  ['http://localhost:8000', OWN],
  ['', OWN],
  ['mqtt://test.mosquitto.org:1883', 'wss://test.mosquitto.org:8081/'],
  ['mqtts://broker.example:8883', 'wss://broker.example:8084/mqtt'],
]) {
  test(`for "${typed}" the status names ${meant}`, async () => {
    const { parseAddress } = await realCore();
    const { core } = fakeCore();
    const page = { scratchMqttDefaults: { broker: OWN } };
    const { blocks } = await makeBlocks({ page, core: { ...core, parseAddress } });

    blocks.connect({ BROKER: typed });

    assert.ok(blocks.status().includes(String(meant)), blocks.status());
  });
}

test('a status in Chinese has no spaces between its sentences', () => {
  assert.equal(
    after({ code: 'lost', closeCode: 1006 }, { locale: 'zh-cn', retryInMs: 2000 }),
    '连接断开了。2 秒后重试。',
  );
});

test('the seconds to the next attempt are counted down', () => {
  let now = 0;
  const status = new Status({ locale: () => 'en', isOnline: () => true, now: () => now });
  const reason = /** @type {const} */ ({ code: 'ping-timeout', message: '' });
  status.handle({ type: 'disconnected', reason, retryInMs: 8000 });

  now = 5001;

  assert.match(status.toString(), /in 3 s\.$/);
});

test('while the next attempt runs, the status still says why the last one failed', () => {
  const status = new Status({ locale: () => 'en', isOnline: () => true, now: () => 0 });
  const reason = /** @type {const} */ ({ code: 'ping-timeout', message: '' });
  status.handle({ type: 'disconnected', reason, retryInMs: 8000 });

  status.handle({ type: 'connecting', attempt: 2 });

  assert.equal(status.toString(), 'The broker does not answer any more.');
});

test('before anything was done, the status names the block to use', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });

  assert.equal(blocks.status(), 'Not connected. Use the block “connect to broker”.');
});

test('while connecting and when connected, the status names the broker', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  assert.equal(blocks.status(), 'Connecting to wss://broker.test:8084/mqtt…');
  client().accept();

  assert.equal(blocks.status(), 'Connected to wss://broker.test:8084/mqtt.');
});

for (const [problem, sentence] of /** @type {[string, RegExp][]} */ ([
  ['empty', /^Not connected\. The broker’s address is empty\./],
  ['space', /There is a space in the broker’s address\./],
  ['http', /starts with http, which is for web pages\./],
  ['scheme', /starts with wss:\/\/ or ws:\/\/\./],
  ['host', /Check it letter by letter\./],
  ['port', /a number up to 65535, as in wss:\/\//],
  ['board-port', /Port 1883 is for boards and programs\./],
  ['insecure', /the browser blocks ws:\/\/\./],
])) {
  test(`an address with the problem ${problem} opens nothing, and the status explains it`, async () => {
    const { blocks, client } = await makeBlocks();

    await blocks.connect({ BROKER: `problem:${problem}` });

    assert.deepEqual(client().calls, []);
    assert.match(blocks.status(), sentence);
  });
}

test('a good address takes back what was said of a bad one', async () => {
  const { blocks } = await makeBlocks();
  await blocks.connect({ BROKER: 'problem:space' });

  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });

  assert.doesNotMatch(blocks.status(), /space/);
});

test('a topic that cannot be is explained, and nothing is sent', async () => {
  const { blocks, client } = await makeConnected();

  blocks.publish({ MESSAGE: 'hello', TOPIC: 'a/#' });
  assert.match(blocks.status(), /You cannot publish to a\/#: \+ and # are only for subscribing\./);
  blocks.subscribe({ TOPIC: '#/a' });
  assert.match(blocks.status(), /In the topic #\/a, # must be the last part\./);
  blocks.publish({ MESSAGE: 'hello', TOPIC: '' });
  assert.match(blocks.status(), /The topic is empty\./);

  assert.deepEqual(client().asked('publish'), []);
  assert.deepEqual(client().asked('subscribe'), []);
});

test('a subscription that the broker refuses is named, and may be tried on another connection', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'secret' });

  client().onevent?.({
    type: 'subscribeFailed',
    subscription: 1,
    filter: 'secret',
    reasonCode: 0x87,
  });
  assert.match(blocks.status(), /The broker did not allow the subscription to secret\./);
  blocks.subscribe({ TOPIC: 'secret' });
  assert.equal(client().asked('subscribe').length, 1);
  client().accept();
  blocks.subscribe({ TOPIC: 'secret' });

  assert.equal(client().asked('subscribe').length, 2);
});

for (const [code, sentence] of /** @type {[any, RegExp][]} */ ([
  ['queue-full', /Too many messages are waiting/],
  ['too-large', /too large to be sent/],
  ['closed', /because the connection is closed/],
  ['refused', /did not accept a message/],
  ['replaced', /Publishing too fast: 1 not sent/],
  ['expired', /too old before it could be sent/],
  ['qos-not-supported', /does not allow this QoS/],
  ['retain-not-supported', /keeps no messages/],
])) {
  test(`a message that fails with ${code} later is explained`, async () => {
    const { blocks, client } = await makeConnected();

    client().onevent?.({ type: 'publishFailed', token: 1, code });

    assert.match(blocks.status(), sentence);
  });
}

for (const [reasonCode, sentence] of /** @type {[number, RegExp][]} */ ([
  [0x87, /did not accept a message/],
  [0x95, /too large to be sent/],
  [0x9a, /keeps no messages/],
  [0x9b, /does not allow this QoS/],
  [0xff, /did not accept a message/],
])) {
  test(`a message that the broker refuses with ${reasonCode} is explained`, async () => {
    const { blocks, client } = await makeConnected();

    client().onevent?.({ type: 'publishFailed', token: 1, code: 'refused', reasonCode });

    assert.match(blocks.status(), sentence);
    assert.match(blocks.status(), /^Connected/);
  });
}

test('a message that ends the connection each time is named by its topic', async () => {
  const { blocks, client } = await makeConnected();

  client().onevent?.({
    type: 'publishFailed',
    token: 1,
    code: 'refused',
    reasonCode: 0x80,
    endedConnection: true,
    topic: 'room/a b',
  });

  assert.match(blocks.status(), /ends the connection for a message to room\/a b/);
});

test('messages that the client dropped are counted', async () => {
  const { blocks, client } = await makeConnected();

  client().onevent?.({ type: 'messagesDropped', count: 3 });
  client().onevent?.({ type: 'messagesDropped', count: 4 });

  assert.match(blocks.status(), /7 messages were dropped/);
});

test('a broker that hangs up twice right after a message may not allow its topic', async () => {
  const { blocks, client } = await makeConnected();

  for (let time = 0; time < 2; time += 1) {
    blocks.publish({ MESSAGE: 'hello', TOPIC: 'secret' });
    client().drop({ code: 'lost', closeCode: 1006 }, 1000);
    if (time === 0) assert.match(blocks.status(), /The connection was lost\./);
  }

  assert.match(blocks.status(), /hung up after a message or subscription on topic secret\./);
});

test('the green flag takes back the problems of the last run', async () => {
  const { bridge, blocks } = await makeConnected();
  blocks.publish({ MESSAGE: 'hello', TOPIC: '' });

  bridge.projectStarted();

  assert.equal(blocks.status(), 'Connected to wss://broker.test:8084/mqtt.');
});

for (const wanted of ['test ', ' test', '/test', 'test/', 'Test', 'TEST/ ']) {
  test(`a topic that is nearly "${wanted}" is named when messages come on it`, async () => {
    const { blocks, client } = await makeConnected();
    blocks.subscribe({ TOPIC: '#' });
    blocks.subscribe({ TOPIC: wanted });
    const before = blocks.status();

    client().deliver('test', 'hello');
    const then = blocks.status();
    blocks.unsubscribe({ TOPIC: wanted });

    assert.equal(before.includes('has a space'), wanted !== wanted.trim());
    assert.ok(then.includes(`topic “test”, but a script waits for “${wanted}”.`), then);
    assert.ok(!blocks.status().includes(wanted));
  });
}

test('what is published to nearly the topic of a script is named', async () => {
  const { blocks } = await makeBlocks();
  blocks.subscribe({ TOPIC: 'test/' });
  blocks.subscribe({ TOPIC: 'other' });

  blocks.publish({ MESSAGE: 'hello', TOPIC: 'other' });
  const before = blocks.status();
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.ok(!before.includes('waits'));
  assert.ok(blocks.status().includes('“test”, but a script waits for “test/”'), blocks.status());
});
