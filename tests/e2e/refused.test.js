// @ts-check
/**
 * A real mosquitto refuses one message or one filter in 5.0: that one fails with the broker's code, and all others arrive.
 * mosquitto 2.0.11 ends the WebSocket after it refused a message, so the client comes back for the others.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { PASSWORD, USER, startMosquitto } from './support/mosquitto.js';
import { uniqueTopic } from './support/names.js';
import { NodeClient } from './support/node-client.js';

/** The largest payload that the broker takes. */
const LIMIT = 2_000;
const TOO_LARGE = 'x'.repeat(LIMIT + 1);

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;

before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-refused-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(folder, ['localhost']);
  const settings = [`message_size_limit ${LIMIT}`];
  const denied = ['forbidden/#'];
  broker = cleanup.add(await startMosquitto({ folder, certificates, settings, denied }), (it) =>
    it.stop(),
  );
});
after(() => cleanup.run());

for (const qos of /** @type {const} */ ([1, 2])) {
  test(`a message of QoS ${qos} that is too large fails alone`, async () => {
    await withClient(async (client) => {
      const topic = uniqueTopic('large');
      await client.subscribe(topic, qos);

      const first = client.send({ topic, payload: 'before', qos });
      const large = client.send({ topic, payload: TOO_LARGE, qos });
      const last = client.send({ topic, payload: 'after', qos });

      assert.deepEqual(await client.untilEvent('publishFailed'), refusal(large, 0x95));
      for (const token of [first, last])
        await client.untilEvent('published', (event) => event.token === token);
      await client.untilTexts(['before', 'after']);
      const texts = qos === 2 ? client.texts : [...new Set(client.texts)];
      assert.deepEqual(texts, ['before', 'after']);
      assert.equal(client.count('publishFailed'), 1);
      assert.equal(wasBlamed(client), false);
    });
  });

  test(`a message of QoS ${qos} on a forbidden topic fails alone`, async () => {
    await withClient(async (client) => {
      const token = client.send({ topic: 'forbidden/a', payload: 'hi', qos });

      assert.deepEqual(await client.untilEvent('publishFailed'), refusal(token, 0x87));

      await client.publish({ topic: uniqueTopic('allowed'), payload: 'hi', qos });
      assert.equal(wasBlamed(client), false);
    });
  });
}

test('a filter that is forbidden fails alone', async () => {
  await withClient(async (client) => {
    const [topic, filter] = [uniqueTopic('allowed'), 'forbidden/#'];

    const subscription = client.request(filter);
    await client.subscribe(topic, 1);

    const failed = { type: 'subscribeFailed', subscription, filter, reasonCode: 0x87 };
    assert.deepEqual(await client.untilEvent('subscribeFailed'), failed);
    client.send({ topic, payload: 'hi', qos: 1 });
    await client.untilTexts(['hi']);
    assert.equal(client.count('subscribeFailed'), 1);
    assert.equal(client.count('connected'), 1);
  });
});

/** @param {number} token @param {number} reasonCode */
const refusal = (token, reasonCode) => ({
  type: 'publishFailed',
  token,
  code: 'refused',
  reasonCode,
});

/** Whether the client took an answer of the broker for a breach of the protocol. @param {NodeClient} client */
const wasBlamed = (client) => client.events.some(({ reason }) => reason?.code === 'protocol');

/** @param {(client: NodeClient) => Promise<void>} use */
async function withClient(use) {
  const client = await NodeClient.connect({
    url: broker.ws,
    username: USER,
    password: PASSWORD,
    version: '5.0',
  });
  try {
    await use(client);
  } finally {
    client.die();
  }
}
