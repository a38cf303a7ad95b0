// @ts-check
/**
 * mosquitto 2.0.11 sends more than our Receive Maximum when it resumes a session whose acknowledgements were lost. Nothing
 * may be lost by that, and nothing delivered twice with QoS 2.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { CuttingProxy } from './support/cutting-proxy.js';
import { PASSWORD, USER, startMosquitto } from './support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { Native } from './support/native.js';
import { NodeClient } from './support/node-client.js';
import { LOOPBACK } from './support/ports.js';
import { until } from './support/wait.js';

const MESSAGES = 100;
/** The connection is cut after so many bytes of acknowledgements, one length after the other. */
const CUTS = [90, 120];

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;
/** @type {Native} */
let publisher;

before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-maximum-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(folder, ['localhost']);
  broker = cleanup.add(await startMosquitto({ folder, certificates }), (it) => it.stop());
  publisher = cleanup.add(await Native.connect(broker), (it) => it.end());
});
after(() => cleanup.run());

describe('a resumed session whose acknowledgements were lost', { concurrency: true }, () => {
  for (const receiveMaximum of [1, 2, 3, 100]) {
    for (const qos of /** @type {const} */ ([1, 2])) {
      test(`with receiveMaximum ${receiveMaximum} gets every message of QoS ${qos}`, (context) =>
        receiveAll(context, receiveMaximum, qos));
    }
  }
});

/**
 * @param {import('node:test').TestContext} context
 * @param {number} receiveMaximum
 * @param {1 | 2} qos
 */
async function receiveAll(context, receiveMaximum, qos) {
  const proxy = await CuttingProxy.open(
    broker.ports.ws,
    CUTS.map((bytes) => ({ direction: 'up', after: bytes })),
  );
  const client = new NodeClient({
    url: `ws://${LOOPBACK}:${proxy.port}/mqtt`,
    username: USER,
    password: PASSWORD,
    version: '5.0',
    cleanSession: false,
    clientId: uniqueClientId('maximum'),
    receiveMaximum,
  });
  try {
    const topic = uniqueTopic('maximum');
    client.subscribe(topic, qos).catch(() => {});
    await until('the subscription', () => broker.subscriptions(topic) > 0);
    const texts = Array.from({ length: MESSAGES }, (_, number) => `${number}`);
    // One by one: beyond 20 messages on their way to it mosquitto 2.0.11 loses some.
    for (const text of texts) await publisher.publish(topic, text, { qos });

    await until('every message', () => new Set(client.texts).size === MESSAGES, {
      withinMs: 60_000,
      seen: () => [client.texts.length, client.events.slice(-5)],
    });
    if (qos === 2) assert.deepEqual(client.texts, texts);
    const ends = client.events.filter((event) => event.type === 'disconnected');
    assert.deepEqual(new Set(ends.map(({ reason }) => reason.code)), new Set(['lost']));
    context.diagnostic(`${proxy.cuts} cuts, ${client.count('warning')} warnings`);
  } finally {
    client.die();
    proxy.close();
  }
}
