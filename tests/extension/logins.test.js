// @ts-check
// Logins that a browser keeps for this computer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logins } from '../../extension/login/logins.js';
import { fakeCore } from './fake-core.js';
import { makeBlocks } from './harness.js';

const BROKER = 'wss://broker.test:8084/mqtt';
const ADA = { username: 'ada', password: 'secret' };

/** What a browser keeps under names. @returns {any} */
function storage() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    items,
    getItem: (/** @type {string} */ name) => items.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => items.set(name, text),
    removeItem: (/** @type {string} */ name) => items.delete(name),
  };
}

const browser = () => ({ sessionStorage: storage(), localStorage: storage() });

/** A page that lets nothing be kept. */
const closed = () => ({
  get sessionStorage() {
    throw new Error('denied');
  },
  get localStorage() {
    throw new Error('denied');
  },
});

test('a login for the tab is gone in another tab, one for the computer is not', () => {
  const page = browser();
  const nextTab = { ...browser(), localStorage: page.localStorage };

  new Logins(page).keep(['wss://tab.test:8084'], ADA, false);
  new Logins(page).keep(['wss://computer.test:8084'], ADA, true);

  assert.deepEqual(new Logins(page).find('wss://tab.test:8084'), ADA);
  assert.equal(new Logins(nextTab).find('wss://tab.test:8084'), null);
  assert.deepEqual(new Logins(nextTab).find('wss://computer.test:8084'), ADA);
});

test('a login that is kept for the tab takes the place of one for the computer', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep(['wss://broker.test:8084'], { username: 'old', password: 'old' }, true);

  logins.keep(['wss://broker.test:8084'], ADA, false);

  assert.deepEqual(logins.find('wss://broker.test:8084'), ADA);
  assert.equal(page.localStorage.items.size, 0);
});

test('what is forgotten leaves nothing behind, and the others stay', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep(['wss://broker.test:8084'], ADA, true);
  logins.keep(['wss://other.test:8084'], ADA, false);

  logins.forget(['wss://broker.test:8084']);

  assert.equal(logins.find('wss://broker.test:8084'), null);
  assert.deepEqual(logins.find('wss://other.test:8084'), ADA);
  assert.equal(page.localStorage.items.size, 0);
});

test('what was entered for a name is forgotten for all its ports, and another login stays', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep(['wss://broker.test:8084', 'wss://broker.test:443'], ADA, true);
  logins.keep(['wss://broker.test:9443'], { ...ADA, password: 'other' }, true);
  logins.keep(['wss://other.test:443'], ADA, true);

  logins.forget(['broker.test', 'wss://broker.test:8084']);

  const { items } = page.localStorage;
  const kept = JSON.parse(items.get('scratchmqtt.logins')).map((/** @type {any} */ [name]) => name);
  assert.deepEqual(kept, ['wss://broker.test:9443', 'wss://other.test:443']);
});

test('what another hand wrote among them is left out, and costs no login', () => {
  const page = browser();
  const wrong = [null, 5, 'x', [], ['wss://a.test:1', null], ['wss://b.test:1', { username: 1 }]];
  const good = ['wss://broker.test:8084', ADA];
  page.localStorage.setItem('scratchmqtt.logins', JSON.stringify([...wrong, good]));

  new Logins(page).keep(['wss://other.test:8084'], ADA, true);

  for (const place of ['wss://broker.test:8084', 'wss://other.test:8084']) {
    assert.deepEqual(new Logins(page).find(place), ADA);
  }
});

test('names that are words of JavaScript find nothing', () => {
  const logins = new Logins(browser());

  for (const name of ['__proto__', 'constructor', '']) {
    assert.equal(logins.find(name), null);
    assert.equal(logins.findOlder(name), null);
  }
});

for (const kept of [
  ...['', '{', '{}', '7', 'null', '[1]', '[["wss://broker.test:8084"]]'],
  '[["wss://broker.test:8084",7]]',
  '[["wss://broker.test:8084",{"username":"ada"}]]',
]) {
  test(`a browser that holds ${kept || 'an empty text'} instead has no login`, () => {
    const page = browser();
    page.localStorage.setItem('scratchmqtt.logins', kept);

    assert.equal(new Logins(page).find('wss://broker.test:8084'), null);
    assert.equal(new Logins(page).keep(['wss://broker.test:8084'], ADA, true), true);
  });
}

test('a page that lets nothing be kept says so, and throws nothing', () => {
  const logins = new Logins(closed());

  assert.equal(logins.keep(['wss://broker.test:8084'], ADA, true), false);
  assert.equal(logins.keep(['wss://broker.test:8084'], ADA, false), false);
  logins.forget(['wss://broker.test:8084']);
  assert.equal(logins.find('wss://broker.test:8084'), null);
});

test('a browser that is full says so', () => {
  const page = browser();
  page.localStorage.setItem = () => {
    throw new Error('full');
  };

  assert.equal(new Logins(page).keep(['wss://broker.test:8084'], ADA, true), false);
});

for (const isForComputer of [true, false]) {
  const what = isForComputer ? 'of the computer' : 'of the tab';
  test(`a login that cannot be stored leaves the old one ${what} where it is`, () => {
    const page = browser();
    const logins = new Logins(page);
    logins.keep(['wss://broker.test:8084'], { username: 'old', password: 'old' }, isForComputer);
    for (const full of [page.localStorage, page.sessionStorage]) {
      full.setItem = () => {
        throw new Error('full');
      };
    }

    assert.equal(logins.keep(['wss://broker.test:8084'], ADA, true), false);
    assert.equal(logins.keep(['wss://broker.test:8084'], ADA, false), false);

    assert.deepEqual(new Logins(page).find('wss://broker.test:8084'), {
      username: 'old',
      password: 'old',
    });
  });
}

test('a browser that stores nothing, and does not say so, keeps the old login', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep(['wss://broker.test:8084'], { username: 'old', password: 'old' }, false);
  page.localStorage.setItem = () => {};

  assert.equal(logins.keep(['wss://broker.test:8084'], ADA, true), false);

  assert.deepEqual(logins.find('wss://broker.test:8084'), { username: 'old', password: 'old' });
});

test('a login for the computer takes the place of one for the tab', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep(['wss://broker.test:8084'], { username: 'old', password: 'old' }, false);

  assert.equal(logins.keep(['wss://broker.test:8084'], ADA, true), true);

  assert.deepEqual(logins.find('wss://broker.test:8084'), ADA);
  assert.equal(page.sessionStorage.items.size, 0);
});

/** What the client was asked to log in with. @param {any} client */
const loginOf = (client) => {
  const { username, password } = client.asked('connect').at(-1)[0];
  return { username, password };
};

const NOBODY = { username: undefined, password: undefined };

for (const [what, broker, login] of /** @type {[string, string, object][]} */ ([
  ['its place', BROKER, ADA],
  ['another path there', 'wss://broker.test:8084/other', ADA],
  ['another host', 'wss://other.test:8084/mqtt', NOBODY],
  ['another port', 'wss://broker.test:443/mqtt', NOBODY],
  ['the same port in clear', 'ws://broker.test:8084/mqtt', NOBODY],
  ['a name that begins like it', 'wss://broker.test.example:8084/mqtt', NOBODY],
  ['a name that ends like it', 'wss://my.broker.test:8084/mqtt', NOBODY],
])) {
  test(`connect to ${what} with a login of this computer`, async () => {
    const page = browser();
    new Logins(page).keep(['wss://broker.test:8084'], ADA, false);
    const { blocks, client } = await makeBlocks({ page });

    blocks.connect({ BROKER: broker });

    assert.deepEqual(loginOf(client()), login);
  });
}

/** Blocks for which every address stands for the same ones. @param {any} page @param {string[]} urls */
async function makeGuessing(page, urls) {
  const { clients, core } = fakeCore();
  const parseAddress = (/** @type {string} */ shown) =>
    /** @type {any} */ ({
      error: null,
      urls,
      host: 'broker.test',
      hosts: ['broker.test'],
      port: 8084,
      shown,
    });
  const { blocks } = await makeBlocks({ page, core: { ...core, parseAddress } });
  return { blocks, client: () => /** @type {import('./fake-core.js').FakeClient} */ (clients[0]) };
}

test('of guessed addresses, only those that the login was kept for are tried', async () => {
  const page = browser();
  new Logins(page).keep(['wss://broker.test:443'], ADA, false);
  new Logins(page).keep(['wss://broker.test:9443'], { ...ADA, password: 'other' }, false);
  const urls = [8084, 9443, 443].flatMap((port) =>
    ['/mqtt', '/'].map((path) => `wss://broker.test:${port}${path}`),
  );
  const { blocks, client } = await makeGuessing(page, urls);

  blocks.connect({ BROKER: 'broker.test' });

  const [[options]] = client().asked('connect');
  assert.deepEqual(options, {
    url: ['wss://broker.test:9443/mqtt', 'wss://broker.test:9443/'],
    ...ADA,
    password: 'other',
  });
});

for (const [what, way] of /** @type {[string, (parts: any) => void][]} */ ([
  ['of the log in block', ({ blocks }) => blocks.login({ USER: 'ada', PASSWORD: 'secret' })],
  ['of this computer', ({ page }) => new Logins(page).keep(['wss://broker.test:8084'], ADA, true)],
  ['that does not exist', () => {}],
])) {
  test(`what may be encrypted is never tried in clear, with a login ${what}`, async () => {
    const page = browser();
    const urls = ['ws://broker.test:8083/mqtt', BROKER, 'ws://broker.test:8084/mqtt'];
    const { blocks, client } = await makeGuessing(page, urls);
    way({ blocks, page });

    blocks.connect({ BROKER: 'broker.test' });

    const [[{ url }]] = client().asked('connect');
    assert.deepEqual(url, [BROKER]);
  });
}

test('a login of before, kept for a host, goes nowhere and is not lost', async () => {
  const page = browser();
  const older = JSON.stringify([['broker.test', ADA]]);
  page.localStorage.setItem('scratchmqtt.logins', older);
  const { blocks, client } = await makeBlocks({ page });

  for (const broker of [BROKER, 'ws://broker.test:8084', 'broker.test']) {
    blocks.connect({ BROKER: broker });
    assert.deepEqual(loginOf(client()), NOBODY);
  }

  assert.deepEqual(new Logins(page).findOlder('broker.test'), ADA);
  assert.equal(page.localStorage.getItem('scratchmqtt.logins'), older);
});

test('the login in the address and that of the block go before that of this computer', async () => {
  const page = browser();
  new Logins(page).keep(['wss://broker.test:8084'], ADA, true);
  const { blocks, client } = await makeBlocks({ page });

  blocks.connect({ BROKER: 'wss://bob:inaddress@broker.test:8084/mqtt' });
  assert.deepEqual(loginOf(client()), { username: 'bob', password: 'inaddress' });
  blocks.login({ USER: 'eve', PASSWORD: 'inblock' });
  blocks.connect({ BROKER });

  assert.deepEqual(loginOf(client()), { username: 'eve', password: 'inblock' });
});

test('the login of this computer goes before that of a public broker', async () => {
  const page = browser();
  new Logins(page).keep(['wss://mqtt.longan.link:8084'], ADA, true);
  const { blocks, client } = await makeBlocks({ page });

  blocks.connect({ BROKER: 'wss://mqtt.longan.link:8084/mqtt' });

  assert.deepEqual(loginOf(client()), ADA);
});

test('a login that was entered after a refusal is used by the next connect', async () => {
  const page = browser();
  const { bridge, blocks, client } = await makeBlocks({ page });
  blocks.connect({ BROKER });
  client().drop({ code: 'refused', reasonCode: 0x86 });

  bridge.environment.logins.keep(['wss://broker.test:8084'], ADA, false);
  blocks.connect({ BROKER });

  assert.deepEqual(loginOf(client()), ADA);
});

for (const [what, editor, isShown] of /** @type {[string, any, boolean][]} */ ([
  ['a page whose editor calls extensions from buttons', {}, true],
  ['the official editor, whose buttons do nothing', { runtime: undefined }, false],
  ['a sandbox', { runtime: null }, false],
  ['a page without dialogs', { page: {} }, false],
])) {
  test(`the button is ${isShown ? '' : 'not '}in the palette of ${what}`, async () => {
    const page = { HTMLDialogElement: class {}, document: {} };
    const runtime = { threads: [], targets: [], _step() {}, handleExtensionButtonPress() {} };
    const { blocks } = await makeBlocks({ page, runtime, isStarted: false, ...editor });

    const { blocks: palette } = blocks.getInfo();
    const buttons = palette.filter((/** @type {any} */ { func }) => func === 'showLogin');

    assert.equal(buttons.length, isShown ? 1 : 0);
    assert.ok(!isShown || /** @type {any} */ (buttons[0]).text === 'Broker login…');
  });
}
