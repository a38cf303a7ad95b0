// @ts-check
/**
 * A gateway before mosquitto that ends the connection for what holds "bad/", in every way that there is: it is given
 * up by name, and everything else arrives.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { PASSWORD, USER, startMosquitto } from './support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { NodeClient } from './support/node-client.js';
import { LOOPBACK } from './support/ports.js';
import { until } from './support/wait.js';

/** @typedef {(socket: WebSocket) => void} End */

/** How long it may take to find three of them. */
const PATIENCE_MS = 120_000;

/** @param {number} code @returns {End} */
const closing = (code) => (socket) => socket.close(code);
/** @param {number} reason @returns {End} */
const saying = (reason) => (socket) => {
  socket.send(Uint8Array.of(0xe0, 1, reason));
  socket.close();
};

/** @type {Record<string, End>} */
const ends = {
  'the end of TCP': (socket) => socket.terminate(),
  'no code': (socket) => socket.close(),
  ...Object.fromEntries(
    [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011].map((code) => [`code ${code}`, closing(code)]),
  ),
};
const saidIn5 = Object.fromEntries(
  [0x80, 0x81, 0x82, 0x87, 0x89, 0x93, 0x95, 0x97, 0x98, 0xa2].map((reason) => [
    `DISCONNECT 0x${reason.toString(16)}`,
    saying(reason),
  ]),
);

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;
before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-culprits-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(join(folder, 'certificates'), ['localhost']);
  broker = await startMosquitto({ folder: join(folder, 'mosquitto'), certificates });
  cleanup.add(broker, (running) => running.stop());
});
after(() => cleanup.run());

for (const version of /** @type {const} */ (['3.1.1', '5.0'])) {
  test(`mosquitto never says so, but a name that two clients use in ${version} is reported`, async () => {
    const options = { url: broker.ws, ...broker.login, clientId: uniqueClientId(), version };
    const both = [new NodeClient(options), new NodeClient(options)];

    /** @param {any} event */
    const isReported = ({ reason }) => reason?.code === 'name-in-use';
    await until(
      'one of them to hear of it',
      () => both.some(({ events }) => events.some(isReported)),
      {
        withinMs: PATIENCE_MS,
      },
    );

    for (const client of both) client.die();
  });
}

for (const [version, ways] of /** @type {const} */ ([
  ['3.1.1', ends],
  ['5.0', { ...ends, ...saidIn5 }],
])) {
  test(`whatever ends the connection in ${version}, the culprits are named`, async () => {
    const names = Object.keys(ways);
    const found = await Promise.all(Object.values(ways).map((end) => culpritsOf(version, end)));

    for (const [index, named] of found.entries())
      assert.deepEqual(named, ['bad/filter', 'bad/once', 'bad/qos1'], names[index]);
  });
}

/**
 * @param {'3.1.1' | '5.0'} version
 * @param {End} end
 * @returns {Promise<string[]>} what was given up, once everything else has arrived
 */
async function culpritsOf(version, end) {
  const gateway = await startGateway(end);
  const topic = uniqueTopic('culprit');
  const login = { username: USER, password: PASSWORD, version };
  const watcher = await NodeClient.connect({ url: broker.ws, ...login });
  await watcher.subscribe(topic, 2);
  const client = new NodeClient({ url: gateway.url, clientId: uniqueClientId('c'), ...login });
  const good = Array.from({ length: 20 }, (_, number) => `good ${number}`);
  for (const [index, payload] of good.entries()) {
    if (index === 5) client.send({ topic: 'bad/qos1', payload, qos: 1 });
    if (index === 6) client.send({ topic: 'bad/once', payload, qos: 2 });
    client.send({ topic, payload, qos: index % 2 ? 1 : 2 });
  }
  client.request('bad/filter');
  client.request(topic);

  await client.untilEvent('subscribed', (event) => event.filter === topic, PATIENCE_MS);
  const filter = await client.untilEvent('subscribeFailed', () => true, PATIENCE_MS);
  const failed = () => client.events.filter(({ type }) => type === 'publishFailed');
  await client.untilEvent('publishFailed', () => failed().length === 2, PATIENCE_MS);
  await watcher.untilTexts(good);
  client.end();
  watcher.end();
  gateway.stop();
  return [filter.filter, ...failed().map(({ topic: bad }) => bad)].toSorted();
}

/**
 * Passes everything on to the broker, but what holds "bad/".
 *
 * @param {End} end
 */
async function startGateway(end) {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0 });
  server.on('connection', (socket) => {
    const inner = new WebSocket(broker.ws, 'mqtt');
    const opened = new Promise((resolve) => inner.once('open', resolve));
    socket.on('message', async (/** @type {Buffer} */ bytes) => {
      if (bytes.includes('bad/')) {
        end(socket);
        return inner.terminate();
      }
      await opened;
      return inner.send(bytes);
    });
    inner.on('message', (bytes) => socket.send(bytes));
    inner.on('error', () => socket.terminate());
    inner.on('close', () => socket.close());
    socket.on('error', () => {});
    socket.on('close', () => inner.terminate());
  });
  await new Promise((resolve) => server.once('listening', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const stop = () => {
    for (const client of server.clients) client.terminate();
    server.close();
  };
  return { url: `ws://${LOOPBACK}:${port}/mqtt`, stop };
}
