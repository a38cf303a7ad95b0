// @ts-check
// The connect block, and what the other blocks do before and between connections.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONNECT_LIMIT_MS } from '../../extension/client/connection.js';
import { MOST_WAITING_CALLS } from '../../extension/client/client.js';
import { makeBlocks, makeConnected, turn } from './harness.js';

const BROKER = 'wss://broker.test:8084/mqtt';

/** Whether a promise has ended. @param {Promise<unknown> | undefined} promise */
async function hasEnded(promise) {
  let ended = false;
  promise?.then(() => (ended = true));
  await turn();
  return ended;
}

test('connect waits until the broker accepts', async () => {
  const { blocks, client } = await makeBlocks();

  const answer = blocks.connect({ BROKER });

  assert.equal(await hasEnded(answer), false);
  client().accept();
  assert.equal(await hasEnded(answer), true);
  assert.equal(blocks.isConnected(), true);
});

test('connect ends when the broker refuses', async () => {
  const { blocks, client } = await makeBlocks();
  const answer = blocks.connect({ BROKER });

  client().drop({ code: 'refused', reasonCode: 0x86, returnCode: 4 });

  assert.equal(await hasEnded(answer), true);
  assert.equal(blocks.isConnected(), false);
});

test('connect ends when every address of the broker has failed, and the attempts go on', async () => {
  const { blocks, client } = await makeBlocks();
  const answer = blocks.connect({ BROKER });

  client().drop({ code: 'never-opened', afterMs: 3 }, 1000);

  assert.equal(await hasEnded(answer), true);
  client().accept();
  assert.equal(blocks.isConnected(), true);
});

test('connect ends after its limit when nothing happens', async ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { blocks } = await makeBlocks();
  const answer = blocks.connect({ BROKER });

  mock.timers.tick(CONNECT_LIMIT_MS - 1);
  assert.equal(await hasEnded(answer), false);
  mock.timers.tick(1);

  assert.equal(await hasEnded(answer), true);
});

test('connect while connected to the same broker does nothing', async () => {
  const { blocks, client } = await makeConnected();

  const answer = blocks.connect({ BROKER });

  assert.equal(answer, undefined);
  assert.equal(client().asked('connect').length, 1);
});

test('connect to another broker is asked of the same client', async () => {
  const { blocks, client, clients } = await makeConnected();

  blocks.connect({ BROKER: 'wss://other.test/mqtt' });

  assert.equal(clients.length, 1);
  assert.deepEqual(client().asked('connect')[1], [{ url: ['wss://other.test:8084/mqtt'] }]);
  assert.equal(blocks.isConnected(), false);
});

test('the end of the old connection does not end the wait for the new one', async () => {
  const { blocks, client } = await makeConnected();
  const answer = blocks.connect({ BROKER: 'wss://other.test/mqtt' });

  client().onevent?.({
    type: 'disconnected',
    reason: { code: 'closed', message: 'closed by the user' },
    retryInMs: null,
  });

  assert.equal(await hasEnded(answer), false);
});

test('disconnect ends a connect block that waits', async () => {
  const { blocks } = await makeBlocks();
  const answer = blocks.connect({ BROKER });

  blocks.disconnect();

  assert.equal(await hasEnded(answer), true);
});

test('the login in the address goes to the broker and is never shown', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.connect({ BROKER: 'wss://ada:secret@broker.test:8084/mqtt' });
  client().accept();

  assert.deepEqual(client().asked('connect'), [
    [{ url: [BROKER], username: 'ada', password: 'secret' }],
  ]);
  assert.equal(blocks.status(), `Connected to ${BROKER}.`);
});

test('log in is used by the next connect', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.login({ USER: 'ada', PASSWORD: 'secret' });
  blocks.connect({ BROKER });

  assert.deepEqual(client().asked('connect'), [
    [{ url: [BROKER], username: 'ada', password: 'secret' }],
  ]);
});

for (const [what, USER, PASSWORD] of /** @type {const} */ ([
  ['a user name of 65,536 bytes', 'é'.repeat(32_768), 'secret'],
  ['a password of 65,536 bytes', 'ada', 'x'.repeat(65_536)],
  ['a password with U+0000', 'ada', 'sec\0ret'],
])) {
  test(`${what} is named, and the connection goes on`, async () => {
    const { blocks, client } = await makeConnected();
    blocks.login({ USER, PASSWORD });

    assert.equal(await hasEnded(Promise.resolve(blocks.connect({ BROKER }))), true);

    assert.match(blocks.lastError(), /^The user name or the password is too long/);
    assert.match(
      blocks.status(),
      /^Connected to wss:\/\/broker\.test:8084\/mqtt\. The user name or/,
    );
    assert.equal(client().state, 'connected');
  });
}

test('log in as another makes the next connect a new connection', async () => {
  const { blocks, client } = await makeConnected();

  blocks.login({ USER: 'ada', PASSWORD: 'secret' });
  blocks.connect({ BROKER });

  assert.equal(client().asked('connect').length, 2);
});

test('the public broker has a public login', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.connect({ BROKER: 'wss://mqtt.longan.link:8084/mqtt' });

  const [[options]] = client().asked('connect');
  assert.deepEqual([options.username, options.password], ['guest', 'test']);
});

test('log in goes before the login of the public broker', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.login({ USER: 'ada', PASSWORD: 'secret' });
  blocks.connect({ BROKER: 'wss://mqtt.longan.link:8084/mqtt' });

  const [[options]] = client().asked('connect');
  assert.deepEqual([options.username, options.password], ['ada', 'secret']);
});

test('no other broker gets the public login', async () => {
  const { blocks, client } = await makeBlocks();

  blocks.connect({ BROKER });

  assert.deepEqual(client().asked('connect'), [[{ url: [BROKER] }]]);
});

test('the user is asked before the first connection to a broker', async () => {
  /** @type {string[]} */
  const asked = [];
  const canFetch = (/** @type {string} */ url) => Promise.resolve(asked.push(url) > 0);
  const { blocks, client } = await makeBlocks({ scratch: { canFetch } });

  const answer = blocks.connect({ BROKER });
  assert.equal(client().asked('connect').length, 0);
  await turn();
  client().accept();
  await answer;
  await blocks.connect({ BROKER });

  assert.deepEqual(asked, [BROKER]);
  assert.equal(client().asked('connect').length, 1);
});

for (const [how, canFetch] of /** @type {[string, () => any][]} */ ([
  ['says no', () => Promise.resolve(false)],
  ['cannot be asked', () => Promise.reject(new Error('gone'))],
  [
    'cannot even be called',
    () => {
      throw new Error('gone');
    },
  ],
])) {
  test(`when the user ${how}, nothing is opened and the status says so`, async () => {
    const { blocks, client } = await makeBlocks({ scratch: { canFetch } });

    await blocks.connect({ BROKER });

    assert.equal(client().asked('connect').length, 0);
    assert.match(blocks.status(), /not allowed to connect to wss:\/\/broker\.test:8084\/mqtt\./);
  });
}

test('a permission that comes after disconnect opens nothing', async () => {
  /** @type {(isPermitted: boolean) => void} */
  let answerUser = () => {};
  const canFetch = () => new Promise((resolve) => (answerUser = resolve));
  const { blocks, client } = await makeBlocks({ scratch: { canFetch } });
  const answer = blocks.connect({ BROKER });
  await turn();

  blocks.disconnect();
  answerUser(true);
  await answer;

  assert.equal(client().asked('connect').length, 0);
});

test('of two brokers that wait for permission, only the last is opened', async () => {
  /** @type {((isPermitted: boolean) => void)[]} */
  const answers = [];
  const canFetch = () => new Promise((resolve) => answers.push(resolve));
  const { blocks, client } = await makeBlocks({ scratch: { canFetch } });
  blocks.connect({ BROKER: 'wss://first.test/mqtt' });
  blocks.connect({ BROKER: 'wss://second.test/mqtt' });
  await turn();

  for (const answerUser of answers) answerUser(true);
  await turn();

  assert.deepEqual(client().asked('connect'), [[{ url: ['wss://second.test:8084/mqtt'] }]]);
});

test('calls before the wasm module has started are done in order when it has', async () => {
  const { blocks, client, start } = await makeBlocks({ isStarted: false });

  blocks.setRoom({ ROOM: '6b' });
  blocks.login({ USER: 'ada', PASSWORD: 'secret' });
  const answer = blocks.connect({ BROKER });
  blocks.subscribe({ TOPIC: 'in' });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'out' });
  await start();

  assert.deepEqual(client().calls, [
    ['connect', { url: [BROKER], username: 'ada', password: 'secret' }],
    ['subscribe', '6b/in', 0, 0],
    ['publish', '6b/out', 'hello', 0, false],
  ]);
  client().accept();
  assert.equal(await hasEnded(answer), true);
});

test('the wasm module is loaded once', async () => {
  const { blocks, loads } = await makeBlocks({ isStarted: false });

  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.equal(loads(), 1);
});

test('a wasm module that cannot start ends every wait, and the status says why', async () => {
  const { blocks, fail } = await makeBlocks({ isStarted: false });
  const answer = blocks.connect({ BROKER });

  await fail();

  assert.equal(await hasEnded(answer), true);
  assert.match(blocks.status(), /WebAssembly is missing or blocked/);
});

test('a wasm module that never starts does not hold a connect block for ever', async ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { blocks } = await makeBlocks({ isStarted: false });
  const answer = blocks.connect({ BROKER });

  mock.timers.tick(CONNECT_LIMIT_MS);

  assert.equal(await hasEnded(answer), true);
});

test('calls that wait for the wasm module are bounded', async () => {
  const { blocks, client, start } = await makeBlocks({ isStarted: false });

  for (let n = 0; n < MOST_WAITING_CALLS + 5; n += 1) {
    blocks.publish({ MESSAGE: n, TOPIC: 'test' });
  }
  assert.match(blocks.status(), /Too many blocks were waiting/);
  await start();

  assert.equal(client().asked('publish').length, MOST_WAITING_CALLS);
});

test('another project has no login, no room and no connection of the last one', async () => {
  const { bridge, blocks, client, clients } = await makeBlocks();
  blocks.login({ USER: 'ada', PASSWORD: 'secret' });
  blocks.setRoom({ ROOM: '6b' });
  blocks.connect({ BROKER });
  client().accept();

  bridge.projectLoaded();
  blocks.connect({ BROKER });
  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.deepEqual(clients[0]?.asked('disconnect'), [[]]);
  assert.deepEqual(client().calls, [
    ['connect', { url: [BROKER] }],
    ['publish', 'test', 'hello', 0, false],
  ]);
});

test('a bad address is reported before what fails at the address typed before it', async () => {
  const { blocks, client } = await makeBlocks();
  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  client().drop({ code: 'ping-timeout', message: '' }, 5_000);

  await blocks.connect({ BROKER: 'problem:space' });

  assert.match(
    blocks.status(),
    /^There is a space in .* The broker does not answer any more\. Trying again in \d s\.$/,
  );
});
