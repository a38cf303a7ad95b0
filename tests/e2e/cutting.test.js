// @ts-check
/**
 * The link between client and broker is cut after every single byte of an exchange. The client comes back by itself,
 * and afterwards QoS 1 has arrived at least once, QoS 2 exactly once, nothing is lost, and the order is kept.
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
import { LOOPBACK } from './support/ports.js';
import { NodeClient } from './support/node-client.js';
import { until } from './support/wait.js';

/** @typedef {import('./support/cutting-proxy.js').Cut} Cut */
/** @typedef {import('./support/cutting-proxy.js').Direction} Direction */

/** How many clients are cut at the same time: most of their time they wait to connect again. */
const AT_ONCE = 96;
const PAYLOADS = ['one', 'two', 'three'];
const LAST = 'last';

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;

before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-cutting-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(folder, ['localhost']);
  broker = cleanup.add(await startMosquitto({ folder, certificates }), (it) => it.stop());
});
after(() => cleanup.run());

const V3 = {
  name: 'MQTT 3.1.1 and a session that is kept',
  options: () => ({
    version: '3.1.1',
    cleanSession: false,
    clientId: uniqueClientId('cut'),
  }),
};
const V5 = {
  name: 'MQTT 5.0 and a session that is kept',
  options: () => ({ ...V3.options(), version: '5.0' }),
};
const DEFAULTS = { name: 'default options', options: () => ({}) };
/** @type {Record<string, (client: NodeClient, other: Native, qos: 1 | 2) => Promise<void>>} */
const exchanges = { publishes: publishing, receives: receiving };
/** @type {Direction[]} */
const directions = ['up', 'down'];

let total = 0;

for (const session of [V3, V5, DEFAULTS]) {
  for (const [does, exchange] of Object.entries(exchanges)) {
    describe(`a client with ${session.name} that ${does}`, { concurrency: true }, () => {
      for (const qos of /** @type {const} */ ([1, 2])) {
        for (const direction of directions) {
          test(`QoS ${qos}, cut after each byte ${direction}`, async (context) => {
            await everyCut(context, direction, (cut) =>
              throughProxy([cut], session.options(), (client, other) =>
                exchange(client, other, qos),
              ),
            );
          });
        }
      }
    });
  }
}

for (const session of [V3, V5]) {
  for (const [does, exchange] of Object.entries(exchanges)) {
    describe(`a client with ${session.name} that ${does}`, { concurrency: true }, () => {
      for (const direction of directions) {
        test(`QoS 2, cut after each byte ${direction}, and there again when it is back`, async (context) => {
          await everyCut(context, direction, (cut) =>
            throughProxy([cut, cut], session.options(), (client, other) =>
              exchange(client, other, 2),
            ),
          );
        });
      }
    });
  }
}

test('these were all cut points', (context) => {
  assert.ok(total > 1_000);
  context.diagnostic(`${total} cut points`);
});

/**
 * Tries cuts after 0, 1, 2, … bytes, until the exchange is over before the byte.
 *
 * @param {import('node:test').TestContext} context
 * @param {Direction} direction
 * @param {(cut: Cut) => Promise<number>} attempt gives how often it was cut
 */
async function everyCut(context, direction, attempt) {
  let points = 0;
  for (let start = 0; ; start += AT_ONCE) {
    const attempts = Array.from({ length: AT_ONCE }, async (_, index) => {
      const bytes = start + index;
      try {
        return await attempt({ direction, after: bytes });
      } catch (error) {
        throw new Error(`cut ${direction} after ${bytes} bytes`, { cause: error });
      }
    });
    const cuts = await Promise.all(attempts);
    points += cuts.filter((count) => count > 0).length;
    if (cuts.at(-1) === 0) {
      total += points;
      return context.diagnostic(`${points} cut points`);
    }
  }
}

/**
 * Both programs are there for this exchange only: beyond 20 messages on their way mosquitto 2.0.11 loses some, and the
 * order.
 *
 * @param {Cut[]} plan
 * @param {object} options
 * @param {(client: NodeClient, other: Native) => Promise<void>} exchange
 * @returns {Promise<number>} how often it was cut
 */
async function throughProxy(plan, options, exchange) {
  const [proxy, other] = await Promise.all([
    CuttingProxy.open(broker.ports.ws, plan),
    Native.connect(broker),
  ]);
  const client = new NodeClient({
    url: `ws://${LOOPBACK}:${proxy.port}/mqtt`,
    username: USER,
    password: PASSWORD,
    ...options,
  });
  try {
    await exchange(client, other);
    return proxy.cuts;
  } finally {
    client.die();
    proxy.close();
    await other.end();
  }
}

/** @param {NodeClient} client @param {Native} other @param {1 | 2} qos */
async function publishing(client, other, qos) {
  const topic = uniqueTopic('cut');
  await other.subscribe(topic);

  await Promise.all(PAYLOADS.map((payload) => client.publish({ topic, payload, qos })));
  await client.publish({ topic, payload: LAST, qos });

  await until('the last message', () => other.texts(topic).includes(LAST));
  check(other.texts(topic), qos);
}

/** @param {NodeClient} client @param {Native} other @param {1 | 2} qos */
async function receiving(client, other, qos) {
  const topic = uniqueTopic('cut');
  await client.subscribe(topic, qos);

  await Promise.all(PAYLOADS.map((payload) => other.publish(topic, payload, { qos })));
  await client.untilTexts(PAYLOADS.slice(-1));
  await other.publish(topic, LAST, { qos });

  await client.untilTexts([LAST]);
  check(client.texts, qos);
}

/** @param {string[]} texts in the order of arrival @param {1 | 2} qos */
function check(texts, qos) {
  assert.deepEqual(qos === 2 ? texts : [...new Set(texts)], [...PAYLOADS, LAST]);
}
