// @ts-check
// One client that publishes too fast does so at the bound, and nobody else waits for it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';

/** Twice as many may come at once. */
const PER_SECOND = 20;

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;

before(async () => {
  await buildBroker();
  const more = ['--messages-per-second', String(PER_SECOND)];
  server = await startBroker({ host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, more });
});
after(() => server.stop());

for (const qos of /** @type {const} */ ([0, 1, 2])) {
  test(`100 messages of QoS ${qos} at once come in order, no faster than the bound`, async () => {
    const watcher = await connect(`watcher-${qos}`);
    /** @type {string[]} */
    const seen = [];
    const isAll = new Promise((resolve) => {
      watcher.on('message', (_, payload) => {
        seen.push(String(payload));
        if (String(payload) === 'last') resolve(undefined);
      });
    });
    await watcher.subscribeAsync(`rate/${qos}`, { qos });
    const hurried = await connect(`hurried-${qos}`);
    const other = await connect(`other-${qos}`);
    const begin = performance.now();
    const texts = Array.from({ length: 100 }, (_, number) => String(number));
    const published = [...texts, 'last'].map((text) =>
      hurried.publishAsync(`rate/${qos}`, text, { qos }),
    );
    // It is read after the others, but not held behind them.
    await hurried.subscribeAsync('something');
    assert.ok(!seen.includes('99'));
    await other.publishAsync(`rate/${qos}`, 'of another', { qos: 1 });

    await Promise.all(published);
    await isAll;
    const seconds = (performance.now() - begin) / 1000;
    assert.ok(seconds > (101 - 2 * PER_SECOND) / PER_SECOND - 0.1, `${seconds} s`);
    assert.ok(seen.indexOf('of another') < seen.indexOf('99'), String(seen));
    assert.deepEqual(
      seen.filter((text) => text !== 'of another'),
      [...texts, 'last'],
    );
    for (const client of [watcher, hurried, other]) await client.endAsync();
  });
}

test('who leaves in a hurry is heard to the end', async () => {
  const watcher = await connect('watcher');
  /** @type {string[]} */
  const seen = [];
  const isAll = new Promise((resolve) => {
    watcher.on('message', (_, payload) => {
      if (seen.push(String(payload)) === 60) resolve(undefined);
    });
  });
  await watcher.subscribeAsync('leaves');
  const hurried = await connect('hurried');
  const texts = Array.from({ length: 60 }, (_, number) => String(number));
  for (const text of texts) hurried.publish('leaves', text);
  await hurried.endAsync();

  await isAll;
  assert.deepEqual(seen, texts);
  await watcher.endAsync();
});

/** @param {string} clientId */
async function connect(clientId) {
  const address = `mqtt://127.0.0.1:${server.tcpPort}`;
  const client = await mqtt.connectAsync(address, { clientId, reconnectPeriod: 0 });
  client.on('error', () => {});
  return client;
}
