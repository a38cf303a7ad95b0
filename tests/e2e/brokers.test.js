// @ts-check
/**
 * `MqttClient` and the blocks with every broker that `docs/reference/brokers.md` names: what its table says is what happens.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  mark,
  mqtt,
  note,
  playProject,
  whenConnection,
  whenFlag,
  whenMessage,
} from '../extension/project.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { CuttingProxy } from './support/cutting-proxy.js';
import { startLocalBroker } from './support/local-broker.js';
import { startMosquitto } from './support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { startNats } from './support/nats.js';
import { NodeClient } from './support/node-client.js';
import { LOOPBACK } from './support/ports.js';
import { startRabbitMq } from './support/rabbitmq.js';
import { until } from './support/wait.js';

/**
 * @typedef {object} Broker
 * @property {string} name
 * @property {string} ws
 * @property {{ username: string, password: string }} login
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop
 */
/** @typedef {'newest' | '3.1.1' | '5.0'} Version */
/** @typedef {(broker: Broker, version: Version) => Promise<string>} Probe */

/** How long a client may take to notice that its broker is back, in milliseconds. */
const PATIENCE_MS = 60_000;

/** RabbitMQ sometimes leaves a new connection without any answer: a ping finds out. */
const ATTENTIVE = { keepAliveSeconds: 3, pingTimeoutMs: 3_000 };

/** The bindings that the extension itself uses. */
const { default: init, ...core } = await import('../../dist/pkg/mqtt.js');
const wasm = new URL('../../dist/pkg/mqtt_bg.wasm', import.meta.url);
const page = readFileSync(new URL('../../docs/reference/brokers.md', import.meta.url), 'utf8');
/** What the page promises: the first two cells of a row name the broker and the version. */
const promised = new Map(
  [...page.matchAll(/^\| ([^|]+) \| `(newest|3\.1\.1|5\.0)` \| (.+) \|$/gm)].map(
    ([, name, version, cells = '']) => [`${name?.trim()} ${version}`, cells.split(' | ')],
  ),
);

const cleanup = new Cleanup();
/** @type {string} */
let folder;
before(async () => {
  await init({ module_or_path: readFileSync(wasm) });
  folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-brokers-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
});
after(() => cleanup.run());

/** @type {Record<string, () => Promise<Broker>>} */
const starts = {
  mosquitto: () => {
    const certificates = makeCertificates(join(folder, 'certificates'), ['localhost']);
    return startMosquitto({ folder: join(folder, 'mosquitto'), certificates });
  },
  RabbitMQ: () => startRabbitMq(join(folder, 'rabbitmq')),
  NATS: () => startNats(join(folder, 'nats')),
  '`npm start`': () => startLocalBroker(),
};

for (const [name, start] of Object.entries(starts)) {
  describe(name, () => {
    /** @type {Broker} */
    let broker;
    before(async () => {
      broker = await start();
      cleanup.add(broker, (it) => it.stop());
    });

    for (const version of /** @type {Version[]} */ (['newest', '3.1.1', '5.0'])) {
      test(`requested version ${version}: it does what the page says`, async () => {
        const spoken = await speaks(broker, version);
        const seen = [spoken];
        if (/^\d/.test(spoken)) {
          for (const probe of probes) seen.push(await probe(broker, version));
        } else {
          seen.push(...probes.map(() => '–'));
        }

        assert.deepEqual(seen, promised.get(`${broker.name} ${version}`));
      });
    }

    test('the same project runs, and its messages arrive in order', async () => {
      const { username, password } = broker.login;
      const topic = uniqueTopic('blocks');
      const play = await playProject(
        {
          Cat: [
            whenFlag(
              mqtt('login', { USER: username, PASSWORD: password }),
              mqtt('connect', { BROKER: broker.ws }),
            ),
            whenConnection('made', mark('made')),
            whenMessage(`${topic}/+`, note()),
          ],
        },
        { core },
      );

      play.vm.greenFlag();
      await until('the connection', () => play.frames() ?? play.list().includes('made'));
      const other = await connected(broker);
      // Comes back after the broker has taken the subscription of the hat.
      await until('the subscription', async () => {
        await other.publish({ topic: `${topic}/ready`, payload: 'ready', qos: 1 });
        return play.frames() ?? play.list().length > 1;
      });
      for (const payload of ['1', '2', 'é 中文 😀'])
        await other.publish({ topic: `${topic}/x`, payload, qos: 1 });

      const expected = ['1', '2', 'é 中文 😀'].map((payload) => `${topic}/x=${payload}`);
      const notes = () => play.list().filter((line) => line.includes('/x='));
      await until('the messages', () => play.frames() ?? notes().length === 3);
      assert.deepEqual(notes(), expected);
      play.blocks.disconnect();
      other.die();
    });

    test('a broker that is started again gets what was published meanwhile', async () => {
      const topic = uniqueTopic('restart');
      const [sender, receiver] = [await connected(broker), await connected(broker)];
      await receiver.subscribe(topic, 1);

      await broker.stop();
      await sender.untilEvent('disconnected');
      const token = sender.send({ topic, payload: 'meanwhile', qos: 1 });
      await broker.start();

      // The pauses between attempts have grown meanwhile.
      await sender.untilEvent('published', (event) => event.token === token, PATIENCE_MS);
      await until('both to be back', () => receiver.count('connected') >= 2, {
        withinMs: PATIENCE_MS,
      });
      await until('the subscription to be back', async () => {
        await sender.publish({ topic, payload: 'after', qos: 1 });
        return receiver.texts.includes('after');
      });
      sender.die();
      receiver.die();
    });

    test('a wrong password connects nobody', async () => {
      const client = new NodeClient({ url: broker.ws, ...broker.login, password: 'wrong' });

      const { reason } = await client.untilEvent('disconnected');

      assert.match(reason.code, /^(refused|closed-before-connack)$/);
      assert.equal(client.count('connected'), 0);
      client.die();
    });
  });
}

/** In the order of the table's columns. @type {Probe[]} */
const probes = [
  ...[0, 1, 2].map(
    (qos) => (/** @type {Broker} */ broker, /** @type {Version} */ version) =>
      delivers(broker, version, /** @type {0 | 1 | 2} */ (qos)),
  ),
  (broker, version) => keeps(broker, version, (topic) => topic),
  (broker, version) => keeps(broker, version, (topic) => `${topic}/#`),
  publishesWill,
  keepsSession,
  deliversOnce,
];

/** @param {Broker} broker @param {object} [options] @returns {Promise<NodeClient>} */
const connected = ({ ws, login }, options) => NodeClient.connect({ url: ws, ...login, ...options });

/** The version that they agree on, or the reason why not. @type {Probe} */
async function speaks({ ws, login }, version) {
  const client = new NodeClient({ url: ws, ...login, version, reconnect: false });
  const ended = () =>
    client.events.find(({ type }) => type === 'connected' || type === 'disconnected');
  const event = await until('an answer', ended, { seen: () => client.events });
  client.die();
  return event.type === 'connected' ? event.version : `\`${event.reason.code}\``;
}

/** @param {Broker} broker @param {Version} version @param {0 | 1 | 2} qos */
async function delivers(broker, version, qos) {
  const topic = uniqueTopic('école/中文');
  const client = await connected(broker, { version });
  await client.subscribe(topic, qos);
  const token = client.send({ topic, payload: 'hello', qos });
  const failed = () =>
    client.events.find(({ type, token: other }) => type === 'publishFailed' && other === token);
  await until('the message', () => failed() ?? client.received.length > 0, {
    seen: () => client.events,
  });
  client.die();
  const arrived = client.received[0];
  if (!arrived) return failed().code;
  return arrived.qos === qos ? 'yes' : `as QoS ${arrived.qos}`;
}

/** @param {Broker} broker @param {Version} version @param {(topic: string) => string} filterOf */
async function keeps(broker, version, filterOf) {
  const topic = uniqueTopic('kept');
  const sender = await connected(broker, { version });
  await sender.publish({ topic, payload: 'kept', qos: 1, retain: true });
  const receiver = await connected(broker, { version });
  await receiver.subscribe(filterOf(topic), 1);
  await receiver.subscribe(`${topic}/end`, 1);
  // What is kept was sent before it.
  await sender.publish({ topic: `${topic}/end`, payload: 'end', qos: 1 });
  await receiver.untilTexts(['end']);
  sender.die();
  receiver.die();
  return receiver.texts.includes('kept') ? 'yes' : 'no';
}

/** @type {Probe} */
async function publishesWill(broker, version) {
  const topic = uniqueTopic('will');
  const receiver = await connected(broker, { version });
  await receiver.subscribe(topic, 1);
  const will = { topic, payload: 'gone', qos: 1 };
  const leaving = await connected(broker, { version, will });
  leaving.die();
  await receiver.untilTexts(['gone']);
  receiver.die();
  return 'yes';
}

/** Whether the broker still has the session after the link was cut. @type {Probe} */
async function keepsSession({ ws, login }, version) {
  const topic = uniqueTopic('session');
  const proxy = await CuttingProxy.open(Number(new URL(ws).port));
  const client = await NodeClient.connect({
    ...login,
    ...ATTENTIVE,
    url: `ws://${LOOPBACK}:${proxy.port}/mqtt`,
    version,
    cleanSession: false,
    clientId: uniqueClientId('session'),
  });
  await client.subscribe(topic, 1);
  const earlier = client.count('connected');
  proxy.cutNow();
  await until('the connection to be back', () => client.count('connected') > earlier);
  const { sessionPresent } = client.events.filter(({ type }) => type === 'connected').at(-1);
  await client.publish({ topic, payload: 'still subscribed', qos: 1 });
  // By its topic only: RabbitMQ 3.10 sends the last bytes of the first message changed.
  await until('the message', () => client.received.some((message) => message.topic === topic));
  client.die();
  proxy.close();
  return sessionPresent ? 'yes' : 'no';
}

/**
 * Filters that overlap, one added after the other: whether each message comes once for each of them,
 * and what was kept for the one that is new.
 *
 * @type {Probe}
 */
async function deliversOnce(broker, version) {
  const topic = uniqueTopic('overlap');
  const [client, sender] = [await connected(broker, { version }), await connected(broker)];
  await sender.publish({ topic: `${topic}/a/b`, payload: 'kept', qos: 1, retain: true });
  /** @type {[string, 0 | 1][]} */
  const wanted = [
    [`${topic}/a/+`, 0],
    [`${topic}/+/b`, 1],
    [`${topic}/#`, 0],
    [`${topic}/a/b`, 1],
  ];
  /** @type {number[]} */
  const numbers = [];
  for (const [filter, qos] of wanted) {
    await sender.publish({ topic: `${topic}/a/b`, payload: `before ${filter}`, qos: 1 });
    numbers.push((await client.subscribe(filter, qos)).subscription);
  }
  const texts = ['1', '2', '2', '3'];
  for (const payload of texts) {
    await sender.publish({ topic: `${topic}/a/b`, payload, qos: payload === '2' ? 0 : 1 });
  }
  // What is sent for the same topic later comes later.
  await sender.publish({ topic: `${topic}/a/b`, payload: 'end', qos: 1 });
  await sender.publish({ topic: `${topic}/a/b`, payload: 'end', qos: 0 });
  await until('the end', () => client.texts.filter((text) => text === 'end').length >= 2, {
    seen: () => client.texts,
  });
  const came = (/** @type {string} */ text, /** @type {number} */ number) =>
    client.texts.filter((other, at) => other === text && client.named[at]?.includes(number)).length;
  for (const number of numbers) {
    assert.deepEqual(
      ['1', '2', '3', 'end'].map((text) => came(text, number)),
      [1, 2, 1, 2],
    );
    assert.ok(came('kept', number) <= 1, 'a kept message came again');
  }
  assert.equal(came('kept', Number(numbers.at(-1))), 1, 'the new filter did not get what is kept');
  client.die();
  sender.die();
  return 'yes';
}
