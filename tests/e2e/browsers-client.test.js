// @ts-check
/**
 * `MqttClient` in Firefox and WebKit where engines differ most: addresses that race, what a browser reports of
 * an address that fails, and the garbage collector.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rowFor } from '../../extension/status/reasons.js';
import { launchFirefox } from './support/browsers/firefox.js';
import { launchWebKit } from './support/browsers/webkit.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { uniqueTopic } from './support/names.js';
import { openNoBrokers } from './support/no-brokers.js';
import { LOOPBACK } from './support/ports.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

const SPLIT = fileURLToPath(new URL('../../dist/split/', import.meta.url));
/** Objects that nothing names; when the collector has taken most of them, it has seen everything. */
const CANARIES = 100;

for (const [name, launch] of /** @type {const} */ ([
  ['Firefox', launchFirefox],
  ['WebKit', launchWebKit],
])) {
  describe(name, () => inBrowser(name, launch));
}

/**
 * @param {string} name
 * @param {typeof launchFirefox} launch
 */
function inBrowser(name, launch) {
  /** @type {import('./support/small-bench.js').SmallBench} */
  let bench;
  /** @type {import('./support/browsers/page.js').Engine} */
  let engine;
  /** The same page, over http and over https. */
  const origins = { plain: '', secure: '' };
  /** What is no broker, by what it does. @type {Record<string, string>} */
  let wrong = {};

  before(async () => {
    bench = await openSmallBench(`client-${name}`);
    const { certificates, cleanup } = bench;
    engine = await launch({ folder: join(bench.folder, name) });
    cleanup.add(engine, (it) => it.close());
    const places = {
      '/split/': { folder: SPLIT },
      '/program': { html: '<!doctype html><title>A program that uses MqttClient</title>' },
    };
    origins.plain = cleanup.add(await serve(places), (it) => it.close()).origin;
    origins.secure = cleanup.add(await serve(places, certificates), (it) => it.close()).origin;
    wrong = await openNoBrokers(cleanup);
  });
  after(() => bench?.cleanup.run());

  // Firefox opens one WebSocket to a computer at a time: what is swallowed there keeps the others waiting.
  const overlapping = name === 'Firefox' ? [] : ['is swallowed'];
  for (const what of ['is refused', 'opens and is silent', ...overlapping]) {
    test(`broker is reached when the first address ${what}`, async () => {
      const page = await start(origins.plain, {
        url: [String(wrong[what]), `ws://${LOOPBACK}:1/never`, bench.broker.ws],
      });

      await untilEvent(page, 'connected');

      // One attempt, whatever failed in it.
      assert.deepEqual(
        (await eventsOf(page)).map(({ type }) => type).filter((type) => type !== 'warning'),
        ['connecting', 'connected'],
      );
      await page.close();
    });
  }

  test('the sentence for a port where nobody listens', async () => {
    const { reason, says } = await endOf(origins.plain, String(wrong['is refused']));

    assert.deepEqual([reason.code, reason.cause], ['never-opened', undefined]);
    assert.equal(says, 'reason.nothing-here');
  });

  test('the sentence for a port that browsers do not open', async () => {
    const { reason, says } = await endOf(origins.plain, `ws://${LOOPBACK}:6000/mqtt`);

    assert.equal(reason.cause, 'port');
    assert.equal(says, 'reason.port-forbidden');
  });

  // The blocks try the second and the third, which Chromium opens after a permission.
  for (const host of ['broker.example', '192.168.1.20', 'class.local']) {
    test(`the sentence for ws://${host} on a secure page`, async () => {
      const { reason, says } = await endOf(origins.secure, `ws://${host}:8083/mqtt`);

      assert.deepEqual([reason.code, reason.cause], ['address-refused', 'secure-page']);
      assert.equal(says, 'address.insecure');
    });
  }

  test('an address that the policy of the page forbids is not tried again', async () => {
    const { reason, says } = await endOf(
      origins.plain,
      'ws://broker.example:8083/mqtt',
      `connect-src ${origins.plain}`,
    );

    assert.deepEqual([reason.code, reason.cause], ['address-refused', 'content-security-policy']);
    assert.equal(says, 'reason.page-forbids');
  });

  test('the collector takes no client that is connected', async () => {
    const topic = uniqueTopic('collected');
    const page = await engine.newPage();
    await page.goto(`${origins.plain}/program`);
    await bench.native.subscribe(`${topic}/gone`);
    await bench.native.subscribe(`${topic}/answer`);
    await page.evaluate(forgetConnected, {
      module: `${origins.plain}/split/mqtt.mjs`,
      options: { url: bench.broker.ws, username: USER, password: PASSWORD },
      topic,
    });
    await until('the client', () => page.evaluate(() => /** @type {any} */ (globalThis).connected));

    await page.evaluate(makeCanaries, CANARIES);
    await until('a collection', () => page.evaluate(fillMemory), { withinMs: 60_000 });
    await bench.native.publish(`${topic}/question`, 'there?', { qos: 1 });

    assert.deepEqual(await bench.native.untilTexts(`${topic}/answer`, 1), ['yes']);
    // No will: the connection was never ended.
    assert.deepEqual(bench.native.texts(`${topic}/gone`), []);
    await page.close();
  });

  /** @param {string} origin @param {Record<string, unknown>} options @param {string} [policy] */
  async function start(origin, options, policy) {
    const page = await engine.newPage();
    await page.goto(`${origin}/program`);
    await page.evaluate(connect, {
      module: `${origin}/split/mqtt.mjs`,
      policy,
      options: { username: USER, password: PASSWORD, ...options },
    });
    return page;
  }

  /** @param {string} origin @param {string} url @param {string} [policy] */
  async function endOf(origin, url, policy) {
    const page = await start(origin, { url, reconnect: false }, policy);
    const { reason } = await untilEvent(page, 'disconnected');
    await page.close();
    const { hostname: host, port } = new URL(url);
    const broker = { host, port: Number(port), shown: url, isSecure: false };
    const circumstances = { broker, isOnline: true, hasLogin: true, lastTopic: null, own: null };
    return { reason, says: rowFor(reason, circumstances).says };
  }
}

/** @param {import('./support/browsers/page.js').Page} page @returns {Promise<any[]>} */
const eventsOf = (page) => page.evaluate(() => /** @type {any} */ (globalThis).events);

/** @param {import('./support/browsers/page.js').Page} page @param {string} type */
const untilEvent = (page, type) =>
  until(
    `the event ${type}`,
    async () => (await eventsOf(page)).find((event) => event.type === type),
    {
      seen: () => eventsOf(page),
    },
  );

/** @param {any} request */
async function connect({ module, options, policy }) {
  const { default: init, MqttClient } = await import(module);
  await init();
  if (policy) {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = policy;
    document.head.append(meta);
  }
  const events = /** @type {any[]} */ ([]);
  const client = new MqttClient();
  client.onevent = (/** @type {any} */ event) => events.push(event);
  Object.assign(globalThis, { events, client });
  client.connect(options);
}

/** A client that answers questions; nothing of the page names it afterwards. @param {any} request */
async function forgetConnected({ module, options, topic }) {
  const { default: init, MqttClient } = await import(module);
  await init();
  (() => {
    const client = new MqttClient();
    client.onmessage = () => client.publish(`${topic}/answer`, 'yes', 1);
    client.onevent = (/** @type {any} */ { type }) =>
      type === 'subscribed' && Object.assign(globalThis, { connected: true });
    client.connect({ ...options, will: { topic: `${topic}/gone`, payload: 'gone' } });
    client.subscribe(`${topic}/question`, 1);
  })();
}

/** @param {number} count */
function makeCanaries(count) {
  const registry = new FinalizationRegistry(() => {
    /** @type {any} */ (globalThis).taken += 1;
  });
  Object.assign(globalThis, { registry, taken: 0, canaries: count });
  for (let index = 0; index < count; index += 1) registry.register({ index }, index);
}

/** Makes what nobody needs; whether the collector has taken nearly every canary. @returns {boolean} */
function fillMemory() {
  /** @type {any} */
  const page = globalThis;
  page.waste = Array.from({ length: 500_000 }, (_, index) => ({ index, text: `waste ${index}` }));
  page.waste = new ArrayBuffer(100_000_000);
  page.waste = null;
  // The stack may hold the last of them.
  return page.taken >= page.canaries * 0.9;
}
