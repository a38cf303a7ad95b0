// @ts-check
// Nothing that one connection or request does may stop the broker or the pages for the others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import {
  Raw,
  connectPacket,
  frame,
  get,
  joined,
  openWebSocket,
  packet,
  publishPacket,
  subscribePacket,
  utf8,
  worksForOthers,
} from './support/raw.js';

/** A flood of connections, more than may wait at the door. */
const FLOOD = 700;
/** As many connections as may be open in all, in turns. */
const MOST_OPEN = 2048;
const AT_ONCE = 64;
const MIB = 1024 * 1024;
/** For the server it is one, on systems with more than one address of their own. */
const ANOTHER_COMPUTER = '127.0.0.2';
/** DISCONNECT of 5.0. */
const QUOTA_EXCEEDED = Buffer.from([0xe0, 1, 0x97]);
/** Damaged requests and packets of each kind. */
const DAMAGED = 1500;

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {string[]} */
const notices = [];

before(async () => {
  await buildBroker();
  const free = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const onnotice = (/** @type {string} */ line) => notices.push(line);
  server = await startBroker({ host: '127.0.0.1', ...free, onnotice });
});
after(() => {
  server.stop();
  assert.deepEqual(notices, []);
});

test('connections that say nothing, on every port, keep nobody out', async () => {
  const { tcpPort, webSocketPort, pagesPort } = server;
  const silent = await Promise.all([tcpPort, webSocketPort, pagesPort].map((it) => Raw.open(it)));

  assert.ok(await worksForOthers(server));
  assert.equal((await get(pagesPort, '/')).status, 200);
  for (const one of silent) one.end();
});

test('a flood of them keeps nobody out either', async () => {
  const { tcpPort, webSocketPort, pagesPort } = server;
  /** @type {Raw[]} */
  const flood = [];
  for (const port of [tcpPort, webSocketPort, pagesPort]) {
    for (let index = 0; index < FLOOD; index += 1) flood.push(await Raw.open(port));
  }

  assert.ok(await worksForOthers(server));
  assert.equal((await get(pagesPort, '/')).status, 200);
  for (const one of flood) one.end();
});

test('a flood of those who were refused, and do not hang up, keeps nobody out', async () => {
  const { tcpPort: port } = server;
  const parts = [utf8('MQTT'), Buffer.from([4, 0xc2, 0, 60]), ...['x', 'x', 'no'].map(utf8)];
  const login = packet(0x10, ...parts);
  /** @type {import('node:net').Socket[]} */
  const flood = [];
  while (flood.length < MOST_OPEN) {
    const some = Array.from({ length: AT_ONCE }, () =>
      connect({ host: '127.0.0.1', port, allowHalfOpen: true }),
    );
    for (const socket of some) socket.on('error', () => {}).write(login);
    await Promise.all(some.map((socket) => once(socket, 'readable')));
    flood.push(...some);
  }

  assert.ok(await worksForOthers(server));
  for (const socket of flood) socket.destroy();
});

test('a flood of those who ask for a large file, and do not read it, keeps nobody out', async () => {
  const { pagesPort: port } = server;
  const held = bytesOfTcp();
  /** @type {import('node:net').Socket[]} */
  const flood = [];
  while (flood.length < MOST_OPEN) {
    const some = Array.from({ length: AT_ONCE }, () => connect({ host: '127.0.0.1', port }));
    for (const socket of some) {
      socket.on('error', () => {});
      socket.write('GET /editor/scratch-gui-standalone.js HTTP/1.1\r\nHost: localhost\r\n\r\n');
    }
    // The beginning is there; nobody reads on.
    await Promise.all(some.map((socket) => once(socket, 'readable')));
    flood.push(...some);
  }

  // Both ends are on this computer.
  assert.ok(bytesOfTcp() - held < MOST_OPEN * 0.5 * MIB, `${bytesOfTcp() - held} bytes`);
  assert.ok(await worksForOthers(server));
  assert.equal((await get(port, '/')).status, 200);
  for (const socket of flood) socket.destroy();
});

test('a flood of clients of one computer keeps no other out, and one of them learns why', async () => {
  const { tcpPort: port, pagesPort } = server;
  /** @type {Raw[]} */
  const flood = [];
  while (flood.length < MOST_OPEN) {
    const some = Array.from({ length: AT_ONCE }, (_, index) => {
      const from = { host: '127.0.0.1', port, localAddress: ANOTHER_COMPUTER };
      const client = new Raw(connect(from));
      client.send(connectPacket(`flood-${flood.length + index}`, { version: 5 }));
      return client;
    });
    await Promise.all(some.map((one) => one.until((it) => it[0] === 0x20, 'CONNACK')));
    flood.push(...some);
  }

  assert.equal((await get(pagesPort, '/')).status, 200);
  assert.ok(await worksForOthers(server));
  const refused = flood.filter(({ received }) => received.includes(QUOTA_EXCEEDED));
  assert.ok(refused.length > 0 && refused.length < 10, String(refused.length));
  for (const one of flood) one.end();
});

test('a handshake that never ends, over WebSocket and MQTT, keeps nobody out', async () => {
  const request = await Raw.open(server.webSocketPort);
  request.send('GET /mqtt HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  const opened = await openWebSocket(server.webSocketPort);
  const half = await Raw.open(server.tcpPort);
  half.send(connectPacket('half').subarray(0, 9));

  assert.ok(await worksForOthers(server));
  for (const one of [request, opened, half]) if (one instanceof Raw) one.end();
});

test('who says nothing is sent away', async () => {
  const { tcpPort, webSocketPort, pagesPort } = server;
  const silent = await Promise.all([tcpPort, webSocketPort, pagesPort].map((it) => Raw.open(it)));
  const slow = await Raw.open(pagesPort);
  slow.send('GET / HTTP/1.1\r\nHost: loc');
  const opened = await openWebSocket(webSocketPort);
  const half = await Raw.open(tcpPort);
  half.send(connectPacket('half').subarray(0, 9));

  assert.ok(opened instanceof Raw);
  await Promise.all([...silent, slow, opened, half].map((one) => one.closed));
});

for (const [what, path] of /** @type {const} */ ([
  ['300 letters', `/${'a'.repeat(300)}`],
  ['8000 letters', `/${'a'.repeat(8000)}`],
  ['3000 folders', '/a'.repeat(3000)],
  ['a file as a folder', '/mqtt.js/x'],
  ['broken percent-encoding', '/%e4%zz%'],
  ['broken UTF-8', '/%ff%fe'],
  ['a null', '/%00.js'],
])) {
  test(`an address with ${what} is not found, and nothing ends`, async () => {
    assert.equal((await get(server.pagesPort, path)).status, 404);
    assert.equal((await get(server.pagesPort, '/')).status, 200);
  });
}

test('a head of a request that does not end is refused', async () => {
  const client = await Raw.open(server.pagesPort);
  client.send(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(100_000)}`);

  await client.closed;
  assert.match(client.received.toString(), /^HTTP\/1.1 431/);
});

test('only GET and HEAD are known', async () => {
  const client = await Raw.open(server.pagesPort);
  client.send('DELETE /mqtt.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');

  await client.closed;
  assert.match(client.received.toString(), /^HTTP\/1.1 405[^]*allow: GET, HEAD/i);
});

test('downloads that are broken off give back what they held', async (t) => {
  if (process.platform !== 'linux') return t.skip('looks into /proc');
  const path = '/editor/scratch-gui-standalone.js';
  const atFirst = descriptors();

  for (let index = 0; index < 200; index += 1) {
    const client = await Raw.open(server.pagesPort);
    client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await client.until((received) => received.length > 0, 'the first bytes');
    client.end();
  }

  // In the order of the connections that are open anyway.
  const limit = Date.now() + 20_000;
  while (descriptors() > atFirst + 5) {
    assert.ok(Date.now() < limit, `${descriptors()} descriptors, ${atFirst} at first`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
});

test('damaged requests end nothing', async () => {
  const seeds = [
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /editor?lang=nl HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-9\r\nIf-None-Match: "a"\r\n\r\n',
    'HEAD /mqtt.js HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n',
    'POST /local.json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'GET /mqtt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  ].map((text) => Buffer.from(text));

  for (const bytes of damaged(seeds, 1)) await tryOnce(server.pagesPort, bytes);

  assert.equal((await get(server.pagesPort, '/')).status, 200);
  assert.ok(await worksForOthers(server));
});

test('damaged packets end nothing, over TCP and WebSocket', async () => {
  const five = Buffer.from([0, 9, 5, 0]);
  const seeds = [
    connectPacket('fuzz'),
    connectPacket('fuzz', { version: 5, expiry: 10 }),
    packet(0x10, Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 0xf6, 0, 9]), utf8('w'), utf8('t')),
    subscribePacket(['a/+/#', '$share/g/a']),
    packet(0xa2, Buffer.from([0, 3]), utf8('a/+/#')),
    publishPacket('a/b', 'x', true),
    packet(0x34, utf8('a/b'), five),
    ...[0x40, 0x50, 0x62, 0x70, 0xb0].map((first) => packet(first, five)),
    packet(0xc0),
    packet(0xe0),
  ];

  for (const bytes of damaged(seeds, 2)) {
    await tryOnce(server.tcpPort, bytes);
    await tryOnce(server.tcpPort, Buffer.concat([connectPacket('fuzz'), bytes]));
  }
  for (const bytes of damaged(seeds, 3).slice(0, DAMAGED / 5)) {
    const socket = await openWebSocket(server.webSocketPort);
    assert.ok(socket instanceof Raw);
    socket.send(frame(connectPacket('fuzz', { version: 5 })));
    socket.send(frame(bytes));
    socket.socket.end();
    socket.end();
  }

  assert.ok(await worksForOthers(server));
});

test('text over WebSocket, and a packet before CONNECT, end that connection', async () => {
  const text = await openWebSocket(server.webSocketPort);
  assert.ok(text instanceof Raw);
  text.send(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  const early = await Raw.open(server.tcpPort);
  early.send(publishPacket('a', 'b'));

  await Promise.all([text.closed, early.closed]);
  assert.ok(await worksForOthers(server));
});

test('a client of 3.1.1 whose name another takes gets no packet of 5.0', async () => {
  const first = await joined(server.tcpPort, 'twice');
  const second = await joined(server.tcpPort, 'twice');

  await first.closed;

  // CONNACK, and nothing else.
  assert.deepEqual([...first.received], [0x20, 2, 0, 0]);
  second.end();
});

test('what a client sent before it went arrives, whatever it left unread, and its last will does not', async () => {
  const count = 3000;
  const listener = await joined(server.tcpPort, 'stays');
  listener.send(subscribePacket(['left/#']));
  await listener.until((received) => received.length >= 9, 'SUBACK');
  const head = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 6, 0, 0]);
  for (let round = 0; round < 5; round += 1) {
    listener.received = Buffer.alloc(0);
    const goes = await Raw.open(server.tcpPort);
    goes.send(packet(0x10, head, utf8('goes'), utf8('left/will'), utf8('lost')));
    await goes.until((received) => received.length >= 4, 'CONNACK');
    goes.socket.pause();
    const one = publishPacket('left/x', 'here');
    const all = Array.from({ length: count }, () => one);
    goes.send(Buffer.concat([subscribePacket(['left/#']), ...all, packet(0xe0)]));
    goes.socket.destroySoon();

    await listener.until((received) => received.length >= count * one.length, 'every message');
    assert.ok(!listener.received.includes('left/will'));
  }
  listener.end();
});

test('a client that was there before all this is there still', async () => {
  const client = await joined(server.tcpPort, 'patient');
  client.send(packet(0xc0));

  await client.until((received) => received.includes(Buffer.from([0xd0, 0])), 'PINGRESP');
  client.end();
});

function descriptors() {
  return readdirSync(`/proc/${server.pid}/fd`).length;
}

/** @param {number} port @param {Uint8Array} bytes */
async function tryOnce(port, bytes) {
  const client = await Raw.open(port);
  client.send(bytes);
  client.socket.end();
  // Half of them have to be answered or ended before the next comes.
  if ((bytes[0] ?? 0) % 2 === 0) await Promise.race([client.closed, sleep(20)]);
  client.end();
}

/** @param {number} ms */
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Flipped, cut, doubled and lengthened, the same in each run.
 *
 * @param {Buffer[]} seeds
 * @param {number} seed
 */
function damaged(seeds, seed) {
  let state = seed;
  /** @param {number} below */
  const random = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  return Array.from({ length: DAMAGED }, () => {
    const one = Buffer.from(seeds[random(seeds.length)] ?? []);
    const at = random(one.length);
    switch (random(4)) {
      case 0:
        one[at] = random(256);
        return one;
      case 1:
        return one.subarray(0, at);
      case 2:
        return Buffer.concat([one.subarray(0, at), one]);
      default:
        return Buffer.concat([one.subarray(0, at), Buffer.alloc(random(300), random(256)), one]);
    }
  });
}

/** What the system holds of all connections, where it says so. */
function bytesOfTcp() {
  if (process.platform !== 'linux') return 0;
  const [, pages = '0'] =
    /^TCP: .*\bmem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8')) ?? [];
  return Number(pages) * 4096;
}
