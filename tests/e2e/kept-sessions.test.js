// @ts-check
/** What mosquitto keeps for a program by the name of its client, from one run (one object) to the next. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { PASSWORD, USER, startMosquitto } from './support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { NodeClient } from './support/node-client.js';
import { until } from './support/wait.js';

const FIFTY = Array.from({ length: 50 }, (_, number) => `message ${number}`);

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;
before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-kept-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(join(folder, 'certificates'), ['localhost']);
  broker = await startMosquitto({ folder: join(folder, 'mosquitto'), certificates });
  cleanup.add(broker, (running) => running.stop());
});
after(() => cleanup.run());

/** @param {object} [more] @returns {Promise<NodeClient>} */
const run = (more) =>
  NodeClient.connect({ url: broker.ws, username: USER, password: PASSWORD, ...more });

for (const version of ['3.1.1', '5.0', 'newest']) {
  /** A name and a topic of its own, and a sender. */
  const begin = async () => {
    const program = { clientId: uniqueClientId('kept'), cleanSession: false, version };
    const sender = await run();
    /** @param {string} topic @param {string[]} texts */
    const send = (topic, texts) =>
      Promise.all(texts.map((payload) => sender.publish({ topic, payload, qos: 1 })));
    return { program, topic: uniqueTopic('kept'), sender, send };
  };

  for (const end of /** @type {const} */ (['end', 'die'])) {
    test(`${version}, ${end}: the next run gets all 50 messages that the broker kept`, async () => {
      const { program, topic, sender, send } = await begin();
      const first = await run(program);
      await first.subscribe(topic, 1);
      await ended(first, end);
      await send(topic, FIFTY);

      const next = await run(program);

      await next.untilTexts(FIFTY);
      assert.deepEqual(next.texts, FIFTY);
      assert.equal(next.events.find(({ type }) => type === 'connected').sessionPresent, true);
      await finish(next, sender);
    });
  }

  test(`${version}: the next run ends what an earlier one subscribed to`, async () => {
    const { program, topic, sender, send } = await begin();
    const first = await run(program);
    await first.subscribe(topic, 1);
    await ended(first, 'end');
    const next = await run(program);

    next.unsubscribe(topic);
    await next.untilEvent('unsubscribed', (event) => event.filter === topic);
    const marker = uniqueTopic('marker');
    await next.subscribe(marker, 1);
    await send(topic, ['unwanted']);
    await send(marker, ['marker']);

    await next.untilTexts(['marker']);
    assert.deepEqual(next.texts, ['marker']);
    await finish(next, sender);
  });
}

test('disconnect lets the broker forget a session that it would keep', async () => {
  const program = { clientId: uniqueClientId('kept'), cleanSession: false, version: '5.0' };
  const first = await run(program);
  first.end({ sessionExpirySeconds: 0 });
  await first.untilEvent('disconnected');

  const next = await run(program);

  assert.equal(next.events.find(({ type }) => type === 'connected').sessionPresent, false);
  next.end();
});

test('a program without a name keeps the session under the name that the broker gives', async () => {
  const nameless = await run({ clientId: '', cleanSession: false, version: '5.0' });

  const { clientId } = nameless.events.find(({ type }) => type === 'connected');

  assert.ok(clientId);
  nameless.end({ sessionExpirySeconds: 0 });
});

test('what is retained comes at each subscribe that says so', async () => {
  const topic = uniqueTopic('retained');
  const client = await run();
  await client.publish({ topic, payload: 'kept', qos: 1, retain: true });
  for (const times of [1, 2, 3]) {
    client.request(topic, { qos: 1, retainHandling: 0 });
    await until(`the retained message ${times} times`, () => client.texts.length === times);
    await until('the answer', () => client.count('subscribed') === times);
  }
  await client.publish({ topic, payload: '', qos: 1, retain: true });
  client.end();
});

/** @param {NodeClient} client @param {'end' | 'die'} how */
async function ended(client, how) {
  client[how]();
  if (how === 'end') await client.untilEvent('disconnected');
}

/** @param {NodeClient} client @param {NodeClient} sender */
async function finish(client, sender) {
  client.end({ sessionExpirySeconds: 0 });
  sender.end();
  await client.untilEvent('disconnected');
}
