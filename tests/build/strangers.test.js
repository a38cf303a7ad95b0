// @ts-check
// Which pages may use the broker and the files of `npm start`, and under which name of this computer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { Raw, get, openWebSocket } from './support/raw.js';

const FREE = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
const PAGES = [
  '/',
  '/editor/',
  '/page.js',
  '/texts/en.json',
  '/local.json',
  '/extension/texts/languages.js',
];
const EXTENSION = [
  '/mqtt.js',
  '/mqtt.mjs',
  '/iot.js',
  '/plugin.js',
  '/practice.js',
  '/split/mqtt_bg.wasm',
];
const STRANGERS = [
  'https://evil.example',
  'http://localhost.evil.example',
  'null',
  'http://10.1.2.3',
];

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {string[]} */
const notices = [];

before(async () => {
  await buildBroker();
  server = await startBroker({ ...FREE, onnotice: (line) => notices.push(line) });
});
after(() => server.stop());

for (const origin of STRANGERS) {
  test(`a page of ${origin} gets no WebSocket, on no port`, async () => {
    assert.equal(await openWebSocket(server.webSocketPort, { Origin: origin }), 403);
    assert.equal(await openWebSocket(server.pagesPort, { Origin: origin }), 403);
  });

  test(`a page of ${origin} reads no page, but the extension`, async () => {
    for (const path of PAGES) {
      const { status, headers } = await get(server.pagesPort, path, { Origin: origin });
      assert.equal(status, 403, path);
      assert.equal(headers['access-control-allow-origin'], undefined, path);
    }
    for (const path of EXTENSION) {
      const { status, headers } = await get(server.pagesPort, path, { Origin: origin });
      assert.equal(status, 200, path);
      assert.equal(headers['access-control-allow-origin'], '*', path);
    }
  });
}

test('who was refused is said once, with what to do', () => {
  const reported = notices.filter((line) => line.includes('"https://evil.example" may not'));

  assert.equal(reported.length, 1);
  assert.match(reported[0] ?? '', /npm start -- --allow-origin https:\/\/evil\.example/);
});

test('no page can be read by another origin, or shown in a frame', async () => {
  for (const path of PAGES) {
    const { status, headers } = await get(server.pagesPort, path);
    assert.equal(status, 200, path);
    assert.equal(headers['access-control-allow-origin'], undefined, path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.equal(headers['x-frame-options'], 'DENY', path);
  }
  for (const path of ['/', '/editor/']) {
    const { headers } = await get(server.pagesPort, path);
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
  }
});

test('pages of this computer and the editors known by name may use the broker', async () => {
  const own = [`http://localhost:${server.pagesPort}`, `http://127.0.0.1:${server.pagesPort}`];
  for (const Origin of [...own, 'https://turbowarp.org', 'https://xcratch.github.io', 'file://']) {
    for (const port of [server.webSocketPort, server.pagesPort]) {
      const opened = await openWebSocket(port, { Origin });
      assert.ok(opened instanceof Raw, `${Origin}: ${opened}`);
      opened.end();
    }
  }
});

test('a program that is no page sends no origin and may use the broker', async () => {
  const opened = await openWebSocket(server.webSocketPort);

  assert.ok(opened instanceof Raw);
  opened.end();
});

test('under a name that is not its own, this computer gives nothing', async () => {
  for (const Host of ['evil.example', `rebound.example:${server.pagesPort}`, '10.1.2.3', 'a b']) {
    for (const path of ['/', '/local.json', '/mqtt.js', '/mqtt']) {
      assert.equal((await get(server.pagesPort, path, { Host })).status, 421, `${Host} ${path}`);
    }
    assert.equal(await openWebSocket(server.webSocketPort, { Host }), 421);
    const Origin = `http://${Host}`;
    assert.equal(await openWebSocket(server.pagesPort, { Host, Origin }), 421);
  }
});

test('what is asked for is allowed: an origin, pages without one, a name', async () => {
  const more = [
    '--allow-origin',
    'https://school.example',
    '--allow-null-origin',
    '--name',
    'desk',
  ];
  const open = await startBroker({ ...FREE, more });

  for (const Origin of ['https://school.example', 'null']) {
    const opened = await openWebSocket(open.webSocketPort, { Origin });
    assert.ok(opened instanceof Raw, Origin);
    opened.end();
  }
  assert.equal(await openWebSocket(open.webSocketPort, { Origin: 'https://evil.example' }), 403);
  assert.equal((await get(open.pagesPort, '/', { Host: 'desk:8000' })).status, 200);
  open.stop();
  await open.ended;
});
