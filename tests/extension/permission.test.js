// @ts-check
// Editors that ask the user before a project may reach an address: `Scratch.canFetch`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONNECT_LIMIT_MS } from '../../extension/client/connection.js';
import { fakeCore } from './fake-core.js';
import { makeBlocks, turn } from './harness.js';

const URLS = ['wss://many.test:8084/mqtt', 'wss://many.test:8084/', 'wss://many.test:443/mqtt'];

/**
 * Blocks whose brokers have three addresses each.
 *
 * @param {(url: string) => any} canFetch
 */
async function makeAsking(canFetch) {
  const { clients, core } = fakeCore();
  /** @param {string} text @returns {any} */
  const parseAddress = (text) => {
    const address = core.parseAddress(text);
    return { ...address, urls: URLS.map((url) => url.replace('many.test', address.host)) };
  };
  /** @type {string[]} */
  const asked = [];
  const { blocks } = await makeBlocks({
    core: { ...core, parseAddress },
    scratch: {
      canFetch: (/** @type {string} */ url) => {
        asked.push(url);
        return canFetch(url);
      },
    },
  });
  const client = () => /** @type {import('./fake-core.js').FakeClient} */ (clients[0]);
  /** What the client does before it opens an address. @param {string | undefined} url */
  const mayOpen = (url) => client().asked('connect').at(-1)[0].mayOpen(url);
  return { asked, blocks, client, mayOpen, urls: () => urlsOf(client()) };
}

/** What was opened. @param {import('./fake-core.js').FakeClient} client */
const urlsOf = (client) =>
  client.asked('connect').map((/** @type {any[]} */ [options]) => options.url);

/** Answers that a test gives when it wants to. */
function slowly() {
  /** @type {((isPermitted: boolean) => void)[]} */
  const waiting = [];
  return {
    canFetch: () => new Promise((resolve) => waiting.push(resolve)),
    /** @param {boolean} isPermitted */
    answer: async (isPermitted) => {
      waiting.shift()?.(isPermitted);
      await turn();
    },
  };
}

test('the first address is asked for before it is opened, each other when its turn comes', async () => {
  const { canFetch, answer } = slowly();
  const { asked, blocks, mayOpen, urls } = await makeAsking(canFetch);
  blocks.connect({ BROKER: 'many.test' });
  await turn();

  assert.deepEqual(urls(), []);
  await answer(true);
  assert.deepEqual(asked, URLS.slice(0, 1));
  assert.deepEqual(urls(), [URLS]);
  const second = mayOpen(URLS[1]);
  await turn();
  assert.deepEqual(asked, URLS.slice(0, 2));
  await answer(true);

  assert.equal(await second, true);
  assert.equal(await mayOpen(URLS[0]), true);
  assert.deepEqual(asked, URLS.slice(0, 2));
});

test('addresses hold no login when they are asked for', async () => {
  const { asked, blocks, mayOpen } = await makeAsking(() => true);

  blocks.connect({ BROKER: 'wss://ada:secret@many.test' });
  await turn();
  for (const url of URLS) await mayOpen(url);

  assert.equal(asked.length, 3);
  assert.doesNotMatch(asked.join(), /ada|secret/);
});

test('after the first no, only what was permitted is tried, and nothing more is asked', async () => {
  const { asked, blocks, mayOpen } = await makeAsking((url) => !url.endsWith(':8084/'));

  blocks.connect({ BROKER: 'many.test' });
  await turn();
  const answers = [];
  for (const url of [...URLS, ...URLS]) answers.push(await mayOpen(url));

  assert.deepEqual(answers, [true, false, false, true, false, false]);
  assert.deepEqual(asked, URLS.slice(0, 2));
});

test('a connect block that runs again after a loss tries only what was permitted', async () => {
  const { asked, blocks, client, mayOpen, urls } = await makeAsking((url) => url === URLS[0]);
  blocks.connect({ BROKER: 'many.test' });
  await turn();
  await mayOpen(URLS[1]);
  client().accept();
  client().drop({ code: 'lost' }, 1000);

  blocks.connect({ BROKER: 'many.test' });
  await turn();

  assert.deepEqual(urls(), [URLS, URLS]);
  assert.equal(await mayOpen(URLS[1]), false);
  assert.equal(asked.length, 2);
});

test('a refused other broker takes nothing from the one that comes back', async () => {
  const { asked, blocks, client, mayOpen, urls } = await makeAsking((url) =>
    url.includes('many.test'),
  );
  blocks.connect({ BROKER: 'many.test' });
  await turn();
  client().accept();
  blocks.connect({ BROKER: 'other.test' });
  await turn();
  client().drop({ code: 'lost' }, 1000);

  blocks.connect({ BROKER: 'many.test' });
  await turn();

  assert.equal(urls().length, 2);
  assert.equal(await mayOpen(URLS[0]), true);
  assert.equal(asked.length, 2);
});

test('a connect block in a loop asks once while the question is on the screen', async () => {
  const { asked, blocks, urls } = await makeAsking(slowly().canFetch);

  for (let n = 0; n < 30; n += 1) blocks.connect({ BROKER: 'many.test' });
  await turn();

  assert.equal(asked.length, 1);
  assert.deepEqual(urls(), []);
});

test('the status says what it waits for, and what was refused', async () => {
  const { canFetch, answer } = slowly();
  const { blocks } = await makeAsking(canFetch);

  blocks.connect({ BROKER: 'many.test' });
  await turn();
  assert.match(blocks.status(), /^Waiting for permission to connect to many\.test:8084\/mqtt\./);
  await answer(false);

  assert.match(
    blocks.status(),
    /^Not connected\. .* not allowed to connect to many\.test:8084\/mqtt\./,
  );
  assert.match(blocks.lastError(), /not allowed to connect/);
});

test('while another address is asked about, nothing is said of the bad one before it', async () => {
  const { blocks } = await makeAsking(slowly().canFetch);
  await blocks.connect({ BROKER: 'problem:space' });

  blocks.connect({ BROKER: 'many.test' });
  await turn();

  assert.match(blocks.status(), /^Waiting for permission/);
  assert.doesNotMatch(blocks.status(), /space/);
});

test('a question that is never answered holds no script for ever, and may be answered late', async ({
  mock,
}) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { canFetch, answer } = slowly();
  const { blocks, urls } = await makeAsking(canFetch);
  let hasEnded = false;
  blocks.connect({ BROKER: 'many.test' })?.then(() => (hasEnded = true));
  await turn();

  mock.timers.tick(CONNECT_LIMIT_MS - 1);
  await turn();
  assert.equal(hasEnded, false);
  mock.timers.tick(1);
  await turn();
  assert.equal(hasEnded, true);
  for (let n = 0; n < 3; n += 1) await answer(true);

  assert.deepEqual(urls(), [URLS]);
});

test('a connection that is up stays while another broker is asked for, and when it is refused', async () => {
  const { blocks, client } = await makeAsking((url) => url.includes('many.test'));
  blocks.connect({ BROKER: 'many.test' });
  await turn();
  client().accept();

  blocks.connect({ BROKER: 'other.test' });
  await turn();

  assert.equal(blocks.isConnected(), true);
  assert.match(
    blocks.status(),
    /^Connected to .* not allowed to connect to other\.test:8084\/mqtt\./,
  );
});

test('the broker that is connected to, asked for again, ends the question for another', async () => {
  const { canFetch, answer } = slowly();
  const { blocks, client, urls } = await makeAsking(canFetch);
  blocks.connect({ BROKER: 'many.test' });
  await turn();
  for (let n = 0; n < 3; n += 1) await answer(true);
  client().accept();

  blocks.connect({ BROKER: 'other.test' });
  await turn();
  blocks.connect({ BROKER: 'many.test' });
  for (let n = 0; n < 3; n += 1) await answer(true);

  assert.deepEqual(urls(), [URLS]);
});
