// @ts-check
/**
 * The garbage collector takes no client that is connected or wants to be, and every other that its program has
 * forgotten; in a page and in Node, whose collector is called by name.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PASSWORD, USER } from './support/mosquitto.js';
import { uniqueTopic } from './support/names.js';
import { startLocalBroker } from './support/local-broker.js';
import { run } from './support/programs.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

/** Clients that are made, connected, closed and forgotten. */
const MANY = 1_000;

const API = fileURLToPath(new URL('../../docs/reference/api.md', import.meta.url));
const SPLIT = fileURLToPath(new URL('../../dist/split/', import.meta.url));
const FORGETTING = fileURLToPath(new URL('support/forgetting.mjs', import.meta.url));
const WS = import.meta.resolve('ws');

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
/** @type {import('./support/local-broker.js').LocalBroker} */
let local;
let origin = '';

before(async () => {
  bench = await openSmallBench('collected', { collects: true });
  const { cleanup } = bench;
  local = cleanup.add(await startLocalBroker(), (it) => it.stop());
  const places = {
    '/split/': { folder: SPLIT },
    '/support/': { folder: fileURLToPath(new URL('support/', import.meta.url)) },
    '/program': { html: '<!doctype html><title>A program that uses MqttClient</title>' },
    '/example': { answer: sendExample },
  };
  ({ origin } = cleanup.add(await serve(places), (it) => it.close()));
});

after(() => bench?.cleanup.run());

test('the example of docs/reference/api.md goes on after a collection', async () => {
  const page = await bench.browser.newPage();
  /** @type {string[]} */
  const lines = [];
  page.on('console', (message) => lines.push(message.text()));
  await page.goto(`${origin}/example`);
  await until('the message of the example', () => lines.includes('room/1 hello'));

  for (let n = 0; n < 5; n += 1) await collect(page);
  await page.evaluate(speakTo, {
    module: `${origin}/split/mqtt.mjs`,
    options: { url: local.ws },
    topic: 'room/2',
    payload: 'still there?',
  });

  await until('a message after the collection', () => lines.includes('room/2 still there?'), {
    seen: () => lines,
  });
  await page.close();
});

for (const handlers of ['none', 'foreign', 'own']) {
  test(`a connected client with ${handlers} handlers, forgotten by its page, stays`, async () => {
    const page = await bench.browser.newPage();
    await page.goto(`${origin}/program`);
    const topic = uniqueTopic('collected');

    await page.evaluate(forgetConnected, { ...program(topic), handlers });
    await bench.native.subscribe(`${topic}/gone`);
    await bench.native.subscribe(`${topic}/answer`);
    await until('the client', () => page.evaluate(() => /** @type {any} */ (globalThis).connected));
    for (let n = 0; n < 5; n += 1) await collect(page);
    await bench.native.publish(`${topic}/question`, 'there?', { qos: 1 });

    if (handlers !== 'none') {
      assert.deepEqual(await bench.native.untilTexts(`${topic}/answer`, 1), ['yes']);
    }
    // No will: the connection was never ended.
    assert.deepEqual(bench.native.texts(`${topic}/gone`), []);
    await page.close();
  });
}

test('clients that are closed and forgotten are collected in a page', async () => {
  const page = await bench.browser.newPage();
  await page.goto(`${origin}/program`);
  await page.evaluate(
    async ({ support, module, many, options }) => {
      const { forgetClosed } = await import(support);
      const { default: init, MqttClient } = await import(module);
      await init();
      const collected = await forgetClosed(MqttClient, many, options);
      Object.assign(globalThis, { collected });
    },
    {
      support: `${origin}/support/forgetting.mjs`,
      many: MANY,
      ...program(''),
      options: { url: 'ws://127.0.0.1:9/mqtt' },
    },
  );

  await until('all clients to be collected', async () => {
    await collect(page);
    return (await page.evaluate(() => /** @type {any} */ (globalThis).collected.count)) === MANY;
  });
  await page.close();
});

test('clients that are closed and forgotten are collected in Node, and no other', () => {
  const output = run(process.execPath, [
    '--expose-gc',
    FORGETTING,
    SPLIT,
    WS,
    JSON.stringify({ url: bench.broker.ws, username: USER, password: PASSWORD }),
    String(MANY),
  ]);

  assert.deepEqual(JSON.parse(output), { collected: MANY, answers: 20 });
});

/** @param {string} topic */
function program(topic) {
  return {
    module: `${origin}/split/mqtt.mjs`,
    options: { url: bench.broker.ws, username: USER, password: PASSWORD },
    topic,
  };
}

/** @param {import('playwright-core').Page} page */
async function collect(page) {
  await page.evaluate(async () => {
    /** @type {any} */ (globalThis).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
}

/** The page that the manual shows, with this test's addresses. @param {any} _ @param {import('node:http').ServerResponse} response */
function sendExample(_, response) {
  const [, html = ''] = /```html\n([^]*?)```/.exec(readFileSync(API, 'utf8')) ?? [];
  const page = html
    .replaceAll('http://localhost:8000', origin)
    .replaceAll('ws://localhost:8083/mqtt', local.ws);
  assert.ok(page.includes(local.ws) && page.includes(origin));
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page);
}

/** @param {any} request */
async function speakTo({ module, options, topic, payload }) {
  const { default: init, MqttClient } = await import(module);
  await init();
  const client = new MqttClient();
  client.connect(options);
  client.publish(topic, payload);
}

/** A client that answers questions; nothing of the page names it afterwards. @param {any} request */
async function forgetConnected({ module, options, topic, handlers }) {
  const { default: init, MqttClient } = await import(module);
  await init();
  const [answer, question] = [`${topic}/answer`, `${topic}/question`];
  const will = { topic: `${topic}/gone`, payload: 'gone' };
  const connected = () => Object.assign(globalThis, { connected: true });

  // Functions of one scope keep everything that any of them names: each client has a scope of its own.
  function withOwnHandlers() {
    const client = new MqttClient();
    client.onmessage = () => client.publish(answer, 'yes', 1);
    client.onevent = (/** @type {any} */ { type }) => type === 'subscribed' && connected();
    client.connect({ ...options, will });
    client.subscribe(question, 1);
  }
  function withForeignHandlers() {
    connect(otherAnswer(), (/** @type {any} */ { type }) => type === 'subscribed' && connected());
  }
  /** @param {unknown} onmessage @param {unknown} onevent */
  function connect(onmessage, onevent) {
    const client = Object.assign(new MqttClient(), { onmessage, onevent });
    client.connect({ ...options, will });
    client.subscribe(question, 1);
    return new WeakRef(client);
  }
  function otherAnswer() {
    const other = new MqttClient();
    other.connect(options);
    return () => other.publish(answer, 'yes', 1);
  }
  function withoutHandlers() {
    const client = connect(null, null);
    const timer = setInterval(() => {
      if (client.deref()?.state !== 'connected') return;
      clearInterval(timer);
      connected();
    }, 10);
  }
  const make = { none: withoutHandlers, foreign: withForeignHandlers, own: withOwnHandlers };
  make[/** @type {keyof typeof make} */ (handlers)]();
}
