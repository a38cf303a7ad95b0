// @ts-check
// Logins that a browser keeps for this computer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logins } from '../../extension/login/logins.js';
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

  new Logins(page).keep('tab.test', ADA, false);
  new Logins(page).keep('computer.test', ADA, true);

  assert.deepEqual(new Logins(page).find('tab.test'), ADA);
  assert.equal(new Logins(nextTab).find('tab.test'), null);
  assert.deepEqual(new Logins(nextTab).find('computer.test'), ADA);
});

test('a login that is kept for the tab takes the place of one for the computer', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep('broker.test', { username: 'old', password: 'old' }, true);

  logins.keep('broker.test', ADA, false);

  assert.deepEqual(logins.find('broker.test'), ADA);
  assert.equal(page.localStorage.items.size, 0);
});

test('what is forgotten leaves nothing behind, and the others stay', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep('broker.test', ADA, true);
  logins.keep('other.test', ADA, false);

  logins.forget('broker.test');

  assert.equal(logins.find('broker.test'), null);
  assert.deepEqual(logins.find('other.test'), ADA);
  assert.equal(page.localStorage.items.size, 0);
});

test('names of brokers that are words of JavaScript find nothing', () => {
  const logins = new Logins(browser());

  for (const host of ['__proto__', 'constructor', '']) assert.equal(logins.find(host), null);
});

for (const kept of ['', '{', '{}', '7', 'null', '[["broker.test"]]', '[1]']) {
  test(`a browser that holds ${kept || 'an empty text'} instead has no login`, () => {
    const page = browser();
    page.localStorage.setItem('scratchmqtt.logins', kept);

    assert.equal(new Logins(page).find('broker.test'), null);
    assert.equal(new Logins(page).keep('broker.test', ADA, true), true);
  });
}

test('a page that lets nothing be kept says so, and throws nothing', () => {
  const logins = new Logins(closed());

  assert.equal(logins.keep('broker.test', ADA, true), false);
  assert.equal(logins.keep('broker.test', ADA, false), false);
  logins.forget('broker.test');
  assert.equal(logins.find('broker.test'), null);
});

test('a browser that is full says so', () => {
  const page = browser();
  page.localStorage.setItem = () => {
    throw new Error('full');
  };

  assert.equal(new Logins(page).keep('broker.test', ADA, true), false);
});

for (const isForComputer of [true, false]) {
  const what = isForComputer ? 'of the computer' : 'of the tab';
  test(`a login that cannot be stored leaves the old one ${what} where it is`, () => {
    const page = browser();
    const logins = new Logins(page);
    logins.keep('broker.test', { username: 'old', password: 'old' }, isForComputer);
    for (const full of [page.localStorage, page.sessionStorage]) {
      full.setItem = () => {
        throw new Error('full');
      };
    }

    assert.equal(logins.keep('broker.test', ADA, true), false);
    assert.equal(logins.keep('broker.test', ADA, false), false);

    assert.deepEqual(new Logins(page).find('broker.test'), { username: 'old', password: 'old' });
  });
}

test('a browser that stores nothing, and does not say so, keeps the old login', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep('broker.test', { username: 'old', password: 'old' }, false);
  page.localStorage.setItem = () => {};

  assert.equal(logins.keep('broker.test', ADA, true), false);

  assert.deepEqual(logins.find('broker.test'), { username: 'old', password: 'old' });
});

test('a login for the computer takes the place of one for the tab', () => {
  const page = browser();
  const logins = new Logins(page);
  logins.keep('broker.test', { username: 'old', password: 'old' }, false);

  assert.equal(logins.keep('broker.test', ADA, true), true);

  assert.deepEqual(logins.find('broker.test'), ADA);
  assert.equal(page.sessionStorage.items.size, 0);
});

/** What the client was asked to log in with. @param {any} client */
const loginOf = (client) => {
  const { username, password } = client.asked('connect').at(-1)[0];
  return { username, password };
};

test('connect uses the login of this computer for its broker, and for no other', async () => {
  const page = browser();
  new Logins(page).keep('broker.test', ADA, false);
  const { blocks, client } = await makeBlocks({ page });

  blocks.connect({ BROKER });
  assert.deepEqual(loginOf(client()), ADA);
  blocks.connect({ BROKER: 'wss://other.test/mqtt' });

  assert.deepEqual(loginOf(client()), { username: undefined, password: undefined });
});

test('the login in the address and that of the block go before that of this computer', async () => {
  const page = browser();
  new Logins(page).keep('broker.test', ADA, true);
  const { blocks, client } = await makeBlocks({ page });

  blocks.connect({ BROKER: 'wss://bob:inaddress@broker.test:8084/mqtt' });
  assert.deepEqual(loginOf(client()), { username: 'bob', password: 'inaddress' });
  blocks.login({ USER: 'eve', PASSWORD: 'inblock' });
  blocks.connect({ BROKER });

  assert.deepEqual(loginOf(client()), { username: 'eve', password: 'inblock' });
});

test('the login of this computer goes before that of a public broker', async () => {
  const page = browser();
  new Logins(page).keep('mqtt.longan.link', ADA, true);
  const { blocks, client } = await makeBlocks({ page });

  blocks.connect({ BROKER: 'wss://mqtt.longan.link:8084/mqtt' });

  assert.deepEqual(loginOf(client()), ADA);
});

test('a login that was entered after a refusal is used by the next connect', async () => {
  const page = browser();
  const { bridge, blocks, client } = await makeBlocks({ page });
  blocks.connect({ BROKER });
  client().drop({ code: 'refused', reasonCode: 0x86 });

  bridge.environment.logins.keep('broker.test', ADA, false);
  blocks.connect({ BROKER });

  assert.deepEqual(loginOf(client()), ADA);
});

for (const [what, host, isShown] of /** @type {[string, any, boolean][]} */ ([
  ['a page whose host calls extensions from buttons', {}, true],
  ['the official editor, whose buttons do nothing', { runtime: undefined }, false],
  ['a sandbox', { runtime: null }, false],
  ['a page without dialogs', { page: {} }, false],
])) {
  test(`the button is ${isShown ? '' : 'not '}in the palette of ${what}`, async () => {
    const page = { HTMLDialogElement: class {}, document: {} };
    const runtime = { threads: [], targets: [], _step() {}, handleExtensionButtonPress() {} };
    const { blocks } = await makeBlocks({ page, runtime, isStarted: false, ...host });

    const { blocks: palette } = blocks.getInfo();
    const buttons = palette.filter((/** @type {any} */ { func }) => func === 'showLogin');

    assert.equal(buttons.length, isShown ? 1 : 0);
    assert.ok(!isShown || /** @type {any} */ (buttons[0]).text === 'Set login for this computer…');
  });
}
