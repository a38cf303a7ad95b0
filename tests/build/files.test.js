// @ts-check
// The pages of `npm start`: which files, with which headers, for whom.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { compressFolder } from '../../scripts/compress.mjs';
import { VERSION, ensureEditor } from '../../scripts/editor.mjs';
import { root } from '../../scripts/run.mjs';

/** @type {Awaited<ReturnType<typeof startBroker>>} */
let server;

before(async () => {
  await Promise.all([buildBroker(), ensureEditor(), compressFolder(join(root, 'dist'))]);
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
  assert.deepEqual(JSON.parse(body), { tcpPort, webSocketPort, host: null, needsWord: false });
});

test('pages learn which build they came with', async () => {
  const { status, body } = await get('/build.json');

  assert.equal(status, 200);
  assert.equal(body, readFileSync(join(root, 'dist', 'build.json'), 'utf8'));
});

test('the notices lie beside the script that names them', async () => {
  const { status, body, headers } = await get('/THIRD-PARTY-NOTICES.txt');

  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(body, /^Scratch MQTT is under MPL-2\.0\./);
});

test('a page of any origin may ask whether the extension came from a class server', async () => {
  const { status, headers, body } = await get('/class.json', { origin: 'https://a.example' });

  assert.equal(status, 200);
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
  assert.deepEqual(JSON.parse(body), { mqtt: '/mqtt' });
});

test('a file that did not change is not sent again', async () => {
  const first = await get('/mqtt.js');

  const second = await get('/mqtt.js', { 'if-none-match': String(first.headers.etag) });

  assert.equal(second.status, 304);
  assert.equal(second.body, '');
});

for (const path of ['/mqtt.js', '/split/mqtt_bg.wasm', '/editor/scratch-gui-standalone.js']) {
  test(`${path} is sent compressed to whoever takes that, and is the same`, async () => {
    const plain = await get(path);
    const small = await get(path, { 'accept-encoding': 'gzip, deflate' });

    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(small.headers['content-encoding'], 'gzip');
    assert.equal(small.headers['content-type'], plain.headers['content-type']);
    assert.match(String(small.headers.vary), /accept-encoding/i);
    assert.notEqual(small.headers.etag, plain.headers.etag);
    assert.ok(gunzipSync(small.bytes).equals(plain.bytes));
  });
}

test('a part of a file is sent to whoever asks for it', async () => {
  const whole = await get('/mqtt.js');
  const part = await get('/mqtt.js', { range: 'bytes=10-19' });

  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes 10-19/${whole.bytes.length}`);
  assert.ok(part.bytes.equals(whole.bytes.subarray(10, 20)));
});

test('the editor is asked for once, by its version', async () => {
  const page = await get('/editor/');
  const script = /src="(scratch-gui-standalone\.js\?(.*?))"/.exec(page.body);

  assert.equal(script?.[2], VERSION);
  const { headers } = await get(`/editor/${script?.[1]}`);
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(page.headers['cache-control'], 'no-cache');
  assert.equal((await get('/mqtt.js')).headers['cache-control'], 'no-cache');
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
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, bytes: Buffer, body: string }>}
 */
function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.pagesPort, path, headers }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const body = bytes.toString();
        resolve({ status: response.statusCode, headers: response.headers, bytes, body });
      });
    })
      .on('error', reject)
      .end();
  });
}
