// @ts-check
// The pages of `npm start`: which files, with which headers, for whom.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';

/** @type {Awaited<ReturnType<typeof startBroker>>} */
let server;

before(async () => {
  await buildBroker();
  const free = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  server = await startBroker({ host: '127.0.0.1', ...free });
});
after(() => server.stop());

test('the extension may be loaded by a page of any origin', async () => {
  const { status, headers } = await get('/mqtt.js');

  assert.equal(status, 200);
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
});

test('wasm has the type that browsers compile while it arrives', async () => {
  const { headers } = await get('/split/mqtt_bg.wasm');

  assert.equal(headers['content-type'], 'application/wasm');
});

test('the start page and the editor page are there', async () => {
  assert.match((await get('/')).body, /<html/);
  assert.match((await get('/editor/?lang=nl')).body, /scratch-gui-standalone/);
});

test('the editor keeps what is asked of it when it is sent below its address', async () => {
  const { status, headers } = await get('/editor?lang=nl');

  assert.equal(status, 301);
  assert.equal(headers.location, '/editor/?lang=nl');
});

test('pages learn the ports of the broker', async () => {
  const { body } = await get('/local.json');

  const { tcpPort, webSocketPort } = server;
  assert.deepEqual(JSON.parse(body), { tcpPort, webSocketPort });
});

test('a file that did not change is not sent again', async () => {
  const first = await get('/mqtt.js');

  const second = await get('/mqtt.js', { 'if-none-match': String(first.headers.etag) });

  assert.equal(second.status, 304);
  assert.equal(second.body, '');
});

for (const path of [
  '/../package.json',
  '/%2e%2e/package.json',
  '/..%2fpackage.json',
  '/..%5cpackage.json',
  '/editor/../../package.json',
  '/editor/..%2f..%2f..%2fpackage.json',
  '/split/%2e%2e/%2e%2e/package.json',
  '//etc/passwd',
  '/%00',
  '/%zz',
  '/split/',
  '//',
]) {
  test(`nothing is served at ${path}`, async () => {
    assert.equal((await get(path)).status, 404);
  });
}

/**
 * The path as it is: `fetch` would tidy it up first.
 *
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.pagesPort, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
}
