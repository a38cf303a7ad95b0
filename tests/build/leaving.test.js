// @ts-check
// How connections end: which reason each side gets, and whether the last will is published.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { buildBroker, program, startBroker } from '../../scripts/broker.mjs';
import {
  Raw,
  connectPacket,
  frame,
  joined,
  openWebSocket,
  packet,
  publishPacket,
  subscribePacket,
  utf8,
} from './support/raw.js';

const FREE = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
const DISCONNECT = packet(0xe0);
/** [MQTT5-3.14.2.1] */
const WITH_WILL = Buffer.from([0xe0, 1, 4]);
/** Each of them lost the race in 60 of 200 rounds before. */
const ROUNDS = 200;

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** Subscribed to all last wills. @type {Raw} */
let watcher;

before(async () => {
  await buildBroker();
  server = await startBroker(FREE);
  watcher = await joined(server.tcpPort, 'watcher');
  watcher.send(subscribePacket(['will/#']));
  await watcher.until((received) => received.length >= 9, 'SUBACK');
});
after(() => {
  watcher.end();
  server.stop();
});

for (const version of /** @type {const} */ ([4, 5])) {
  const board = { version, will: `will/${version}` };

  test(`in version ${version}, a board that disconnects and is back at once leaves no will`, async () => {
    watcher.received = Buffer.alloc(0);
    await comeBack(board, ROUNDS, (now) => now.send(DISCONNECT));

    await marked();
    assert.equal(wills(), 0);
  });

  test(`in version ${version}, one that was cut off and is back at once leaves one each time`, async () => {
    watcher.received = Buffer.alloc(0);
    await comeBack(board, 50, () => {});

    await watcher.until(() => wills() === 50, 'the wills');
    await marked();
    assert.equal(wills(), 50);
  });

  test(`in version ${version}, the will comes before what the one that takes over sends`, async () => {
    watcher.received = Buffer.alloc(0);
    const open = [];
    for (let round = 0; round < 20; round += 1) {
      const next = await Raw.open(server.tcpPort);
      const here = [utf8(board.will), Buffer.from(version === 5 ? [0] : []), Buffer.from('here')];
      next.send(Buffer.concat([connectPacket('board', board), packet(0x30, ...here)]));
      await watcher.until((received) => count(received, 'here') > round, 'the message');
      open.push(next);
    }

    const order = watcher.received.toString('latin1').match(/here|gone/g);
    assert.deepEqual(
      order,
      Array.from({ length: 39 }, (_, at) => (at % 2 ? 'gone' : 'here')),
    );
    open.at(-1)?.send(DISCONNECT);
    for (const one of open) one.end();
  });
}

test('a DISCONNECT with the will leaves it each time, also when the board is back at once', async () => {
  watcher.received = Buffer.alloc(0);
  await comeBack({ version: 5, will: 'will/5' }, 50, (now) => now.send(WITH_WILL));

  await watcher.until(() => wills() === 50, 'the wills');
  await marked();
  assert.equal(wills(), 50);
});

test('who says goodbye while the class is paused leaves no will, and is let in again', async () => {
  watcher.received = Buffer.alloc(0);
  await post('pause');
  const board = await joined(server.tcpPort, 'paused', { will: 'will/paused' });
  board.send(Buffer.concat([publishPacket('will/held', 'x'), DISCONNECT]));
  board.socket.destroySoon();

  const again = await joined(server.tcpPort, 'paused', { will: 'will/paused' });
  await post('resume');
  await marked();
  assert.equal(wills(), 0);
  again.send(DISCONNECT);
  again.end();
});

test('a refused client takes nothing from the one that has its name', async () => {
  watcher.received = Buffer.alloc(0);
  const board = await joined(server.tcpPort, 'named', { version: 5, will: 'will/named' });
  const login = Buffer.concat([utf8('named'), utf8('teacher'), utf8('wrong')]);
  const stranger = await Raw.open(server.tcpPort);
  stranger.send(packet(0x10, Buffer.concat([utf8('MQTT'), Buffer.from([4, 0xc2, 0, 60]), login])));
  await stranger.closed;

  const leave = (/** @type {Raw} */ now) => now.send(DISCONNECT);
  const again = await comeBackFrom(board, leave, 'named', { version: 5, will: 'will/named' });
  await marked();
  assert.equal(wills(), 0);
  leave(again);
  again.end();
});

for (const [what, bytes, reason] of /** @type {const} */ ([
  ['a packet that cannot be', [0x30, 0xff, 0xff, 0xff, 0xff, 0xff], 0x81],
  ['a second CONNECT', connectPacket('named', { version: 5 }), 0x82],
  ['a topic with a wildcard', [0x30, 4, 0, 1, 0x23, 0], 0x80],
])) {
  test(`in 5.0 who sends ${what} gets 0x${reason.toString(16)}`, async () => {
    const client = await five('named');
    client.send(Buffer.from(bytes));

    await client.closed;
    assert.equal(reasonOf(client), reason);
  });
}

test('in 5.0 who is silent for too long gets the reason', async () => {
  const client = await Raw.open(server.tcpPort);
  const keepAlive = Buffer.from([5, 2, 0, 1, 0]);
  client.send(packet(0x10, utf8('MQTT'), keepAlive, utf8('silent')));
  await client.closed;

  assert.equal(reasonOf(client), 0x8d);
});

test('in 5.0 the one whose name another takes gets the reason', async () => {
  const first = await five('taken');
  const second = await five('taken');

  await first.closed;
  assert.equal(reasonOf(first), 0x8e);
  second.end();
});

test('in 5.0 who has read too little gets whole packets, and then the reason', async () => {
  watcher.received = Buffer.alloc(0);
  const slow = await five('slow', server.tcpPort, 'will/slow');
  slow.send(packet(0x82, Buffer.from([0, 7, 0]), utf8('much'), Buffer.from([1])));
  await slow.until((received) => received.includes(Buffer.from([0x90, 4, 0, 7])), 'SUBACK');
  slow.socket.pause();
  const sender = await five('sender');
  const one = [utf8('much'), Buffer.from([0, 1, 0]), Buffer.alloc(200_000)];
  for (let sent = 0; sent < 64; sent += 1) sender.send(packet(0x32, ...one));
  await watcher.until(() => wills() === 1, 'the will');
  slow.socket.resume();

  await slow.closed;
  assert.equal(packetsOf(slow).at(-1)?.toString('hex'), 'e00197');
  sender.end();
});

test('over WebSocket a message that is too large ends in 5.0 with the reason too', async () => {
  const client = await openWebSocket(server.webSocketPort);
  assert.ok(client instanceof Raw);
  client.send(frame(connectPacket('large', { version: 5 })));
  await client.until((received) => received.length > 6, 'CONNACK');
  client.received = Buffer.alloc(0);
  client.send(frame(packet(0x30, utf8('a'), Buffer.from([0]), Buffer.alloc(2_000_000))));

  await client.closed;
  assert.equal(client.received.toString('hex'), '8203e00195' + '880203f1');
});

for (const [how, end] of /** @type {const} */ ([
  ['ended by a signal', (/** @type {number} */ pid) => process.kill(pid, 'SIGTERM')],
  ['interrupted', (/** @type {number} */ pid) => process.kill(pid, 'SIGINT')],
])) {
  test(`a program that is ${how} lets nobody in any more, and says so to clients of 5.0`, async () => {
    const ending = await startBroker(FREE);
    const three = await joined(ending.tcpPort, 'three');
    const client = await five('five', ending.tcpPort);
    const page = await openWebSocket(ending.pagesPort);
    assert.ok(page instanceof Raw);
    page.send(frame(connectPacket('page', { version: 5 })));
    await page.until((received) => received.length > 6, 'CONNACK');
    page.received = Buffer.alloc(0);
    const silent = await Raw.open(ending.tcpPort);

    end(ending.pid);

    // As browsers do when the server says that it closes.
    await page.until((received) => received.length === 9, 'the end');
    page.end();
    await Promise.all([three, client, silent].map((one) => one.closed));
    assert.deepEqual([...three.received], [0x20, 2, 0, 0]);
    assert.equal(reasonOf(client), 0x8b);
    assert.equal(page.received.toString('hex'), '8203e0018b' + '880203e9');
    assert.equal(silent.received.length, 0);
    await ending.ended;
    const late = connect(ending.tcpPort, '127.0.0.1');
    const [problem] = await once(late, 'error');
    assert.equal(problem.code, 'ECONNREFUSED');
  });
}

test('who asks it to end as soon as it says that it is ready ends it in order', async () => {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    for (let round = 0; round < 10; round += 1) {
      const args = ['127.0.0.1:0', '127.0.0.1:0', '--pages', '127.0.0.1:0'];
      const one = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      after(() => one.kill());
      const [line] = await once(createInterface(one.stdout), 'line');
      assert.match(line, /^ready /);

      one.kill(signal);

      const [code] = await once(one, 'exit');
      assert.equal(code, 0, signal);
    }
  }
});

/**
 * Comes back so many times; the next connection is open before the last one ends.
 *
 * @param {Parameters<typeof connectPacket>[1]} options
 * @param {number} rounds
 * @param {(now: Raw) => void} leave
 */
async function comeBack(options, rounds, leave) {
  let now = await joined(server.tcpPort, 'board', options);
  for (let round = 0; round < rounds; round += 1) {
    now = await comeBackFrom(now, leave, 'board', options);
  }
  now.send(DISCONNECT);
  now.socket.destroySoon();
  await now.closed;
}

/**
 * @param {Raw} now
 * @param {(now: Raw) => void} leave
 * @param {Parameters<typeof connectPacket>} connectAs
 */
async function comeBackFrom(now, leave, ...connectAs) {
  const next = await Raw.open(server.tcpPort);
  leave(now);
  next.send(connectPacket(...connectAs));
  now.socket.destroySoon();
  await next.until((received) => received.length >= 4, 'CONNACK');
  return next;
}

/** Until the watcher has all that was published before. */
async function marked() {
  const mark = `mark ${Math.random()}`;
  const sender = await joined(server.tcpPort, 'marker');
  sender.send(publishPacket('will/mark', mark));
  await watcher.until((received) => received.includes(mark), 'the mark');
  sender.end();
}

function wills() {
  return count(watcher.received, 'gone');
}

/** @param {Buffer} bytes @param {string} text */
function count(bytes, text) {
  return bytes.toString('latin1').split(text).length - 1;
}

/** @param {string} what */
async function post(what) {
  const url = `http://127.0.0.1:${server.pagesPort}/class/${what}`;
  assert.equal((await fetch(url, { method: 'POST' })).status, 200);
}

/** A client of 5.0 that has its CONNACK. @param {string} clientId @param {number} [port] @param {string} [will] */
async function five(clientId, port = server.tcpPort, will) {
  const client = await joined(port, clientId, { version: 5, will });
  await client.until(() => packetsOf(client).length === 1, 'the whole CONNACK');
  return client;
}

/** The reason code of the DISCONNECT that came last. @param {Raw} client */
function reasonOf(client) {
  const last = packetsOf(client).at(-1);
  assert.equal(last?.[0], 0xe0, client.received.toString('hex'));
  return last[2] ?? 0;
}

/** @param {Raw} client @returns {Buffer[]} whole packets */
function packetsOf({ received }) {
  const packets = [];
  for (let at = 0; at < received.length;) {
    let length = 0;
    let size = 1;
    for (let digit = 0x80; digit & 0x80; size += 1) {
      digit = received[at + size] ?? 0;
      length += (digit & 0x7f) << (7 * (size - 1));
    }
    if (at + size + length > received.length) break;
    packets.push(received.subarray(at, at + size + length));
    at += size + length;
  }
  return packets;
}
