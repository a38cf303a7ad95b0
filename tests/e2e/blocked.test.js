// @ts-check
/** Sockets that end with an error and without a close event: what a page blocks, and Node's own WebSocket. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePorts } from './support/ports.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { run } from './support/programs.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

const SPLIT = fileURLToPath(new URL('../../dist/split/', import.meta.url));
const FAILING = fileURLToPath(new URL('support/failing.mjs', import.meta.url));

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
let nobody = 0;
/** @type {Record<'open' | 'strict' | 'secure', string>} */
let pages;

before(async () => {
  bench = await openSmallBench('blocked');
  [nobody = 0] = await freePorts(1);
  const allowed = `ws://127.0.0.1:${nobody}/allowed ${bench.broker.ws}`;
  const places = {
    '/split/': { folder: SPLIT },
    '/open': { html: '<!doctype html><title>Everything is allowed</title>' },
    '/strict': { answer: sendWith(`connect-src 'self' ${allowed}`) },
  };
  const { cleanup, certificates } = bench;
  const plain = cleanup.add(await serve(places), (it) => it.close());
  const secure = cleanup.add(await serve(places, certificates), (it) => it.close());
  pages = {
    open: `${plain.origin}/open`,
    strict: `${plain.origin}/strict`,
    secure: `${secure.origin}/open`,
  };
});

after(() => bench?.cleanup.run());

describe('a page', () => {
  test('whose Content Security Policy forbids the address gets that reason', async () => {
    const { reason, retryInMs } = await endOf('strict', `ws://127.0.0.1:${nobody}/mqtt?a=1`);

    const { code, cause, message } = reason;
    assert.deepEqual([code, cause], ['address-refused', 'content-security-policy']);
    assert.match(message, /Content Security Policy/);
    assert.equal(retryInMs, null);
  });

  test('whose policy allows the address gets the reason of a network that fails', async () => {
    const { reason } = await endOf('strict', `ws://127.0.0.1:${nobody}/allowed`);

    assert.equal(reason.code, 'never-opened');
    assert.equal(reason.cause, undefined);
  });

  test('that came over https gets the reason that it cannot open ws://', async () => {
    const { reason } = await endOf('secure', 'ws://broker.example/mqtt');

    assert.deepEqual([reason.code, reason.cause], ['address-refused', 'secure-page']);
  });

  test('gets the reason of a port that browsers do not open', async () => {
    const { reason, retryInMs } = await endOf('open', 'ws://127.0.0.1:25/mqtt');

    assert.deepEqual([reason.code, reason.cause], ['never-opened', 'port']);
    assert.notEqual(retryInMs, null);
  });

  test('whose policy forbids the first address connects to another', async () => {
    const url = [`ws://127.0.0.1:${nobody}/mqtt`, bench.broker.ws];

    const [event] = await eventsOf('strict', url, 'connected');

    assert.equal(event.type, 'connected');
  });
});

describe('a worker of a page with a policy', () => {
  test('gets the reason that the policy forbids the address', async () => {
    const page = await bench.browser.newPage();
    await page.goto(pages.strict);

    const { reason } = await page.evaluate(
      ({ module, url }) => {
        const work = async (/** @type {string} */ from, /** @type {string} */ address) => {
          const { default: init, MqttClient } = await import(from);
          await init();
          const client = new MqttClient();
          client.onevent = (/** @type {any} */ event) =>
            event.type === 'disconnected' && postMessage(event);
          client.connect({ url: address });
        };
        const text = `(${work})(${JSON.stringify(module)}, ${JSON.stringify(url)})`;
        const worker = new Worker(URL.createObjectURL(new Blob([text])));
        return new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
      },
      { module: new URL('/split/mqtt.mjs', pages.strict).href, url: `ws://127.0.0.1:${nobody}/x` },
    );

    assert.deepEqual([reason.code, reason.cause], ['address-refused', 'content-security-policy']);
    await page.close();
  });
});

test("Node's own WebSocket, which emits no close, fails at once and not after the time limit", () => {
  const args = ['--experimental-websocket', FAILING, SPLIT, `ws://127.0.0.1:${nobody}/mqtt`];

  const { reason, retryInMs, tookMs } = JSON.parse(run(process.execPath, args));

  assert.equal(reason.code, 'never-opened');
  assert.equal(reason.cause, undefined);
  assert.notEqual(retryInMs, null);
  assert.ok(tookMs < 10_000, `${tookMs}`);
});

/** @param {keyof typeof pages} page @param {string} url */
async function endOf(page, url) {
  const all = await eventsOf(page, url, 'disconnected');
  return all[0];
}

/** @param {keyof typeof pages} name @param {string | string[]} url @param {string} type @returns {Promise<any[]>} */
async function eventsOf(name, url, type) {
  const page = await bench.browser.newPage();
  await page.goto(pages[name]);
  await page.evaluate(
    async ({ module, options }) => {
      const { default: init, MqttClient } = await import(module);
      await init();
      const events = /** @type {any[]} */ ([]);
      const client = new MqttClient();
      client.onevent = (/** @type {any} */ event) => events.push(event);
      Object.assign(globalThis, { events });
      client.connect(options);
    },
    {
      module: new URL('/split/mqtt.mjs', pages[name]).href,
      options: { url, username: USER, password: PASSWORD },
    },
  );
  const events = () => page.evaluate(() => /** @type {any} */ (globalThis).events);
  const found = await until(
    type,
    async () => {
      const all = (await events()).filter((/** @type {any} */ event) => event.type === type);
      return all.length > 0 && all;
    },
    { seen: events },
  );
  await page.close();
  return found;
}

/** @param {string} policy @returns {import('node:http').RequestListener} */
function sendWith(policy) {
  return (_, response) => {
    const type = 'text/html; charset=utf-8';
    response
      .writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy })
      .end('<!doctype html><title>A page with a policy</title>');
  };
}
