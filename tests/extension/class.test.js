// @ts-check
// The broker name `class`: where it leads, and what is said when nobody knows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ClassServer, scriptOf } from '../../extension/class/class-server.js';
import { pupilOf } from '../../extension/class/pupil.js';
import { Status } from '../../extension/status/status.js';
import { fakeCore } from './fake-core.js';
import { makeBlocks, turn } from './harness.js';

const CLASS_SERVER = 'ws://192.168.1.20:8000/mqtt';
/** Nobody of a class waits long for the next attempt. */
const PAUSES = { reconnectMaxDelayMs: 8000 };
const HOST = { parse: fakeCore().core.parseAddress, text: String, onAsk: () => {} };

/** A page that comes from a class server. */
const served = {
  scratchMqttDefaults: {
    broker: 'class',
    classServer: CLASS_SERVER,
    places: ['ws://192.168.1.20:8000', 'ws://192.168.1.20:8083'],
  },
};

/** A page on which somebody typed where the class server is. @param {string} [url] */
const taught = (url = CLASS_SERVER) => ({ localStorage: { getItem: () => url, setItem() {} } });

for (const typed of ['class', ' Class ']) {
  test(`"${typed}" leads to the server that the page names, and the status keeps the word`, async () => {
    const { blocks, client } = await makeBlocks({ page: served });

    blocks.connect({ BROKER: typed });
    client().accept();

    assert.deepEqual(client().asked('connect'), [[{ url: [CLASS_SERVER], ...PAUSES }]]);
    assert.equal(blocks.status(), 'Connected to class.');
  });
}

for (const typed of ['class:8083', 'ws://class/mqtt', 'class.local', 'classes']) {
  test(`"${typed}" is an address as before`, async () => {
    const { blocks, client } = await makeBlocks({ page: served });

    blocks.connect({ BROKER: typed });

    const [[{ url }]] = client().asked('connect');
    assert.match(url[0], /\/\/class/);
  });
}

test('what somebody typed on this computer is taken where the page names none', async () => {
  const { blocks, client } = await makeBlocks({ page: taught() });

  const answer = blocks.connect({ BROKER: 'class' });
  await turn();
  client().accept();
  await answer;

  assert.deepEqual(client().asked('connect'), [[{ url: [CLASS_SERVER], ...PAUSES }]]);
});

for (const [where, page] of /** @type {const} */ ([
  ['keeps nothing', {}],
  [
    'lets nothing be kept',
    {
      get localStorage() {
        throw new Error('denied');
      },
    },
  ],
])) {
  test(`where nobody knows it and the page ${where}, nothing is opened and the status says so`, async () => {
    const { blocks, client } = await makeBlocks({ page });

    await blocks.connect({ BROKER: 'class' });

    assert.equal(client().asked('connect').length, 0);
    assert.match(blocks.status(), /^Not connected\. No class server is known here\./);
    assert.match(blocks.lastError(), /^No class server/);
  });
}

const joined = {
  scratchMqttDefaults: { ...served.scratchMqttDefaults, name: ' Ada ', room: 'Red' },
};

test('the class server learns who sits here, and each project begins in the room of the group', async () => {
  const { blocks, client } = await makeBlocks({ page: joined });

  blocks.connect({ BROKER: 'class' });
  client().accept();
  blocks.publish({ TOPIC: 'chat', MESSAGE: 'hello' });

  const [[{ clientId }]] = client().asked('connect');
  assert.match(clientId, /^Ada · Red #[0-9a-f]{4}$/);
  assert.equal(client().asked('publish')[0][0], 'Red/chat');
});

test('no other broker learns who sits here', async () => {
  const { blocks, client } = await makeBlocks({ page: joined });

  blocks.connect({ BROKER: 'wss://broker.example:8084/mqtt' });

  const [[{ clientId }]] = client().asked('connect');
  assert.equal(clientId, undefined);
});

test('a name that the project says goes first', async () => {
  const { blocks, client } = await makeBlocks({ page: joined });

  blocks.clientName({ NAME: 'robot' });
  blocks.connect({ BROKER: 'class' });

  const [[{ clientId }]] = client().asked('connect');
  assert.equal(clientId, 'robot');
});

for (const [typed, wanted] of /** @type {const} */ ([
  [{}, { clientId: /^$/, room: '' }],
  [
    { name: null, room: null },
    { clientId: /^$/, room: '' },
  ],
  [
    { name: '\u0000\n', room: 'a/b' },
    { clientId: /^$/, room: '' },
  ],
  [{ name: '陈 明' }, { clientId: /^陈 明 #[0-9a-f]{4}$/, room: '' }],
  [
    { name: '😀'.repeat(50), room: '$SYS' },
    { clientId: /^(😀){40} #/u, room: '' },
  ],
])) {
  test(`who is typed as ${JSON.stringify(typed).slice(0, 40)}`, () => {
    const { clientId, room } = pupilOf(typed);
    assert.match(clientId, wanted.clientId);
    assert.equal(room, wanted.room);
  });
}

test('nobody is asked in a sandbox, whose page nobody sees', async () => {
  const page = {
    HTMLDialogElement: class {},
    document: {
      createElement() {
        throw new Error('asked');
      },
    },
  };
  const { blocks } = await makeBlocks({ page, runtime: null });

  await blocks.connect({ BROKER: 'class' });

  assert.match(blocks.status(), /No class server is known here/);
});

test('while it is looked for, another broker or none may be asked for', async () => {
  for (const wanted of ['wss://broker.test:8084/mqtt', null]) {
    const { blocks, client } = await makeBlocks({ page: taught() });

    const answer = blocks.connect({ BROKER: 'class' });
    if (wanted === null) blocks.disconnect();
    else blocks.connect({ BROKER: wanted });
    await turn();

    const urls = client()
      .asked('connect')
      .map((/** @type {any[]} */ [{ url }]) => url[0]);
    assert.deepEqual(urls, wanted === null ? [] : [wanted]);
    blocks.disconnect();
    await answer;
  }
});

test('asked for twice, it is looked for once', async () => {
  const { blocks, client } = await makeBlocks({ page: taught() });

  blocks.connect({ BROKER: 'class' });
  blocks.connect({ BROKER: 'class' });
  await turn();

  assert.equal(client().asked('connect').length, 1);
});

test('a class server that does not answer is said to be away, with its address', async () => {
  const { blocks, client } = await makeBlocks({ page: served });
  blocks.connect({ BROKER: 'class' });

  client().drop({ code: 'never-opened', afterMs: 3 }, 1000);

  assert.match(blocks.status(), /^The class server does not answer at 192\.168\.1\.20:8000\./);
});

test('a project that was saved with the address of this class server is not sent to another', async () => {
  const { blocks, client } = await makeBlocks({ page: served });
  blocks.connect({ BROKER: 'ws://192.168.1.20:8083/mqtt' });

  client().drop({ code: 'never-opened', afterMs: 3 }, 1000);

  assert.doesNotMatch(blocks.status(), /broker of this page/);
  blocks.connect({ BROKER: 'ws://192.168.1.99:8083/mqtt' });
  client().drop({ code: 'never-opened', afterMs: 3 }, 1000);
  assert.match(blocks.status(), /The broker of this page is class\./);
});

for (const [what, stack, script] of /** @type {const} */ ([
  [
    'Chromium',
    'Error\n    at http://a.test:8000/mqtt.js:6:12\n    at x',
    'http://a.test:8000/mqtt.js',
  ],
  [
    'Chromium, in a function',
    'Error\n    at x (https://a.test/v1/mqtt.js?2:1:9)',
    'https://a.test/v1/mqtt.js?2',
  ],
  [
    'Firefox',
    '@http://[::1]:8000/mqtt.mjs:6:12\nx@http://b.test/y.js:1:1\n',
    'http://[::1]:8000/mqtt.mjs',
  ],
  ['WebKit', 'module code@http://a.test/mqtt.mjs:6:12\n', 'http://a.test/mqtt.mjs'],
  ['a file', 'Error\n    at file:///home/mqtt.js:6:12', null],
  [
    'a packaged project',
    'Error\n    at data:text/javascript;base64,YQ==:1:2\n    at http://b.test/y.js:1:1',
    null,
  ],
  ['a Blob', 'Error\n    at blob:http://b.test/1-2:1:2\n    at http://b.test/y.js:1:1', null],
  ['eval', 'Error\n    at eval (eval at y (http://b.test/y.js:1:1), <anonymous>:1:7)', null],
  ['nothing', undefined, null],
])) {
  test(`where a script came from: ${what}`, () => {
    assert.equal(scriptOf(stack), script);
  });
}

test('the server of the script is taken only if it says that it is a class server', async () => {
  /** @type {Record<string, string>} */
  const files = {
    '/class/class.json': '{"mqtt":"/mqtt"}',
    '/below/class.json': '{"mqtt":"mqtt"}',
    '/other/class.json': '{"mqtt":"//localhost:8083/mqtt"}',
    '/page/class.json': '<!doctype html>',
    '/wrong/class.json': '{"mqtt":1}',
  };
  const server = createServer(({ url }, response) => {
    const body = files[url ?? ''];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const place = `127.0.0.1:${port}`;
  /** @param {string} folder */
  const found = (folder) =>
    new ClassServer(
      { fetch },
      { announced: null, script: `http://${place}/${folder}/mqtt.js` },
    ).find(HOST);

  assert.equal(await found('class'), `ws://${place}/mqtt`);
  assert.equal(await found('below'), `ws://${place}/below/mqtt`);
  assert.equal(await found('other'), 'ws://localhost:8083/mqtt');
  for (const folder of ['page', 'wrong', 'none']) assert.equal(await found(folder), null, folder);
  server.close();
});

/** As the status knows it. */
const CLASS = {
  host: 'localhost',
  port: 8000,
  shown: 'class',
  isSecure: false,
  hasLogin: false,
};

test('the class server asks for the class word, and is not offered to who uses it already', () => {
  const ownBroker = { name: 'class', places: ['ws://localhost:8000'] };
  const status = new Status({ locale: () => 'en', isOnline: () => true, ownBroker });
  const reason = { code: 'refused', reasonCode: 0x86, message: '' };
  const refused = /** @type {any} */ ({ type: 'disconnected', reason, retryInMs: null });
  assert.equal(status.isOwnWanted(), false);
  status.connecting(CLASS);
  status.handle(/** @type {any} */ ({ type: 'connected' }));
  status.report('topic.empty');
  assert.equal(status.isOwnWanted(), true);
  status.handle(refused);
  assert.match(status.toString(), /^The class server asks for the class word, and each lesson/);
  assert.equal(status.isOwnWanted(), true);
  status.closed();
  assert.equal(status.isOwnWanted(), false);

  status.connecting({ ...CLASS, host: '192.168.1.5', shown: 'ws://192.168.1.5:8000' });
  status.handle(refused);
  assert.equal(status.isOwnWanted(), false);
});
