// @ts-check
/** Several addresses of one broker, of which the first does not lead there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PASSWORD, USER } from './support/mosquitto.js';
import { openNoBrokers } from './support/no-brokers.js';
import { LOOPBACK } from './support/ports.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

const SPLIT = fileURLToPath(new URL('../../dist/split/', import.meta.url));

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
let origin = '';
/** What is no broker, by what it does. @type {Record<string, string>} */
let wrong = {};

before(async () => {
  bench = await openSmallBench('addresses');
  const { cleanup } = bench;
  const places = {
    '/split/': { folder: SPLIT },
    '/program': { html: '<!doctype html><title>A program that uses MqttClient</title>' },
  };
  ({ origin } = cleanup.add(await serve(places), (it) => it.close()));
  wrong = await openNoBrokers(cleanup);
});

after(() => bench?.cleanup.run());

for (const what of ['is refused', 'is swallowed', 'opens and is silent']) {
  test(`broker is reached when the first address ${what}`, async () => {
    const page = await bench.browser.newPage();
    await page.goto(`${origin}/program`);

    const url = [String(wrong[what]), `ws://${LOOPBACK}:1/never`, bench.broker.ws];
    await page.evaluate(connect, {
      module: `${origin}/split/mqtt.mjs`,
      options: { url, username: USER, password: PASSWORD },
    });

    const events = () => page.evaluate(() => /** @type {any} */ (globalThis).events);
    await until('the connection', async () => (await events()).includes('connected'), {
      withinMs: 12_000,
      seen: events,
    });
    // One attempt, whatever failed in it.
    assert.deepEqual(
      (await events()).filter((/** @type {string} */ type) => type !== 'warning'),
      ['connecting', 'connected'],
    );
    await page.close();
  });
}

test('program is asked for an address when its turn comes, and answers later', async () => {
  const page = await bench.browser.newPage();
  await page.goto(`${origin}/program`);

  await page.evaluate(
    async ({ module, options, forbidden }) => {
      const { default: init, MqttClient } = await import(module);
      await init();
      const events = /** @type {string[]} */ ([]);
      const client = new MqttClient();
      client.onevent = (/** @type {any} */ { type }) => events.push(type);
      const mayOpen = async (/** @type {string} */ url) => {
        events.push(url);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return url !== forbidden;
      };
      Object.assign(globalThis, { events, client });
      client.connect({ ...options, mayOpen });
    },
    {
      module: `${origin}/split/mqtt.mjs`,
      forbidden: `ws://${LOOPBACK}:1/never`,
      options: {
        url: [`ws://${LOOPBACK}:1/never`, bench.broker.ws, 'ws://localhost:1/last'],
        username: USER,
        password: PASSWORD,
      },
    },
  );

  const events = () => page.evaluate(() => /** @type {any} */ (globalThis).events);
  await until('the connection', async () => (await events()).includes('connected'), {
    seen: events,
  });
  assert.deepEqual(await events(), [
    'connecting',
    `ws://${LOOPBACK}:1/never`,
    bench.broker.ws,
    'connected',
  ]);
  await page.close();
});

/** @param {any} request */
async function connect({ module, options }) {
  const { default: init, MqttClient } = await import(module);
  await init();
  const events = /** @type {string[]} */ ([]);
  const client = new MqttClient();
  client.onevent = (/** @type {any} */ { type }) => events.push(type);
  Object.assign(globalThis, { events, client });
  client.connect(options);
}
