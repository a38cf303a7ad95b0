// @ts-check
// What clients may take of the memory of `npm start`: each bound is met, reported, and hurts nobody else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { peakMemory } from './support/process.js';
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
  worksForOthers,
} from './support/raw.js';

const MB = 1024 * 1024;
/** Of the whole program, whatever its clients do; 290 MB is where the last bound ends those who publish. */
const MOST_MEMORY = 320 * MB;
/** With one reader that stalls: it has 1 MB, or 4 MB of what must not be lost. */
const MOST_WITH_ONE_READER = 100 * MB;
const KEPT_BYTES = 32 * MB;

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** Where it keeps things, as `npm start` does. @type {string} */
let store;

before(() => buildBroker());
beforeEach(async () => {
  const free = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  store = mkdtempSync(join(tmpdir(), 'scratch-mqtt-bounds-'));
  server = await startBroker({ host: '127.0.0.1', ...free, store });
});
afterEach(async () => {
  assert.ok(await worksForOthers(server));
  assert.ok(peak() < MOST_MEMORY, `${peak() / MB} MB`);
  server.stop();
  await server.ended;
  rmSync(store, { recursive: true, force: true });
});

for (const [how, qos] of /** @type {const} */ ([
  ['QoS 0', 0],
  ['QoS 1', 1],
])) {
  test(`a reader of ${how} that stalls takes no memory`, async () => {
    const reader = await joined(server.tcpPort, 'stalled');
    reader.send(subscribePacket(['flood/#'], qos));
    await reader.until((received) => received.length >= 9, 'SUBACK');
    reader.socket.pause();

    await flood(qos, 12_000, 10_000);

    assert.ok(peak() < MOST_WITH_ONE_READER, `${peak() / MB} MB`);
    reader.end();
  });
}

test('a reader of QoS 1 that never acknowledges takes no memory', async () => {
  const reader = await joined(server.tcpPort, 'deaf');
  reader.send(subscribePacket(['flood/#'], 1));
  reader.socket.on('data', () => (reader.received = Buffer.alloc(0)));

  await flood(1, 12_000, 10_000);

  assert.ok(peak() < MOST_WITH_ONE_READER, `${peak() / MB} MB`);
  reader.end();
});

test('what waits for sessions that nobody takes up is bounded', async () => {
  for (let index = 0; index < 40; index += 1) {
    const gone = await joined(server.tcpPort, `gone-${index}`, { clean: false });
    gone.send(subscribePacket(['flood/#'], 1));
    await gone.until((received) => received.length >= 9, 'SUBACK');
    gone.end();
  }

  await flood(1, 2_000, 50_000);

  assert.ok(peak() < 2 * MOST_WITH_ONE_READER, `${peak() / MB} MB`);
});

test('of 100,000 filters with wildcards one client gets 250, and publishing stays fast', async () => {
  const greedy = await joined(server.tcpPort, 'greedy');
  let answers = 0;
  let granted = 0;

  for (let first = 0; first < 100_000; first += 2000) {
    const filters = Array.from({ length: 2000 }, (_, index) => `+/${first + index}/#`);
    greedy.received = Buffer.alloc(0);
    greedy.send(subscribePacket(filters));
    await greedy.until((received) => received.length === 2000 + 5, 'SUBACK');
    const codes = [...greedy.received.subarray(5)];
    answers += codes.length;
    granted += codes.filter((code) => code === 0).length;
    assert.ok(codes.every((code) => code === 0 || code === 0x80));
  }

  assert.equal(answers, 100_000);
  assert.equal(granted, 250);
  greedy.end();
});

test('a filter too many is refused with 0x97 in 5.0', async () => {
  const client = await joined(server.tcpPort, 'five', { version: 5 });
  await connackOf(client);
  const filters = Array.from({ length: 260 }, (_, index) => [utf8(`a/${index}`), Buffer.from([0])]);
  client.received = Buffer.alloc(0);
  client.send(packet(0x82, Buffer.from([0, 7, 0]), ...filters.flat()));

  await client.until((received) => received.length >= 260 + 6, 'SUBACK');
  assert.equal(client.received.at(-11), 0);
  assert.equal(client.received.at(-10), 0x97);
  client.end();
});

test('kept messages are bounded in number and in bytes, and who retains one too many gets a reason', async () => {
  const client = await joined(server.tcpPort, 'keeper', { version: 5 });
  await connackOf(client);
  const large = await keepAll(client, 'large', 40, MB - 100);
  assert.ok(large.slice(0, KEPT_BYTES / MB).every((code) => code !== 0x97));
  assert.ok(large.slice(KEPT_BYTES / MB + 2).every((code) => code === 0x97));

  await keepAll(client, 'large', 40, 0);
  const small = await keepAll(client, 'small', 2010, 1);
  assert.ok(small.slice(0, 2000).every((code) => code !== 0x97));
  assert.deepEqual(new Set(small.slice(2000)), new Set([0x97]));
  client.end();
});

for (const [count, size] of /** @type {const} */ ([
  [2000, 1000],
  [200, 100_000],
])) {
  for (const qos of [0, 1]) {
    test(`who reads gets all of ${count} kept messages of ${size} bytes, with QoS ${qos}`, async () => {
      const keeper = await joined(server.tcpPort, 'keeper', { version: 5 });
      await connackOf(keeper);
      await keepAll(keeper, 'kept', count, size);
      const reader = await joined(server.tcpPort, 'reader');

      const messages = messagesOf(reader, qos);
      reader.send(subscribePacket(['kept/#'], qos));

      await reader.until(() => messages() === count, `${count} messages`);
      for (const one of [keeper, reader]) one.end();
    });
  }
}

for (const qos of [0, 1]) {
  test(`what is kept takes no memory for readers of QoS ${qos} that stall, and keeps out nobody`, async () => {
    const keeper = await joined(server.tcpPort, 'keeper', { version: 5 });
    await connackOf(keeper);
    await keepAll(keeper, 'kept', 200, 100_000);
    const start = peak();

    for (let index = 0; index < 30; index += 1) {
      const reader = await joined(server.tcpPort, `stalled-${index}`);
      reader.socket.pause();
      reader.send(subscribePacket(['kept/#'], qos));
    }
    await worksForOthers(server);

    assert.ok(peak() - start < 2 * MOST_WITH_ONE_READER, `${peak() / MB} MB`);
  });
}

test('many filters for the same that is kept take no memory', async () => {
  const keeper = await joined(server.tcpPort, 'keeper', { version: 5 });
  await connackOf(keeper);
  await keepAll(keeper, 'kept/1/2/3/4/5/6/7', 200, 100_000);
  const start = peak();
  const reader = await joined(server.tcpPort, 'greedy');
  const levels = ['1', '2', '3', '4', '5', '6', '7'];
  const filters = Array.from({ length: 128 }, (_, number) =>
    ['kept', ...levels.map((level, bit) => ((number >> bit) & 1 ? '+' : level)), '#'].join('/'),
  );
  const suback = Buffer.from([0x90, filters.length + 2, 1]);

  let isAnswered = false;
  reader.socket.on('data', () => {
    isAnswered ||= reader.received.includes(suback);
    reader.received = reader.received.subarray(-suback.length);
  });
  reader.send(subscribePacket(filters, 1));
  await reader.until(() => isAnswered, 'SUBACK');

  assert.ok(peak() - start < 2 * MOST_WITH_ONE_READER, `${peak() / MB} MB`);
  reader.end();
});

test('kept sessions are bounded, and who wants one too many gets a reason', async () => {
  for (let index = 0; index < 1000; index += 1) {
    const gone = await joined(server.tcpPort, `kept-${index}`, { clean: false });
    assert.equal(gone.received[3], 0, String(index));
    gone.end();
  }

  const three = await joined(server.tcpPort, 'one-more', { clean: false });
  const five = await joined(server.tcpPort, 'one-more-5', { version: 5, clean: false, expiry: 60 });
  const known = await joined(server.tcpPort, 'kept-0', { clean: false });
  const without = await joined(server.tcpPort, 'no-session');

  assert.equal(three.received[3], 3);
  assert.equal(five.received[3], 0x97);
  assert.equal(known.received[3], 0);
  assert.equal(without.received[3], 0);
  for (const one of [three, five, known, without]) one.end();
});

test('a message that is too large ends that connection with the reason', async () => {
  const large = Buffer.alloc(2 * MB);
  const five = await joined(server.tcpPort, 'large', { version: 5 });
  await connackOf(five);
  five.received = Buffer.alloc(0);
  five.send(packet(0x30, utf8('a'), Buffer.from([0]), large));
  await five.closed;
  assert.deepEqual([...five.received], [0xe0, 1, 0x95]);

  const three = await openWebSocket(server.webSocketPort);
  assert.ok(three instanceof Raw);
  three.send(frame(connectPacket('large-3')));
  await three.until((received) => received.length >= 6, 'CONNACK');
  three.received = Buffer.alloc(0);
  // In frames of their own, as no frame may be so large.
  const bytes = publishPacket('a', large);
  for (let at = 0; at < bytes.length; at += MB / 2)
    three.send(frame(bytes.subarray(at, at + MB / 2)));
  await three.closed;
  assert.deepEqual([...three.received], [0x88, 2, 1009 >> 8, 1009 & 255]);
});

test('topics and filters have a bounded depth', async () => {
  const client = await joined(server.tcpPort, 'deep');
  client.send(subscribePacket(['+/'.repeat(1000), 'a/+']));

  await client.until((received) => received.length >= 10, 'SUBACK');
  assert.deepEqual([...client.received.subarray(-2)], [0x80, 0]);
  client.end();
});

for (const version of /** @type {const} */ ([4, 5])) {
  for (const will of ['class/#', '+/door', '', 'a/'.repeat(1000)]) {
    test(`a last will in ${version === 5 ? '5.0' : '3.1.1'} to "${will.slice(0, 10)}" is refused`, async () => {
      const client = await joined(server.tcpPort, 'willing', { version, will });

      // The code of CONNACK.
      assert.ok(client.received.readUInt8(3) > 0, client.received.toString('hex'));
      client.end();
    });
  }
}

/**
 * Publishes messages to keep with QoS 1 in 5.0, and gives back the reason codes.
 *
 * @param {Raw} client
 * @param {string} topic
 * @param {number} count
 * @param {number} size
 */
async function keepAll(client, topic, count, size) {
  client.received = Buffer.alloc(0);
  for (let index = 1; index <= count; index += 1) {
    const head = Buffer.from([index >> 8, index & 255, 0]);
    client.send(packet(0x33, utf8(`${topic}/${index}`), head, Buffer.alloc(size, 1)));
  }
  await client.until(() => codesOf(client.received).length === count, 'every PUBACK');
  return codesOf(client.received);
}

/** Acknowledges and counts what comes. @param {Raw} reader @param {number} qos */
function messagesOf(reader, qos) {
  let count = 0;
  reader.received = Buffer.alloc(0);
  reader.socket.on('data', () => {
    for (;;) {
      const whole = wholePacket(reader.received);
      if (!whole) return;
      const bytes = reader.received.subarray(0, whole);
      reader.received = reader.received.subarray(whole);
      if (((bytes[0] ?? 0) & 0xf0) !== 0x30) continue;
      count += 1;
      if (qos === 0) continue;
      const start = bytes.indexOf('kept/') - 2;
      const id = start + 2 + bytes.readUInt16BE(start);
      reader.send(packet(0x40, bytes.subarray(id, id + 2)));
    }
  });
  return () => count;
}

/** The length of the first packet, if all of it is there. @param {Buffer} bytes */
function wholePacket(bytes) {
  let length = 0;
  for (let index = 1; index < Math.min(5, bytes.length); index += 1) {
    const byte = bytes[index] ?? 0;
    length |= (byte & 127) << (7 * (index - 1));
    if (byte < 128) return bytes.length > index + length ? index + 1 + length : undefined;
  }
  return undefined;
}

/** The reason codes of PUBACKs, which are left out where all is well. @param {Buffer} bytes */
function codesOf(bytes) {
  const codes = [];
  for (
    let at = 0;
    at + 2 + (bytes[at + 1] ?? 256) <= bytes.length;
    at += 2 + (bytes[at + 1] ?? 0)
  ) {
    codes.push((bytes[at + 1] ?? 0) > 2 ? bytes[at + 4] : 0);
  }
  return codes;
}

/**
 * Publishes as fast as the broker takes it, and waits until it has.
 *
 * @param {0 | 1} qos
 * @param {number} count
 * @param {number} size
 */
async function flood(qos, count, size) {
  const sender = await joined(server.tcpPort, 'flood');
  const payload = Buffer.alloc(size, 7);
  const topic = utf8('flood/all');
  sender.socket.on('data', () => (sender.received = sender.received.subarray(-16)));
  for (let index = 1; index <= count; index += 1) {
    const id = (index % 60_000) + 1;
    const head = qos === 0 ? [] : [Buffer.from([id >> 8, id & 255])];
    if (!sender.socket.write(packet(0x30 | (qos << 1), topic, ...head, payload))) {
      await Promise.race([once(sender.socket, 'drain'), sender.closed]);
    }
    if (sender.socket.destroyed) return;
  }
  sender.send(packet(0xc0));
  await sender.until((received) => received.includes(Buffer.from([0xd0, 0])), 'PINGRESP');
  sender.end();
}

/** The most memory that the program had, in bytes. */
function peak() {
  return process.platform === 'linux' ? peakMemory(server.pid) : 0;
}

/** @param {Raw} client whose CONNACK in 5.0 may come in pieces */
function connackOf(client) {
  return client.until((received) => received.length >= 2 + (received[1] ?? 0), 'the whole CONNACK');
}
