// @ts-check
// Several brokers in one connect block, with the real rules for addresses and a fake client.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { Logins } from '../../extension/login/logins.js';
import { Permissions } from '../../www/permissions.js';
import { fakeCore } from './fake-core.js';
import { makeBlocks, turn } from './harness.js';

const wasm = new URL('../../dist/pkg/mqtt_bg.wasm', import.meta.url);
assert.ok(existsSync(wasm), 'dist/pkg is missing: npm run build');
const { default: init, ...real } = await import('../../dist/pkg/mqtt.js');
before(() => init({ module_or_path: readFileSync(wasm) }));

const LIST = 'wss://a.example:8084/mqtt, b.example, c.example';
const URLS = ['a', 'b', 'c'].map((host) => `wss://${host}.example:8084/mqtt`);
const ADA = { username: 'ada', password: 'secret' };

/** @param {any} [options] */
async function makeListed(options = {}) {
  const { clients, core } = fakeCore();
  const { parseAddress } = real;
  const parts = await makeBlocks({ ...options, core: { ...core, parseAddress } });
  const client = () => /** @type {import('./fake-core.js').FakeClient} */ (clients[0]);
  return {
    ...parts,
    client,
    urls: () =>
      client()
        ?.asked('connect')
        .map((/** @type {any[]} */ [one]) => one.url) ?? [],
  };
}

test('connects to the brokers of a list, and says which one it is', async () => {
  const { blocks, client, urls } = await makeListed();

  blocks.connect({ BROKER: LIST });
  const connecting = blocks.status();
  client().accept('pupil', 1);

  assert.deepEqual(urls(), [URLS]);
  assert.equal(connecting, `Connecting to ${LIST}…`);
  assert.equal(blocks.status(), 'Connected to wss://b.example:8084/mqtt.');
  assert.equal(blocks.connectionInfo({ INFO: 'broker' }), 'wss://b.example:8084/mqtt');
});

test('the same list asks for nothing new while there is a connection to any of its brokers', async () => {
  const { blocks, client, urls } = await makeListed();
  blocks.connect({ BROKER: LIST });
  client().accept('pupil', 2);

  blocks.connect({ BROKER: LIST });

  assert.equal(urls().length, 1);
});

test('brokers that all do not answer are named, whichever there was a connection to', async () => {
  const { blocks, client } = await makeListed();
  blocks.connect({ BROKER: LIST });
  client().accept('pupil', 1);
  client().drop({ code: 'lost' }, 1000);

  client().drop({ code: 'never-opened', afterMs: 10 }, 1000);

  assert.match(
    String(blocks.status()),
    /^No broker answers at a\.example:8084, b\.example:8084, c\.example:8084\. Check/,
  );
});

test('no token of an address is shown', async () => {
  const { blocks, client } = await makeListed();
  blocks.connect({ BROKER: 'wss://ann:pass@a.example:1/x,b.example?token=hidden' });
  client().accept('pupil', 1);

  const said = [blocks.status(), blocks.connectionInfo({ INFO: 'broker' })].join(' ');

  assert.match(said, /wss:\/\/b\.example:1\/x/);
  assert.doesNotMatch(said, /hidden|pass/);
});

for (const [typed, sentence] of /** @type {const} */ ([
  ['a.example,b..example', 'In the list of brokers, b..example is not right.'],
  ['a.example,b c', 'In the list of brokers, b c is not right.'],
  ['a.example:99999,b', 'In the list of brokers, a.example:99999 is not right.'],
  ['a.example,,b', 'A comma is left over in the list of brokers.'],
  ['a.example,', 'A comma is left over in the list of brokers.'],
  ['a,b,c,d,e,f,g,h,i', 'The list of brokers is too long: eight is the most.'],
  ['wss://a.example,ws://b.example', 'ws://b.example begins in another way'],
  ['class, a.example', 'The word class stands alone'],
  ['a.example,practice', 'The word practice stands alone'],
  ['a.example,b:1883', 'Port 1883 is for boards'],
])) {
  test(`"${typed}" gives a sentence that says what is wrong`, async () => {
    const { blocks, urls } = await makeListed();

    blocks.connect({ BROKER: typed });

    assert.ok(String(blocks.status()).includes(sentence), String(blocks.status()));
    assert.deepEqual(urls(), []);
  });
}

test('a page over https refuses a list with one broker beyond the room by ws', async () => {
  const page = { location: { href: 'https://school.example/' } };
  const { blocks, urls } = await makeListed({ page });

  blocks.connect({ BROKER: 'ws://10.0.0.1:8083/mqtt, far.example' });

  assert.match(String(blocks.status()), /This page is secure/);
  assert.deepEqual(urls(), []);
});

/** @returns {any} */
function browser() {
  const items = new Map();
  const storage = {
    getItem: (/** @type {string} */ name) => items.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => items.set(name, text),
    removeItem: (/** @type {string} */ name) => items.delete(name),
  };
  return { localStorage: storage };
}

test('a login of this computer goes to those brokers of a list that it was kept for', async () => {
  const page = browser();
  new Logins(page).keep(['wss://a.example:8084', 'wss://c.example:8084'], ADA, true);
  const { blocks, client } = await makeListed({ page });

  blocks.connect({ BROKER: LIST });

  const [[options]] = client().asked('connect');
  assert.deepEqual(options, { url: [URLS[0], URLS[2]], ...ADA });
});

test('the login of a public broker goes to no other broker of a list', async () => {
  const { blocks, client } = await makeListed();

  blocks.connect({ BROKER: 'mqtt.longan.link, b.example' });

  const [[options]] = client().asked('connect');
  assert.equal(options.username, undefined);
});

test('a list with a public broker is public', async () => {
  const { blocks, client } = await makeListed();

  blocks.connect({ BROKER: 'b.example:8084/mqtt, broker.emqx.io' });
  client().accept('pupil', 0);

  assert.match(String(blocks.status()), /This broker is public/);
});

test('our editor page asks for all brokers of a list at once', async () => {
  /** @type {any[]} */
  const questions = [];
  const permissions = new Permissions({
    own: ['wss://a.example:8084'],
    ask: (request) => Promise.resolve(questions.push(request) > 0),
  });
  const page = { scratchMqttDefaults: { mayConnect: permissions.mayConnect.bind(permissions) } };
  const { blocks, urls } = await makeListed({ page });

  blocks.connect({ BROKER: LIST });
  await turn();
  await turn();

  const places = URLS.map((url) => url.replace('/mqtt', ''));
  assert.deepEqual(questions, [{ places, username: null }]);
  assert.deepEqual(urls(), [URLS]);
});

test('an editor is asked for each broker when its turn comes', async () => {
  /** @type {string[]} */
  const asked = [];
  const scratch = { canFetch: (/** @type {string} */ url) => asked.push(url) > 0 };
  const { blocks, client } = await makeListed({ scratch });

  blocks.connect({ BROKER: LIST });
  await turn();
  await turn();
  const first = [...asked];
  const [[{ mayOpen }]] = client().asked('connect');
  const isPermitted = await mayOpen(URLS[1]);

  assert.deepEqual(first, [URLS[0]]);
  assert.equal(isPermitted, true);
  assert.deepEqual(asked, URLS.slice(0, 2));
});
