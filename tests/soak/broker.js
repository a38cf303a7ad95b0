// @ts-check
/**
 * What a broker does with clients that are slow, greedy or rude: the figures of decision 0022.
 *
 * ```text
 * node tests/soak/broker.js --tcp 1883 --v5 1883 --ws 8083 -- PROGRAM ARGUMENTS…
 * ```
 *
 * The program is started anew for each question and must listen on these ports of 127.0.0.1; `--v5` is where it
 * speaks MQTT 5.0 over TCP. Linux only, for the memory and the CPU time come from `/proc`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { cpuTime, peakMemory } from '../build/support/process.js';
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
} from '../build/support/raw.js';
import { until } from '../e2e/support/wait.js';
import { SAMPLE } from './broker-answers.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tcp: { type: 'string' }, v5: { type: 'string' }, ws: { type: 'string' } },
});
const tcp = Number(values.tcp ?? 1883);
const v5 = Number(values.v5 ?? tcp);
const ws = Number(values.ws ?? 8083);
const [program = '', ...programArguments] = positionals;

const MB = 1024 * 1024;
const RECEIVERS = 10;
const DELIVERED = 10_000;

/** @typedef {(pid: number) => Promise<unknown>} Question */
/** @typedef {import('./broker-answers.js').Sent} Sent */
/** @type {[string, Question][]} */
const questions = [
  ['5.0 over TCP', () => greeted(v5, 5, Raw.open)],
  ['3.1.1 over WebSocket', () => greeted(ws, 4, openWebSocket)],
  ['5.0 over WebSocket', () => greeted(ws, 5, openWebSocket)],
  ['one silent connection', silent],
  ['rude HTTP: others are served', rude],
  ['reader of QoS 0 stalls', (pid) => stalled(pid, 0)],
  ['reader of QoS 1 stalls', (pid) => stalled(pid, 1)],
  ['100,000 filters with wildcards', greedy],
  ['kept messages', keeper],
  ['CPU for a delivery', cpu],
  ...SAMPLE.map(
    ([name, sent, expected]) =>
      /** @type {[string, Question]} */ ([`· ${name}`, () => answers(sent, expected)]),
  ),
];

let agreed = 0;
for (const [name, question] of questions) {
  const { pid, stop } = await startProgram();
  const answer = await question(pid).catch((error) => `no: ${error.message}`);
  if (name.startsWith('·') && answer === 'as specified') agreed += 1;
  console.log(`${name}: ${answer}`);
  await stop();
}
console.log(`as specified: ${agreed} of ${SAMPLE.length}`);

async function startProgram() {
  const child = spawn(program, programArguments, { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  await until('the ports', async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    const open = await Promise.all([tcp, v5, ws].map((port) => Raw.open(port).catch(() => null)));
    for (const one of open) one?.end();
    return open.every(Boolean);
  });
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The most memory that it had, in MB. @param {number} pid */
const peak = (pid) => Math.round(peakMemory(pid) / MB);

/** @param {number} port @param {4 | 5} version @param {(port: number) => Promise<Raw | number>} open */
async function greeted(port, version, open) {
  const client = await open(port);
  if (typeof client === 'number') return `no: status ${client}`;
  const connect = connectPacket('greeted', { version });
  client.send(open === openWebSocket ? frame(connect) : connect);
  const start = open === openWebSocket ? 2 : 0;
  await client.until((bytes) => bytes.length >= start + 4, 'CONNACK');
  return client.received[start + 3] === 0 ? 'yes' : `no: ${client.received.toString('hex')}`;
}

async function served() {
  const isServed = await worksForOthers({ tcpPort: tcp, webSocketPort: ws });
  return isServed ? 'others are served' : 'others are locked out';
}

async function silent() {
  const connections = await Promise.all([tcp, ws].map((port) => Raw.open(port)));
  const answer = await served();
  for (const one of connections) one.end();
  return answer;
}

/** What no browser sends: a long path, a broken request, bytes of another protocol. */
async function rude() {
  for (const bytes of [
    `GET /${'a'.repeat(300)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    `GET /${'a'.repeat(200_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    'GET\r\n\r\n\0\0\0',
    Buffer.alloc(100_000, 0xff),
    'POST /mqtt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\n',
  ]) {
    for (const port of [tcp, ws]) {
      const client = await Raw.open(port);
      client.send(bytes);
    }
  }
  return served();
}

/** @param {number} pid @param {0 | 1} qos */
async function stalled(pid, qos) {
  const reader = await joined(tcp, 'stalled');
  reader.send(subscribePacket(['flood/#'], qos));
  await reader.until((bytes) => bytes.length >= 9, 'SUBACK');
  reader.socket.pause();
  const before = peak(pid);
  await flood(30_000, 10_000, qos);
  return `${before} to ${peak(pid)} MB`;
}

/** As fast as the broker takes it, until it has taken all. @param {number} count @param {number} size @param {0 | 1} qos */
async function flood(count, size, qos) {
  const sender = await joined(tcp, 'flood');
  const payload = Buffer.alloc(size, 7);
  sender.socket.on('data', () => (sender.received = sender.received.subarray(-16)));
  for (let index = 1; index <= count && !sender.socket.destroyed; index += 1) {
    const id = (index % 60_000) + 1;
    const head = qos === 0 ? [] : [Buffer.from([id >> 8, id & 255])];
    if (!sender.socket.write(packet(0x30 | (qos << 1), utf8('flood/all'), ...head, payload)))
      await Promise.race([once(sender.socket, 'drain'), sender.closed]);
  }
  sender.send(packet(0xc0));
  await until('PINGRESP', () => sender.received.includes(Buffer.from([0xd0, 0])), {
    withinMs: 120_000,
  });
  sender.end();
}

/** @param {number} pid */
async function greedy(pid) {
  const client = await joined(tcp, 'greedy');
  let granted = 0;
  for (let first = 0; first < 100_000; first += 2_000) {
    const filters = Array.from({ length: 2_000 }, (_, index) => `+/${first + index}/#`);
    client.received = Buffer.alloc(0);
    client.send(subscribePacket(filters));
    await client.until((bytes) => bytes.length >= 2_005, 'SUBACK');
    granted += [...client.received.subarray(5)].filter((code) => code < 0x80).length;
  }
  const before = cpuTime(pid);
  const start = performance.now();
  await flood(500, 10, 1);
  const seconds = (performance.now() - start) / 1_000;
  const cpuSeconds = cpuTime(pid) - before;
  return `${granted} granted; 500 messages ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s; ${peak(pid)} MB`;
}

/** Messages to keep, each for a topic of its own. @param {number} pid */
async function keeper(pid) {
  const client = await joined(tcp, 'keeper');
  const large = Buffer.alloc(MB / 2, 'Y');
  client.socket.on('data', () => (client.received = client.received.subarray(-16)));
  for (let index = 0; index < 400; index += 1) {
    if (!client.socket.write(publishPacket(`kept/large/${index}`, large, true)))
      await Promise.race([once(client.socket, 'drain'), client.closed]);
  }
  for (let index = 0; index < 20_000; index += 1)
    client.send(publishPacket(`kept/small/${index}`, 'x', true));
  client.send(packet(0xc0));
  await until('PINGRESP', () => client.received.includes(Buffer.from([0xd0, 0])), {
    withinMs: 60_000,
  });
  const reader = await joined(tcp, 'reader');
  let bytes = 0;
  let tail = '';
  const topics = new Set();
  reader.socket.on('data', (chunk) => {
    bytes += chunk.length;
    const text = tail + chunk.toString('latin1');
    for (const [topic] of text.matchAll(/kept\/(large\/\d+(?=Y)|small\/\d+(?=x))/g))
      topics.add(topic);
    tail = text.slice(-30);
    reader.received = Buffer.alloc(0);
  });
  reader.send(subscribePacket(['kept/#']));
  let seen = -1;
  await until(
    'the kept messages',
    async () => {
      const quiet = seen === bytes;
      seen = bytes;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return quiet;
    },
    { withinMs: 120_000 },
  );
  return `${topics.size} of 20,400 and ${Math.round(bytes / MB)} of 200 MB came back; ${peak(pid)} MB`;
}

/** @param {number} pid */
async function cpu(pid) {
  const receivers = await Promise.all(
    Array.from({ length: RECEIVERS }, async (_, index) => {
      const receiver = await joined(tcp, `receiver-${index}`);
      receiver.send(subscribePacket(['cpu/#']));
      await receiver.until((bytes) => bytes.length >= 9, 'SUBACK');
      receiver.received = Buffer.alloc(0);
      return receiver;
    }),
  );
  const sender = await joined(tcp, 'sender');
  const message = publishPacket('cpu/desk', Buffer.alloc(100, 7));
  let came = 0;
  for (const { socket } of receivers) {
    socket.removeAllListeners('data');
    socket.on('data', (bytes) => (came += bytes.length));
  }
  const before = cpuTime(pid);
  for (let index = 0; index < DELIVERED; index += 1) {
    if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    sender.send(message);
  }
  await until('all deliveries', () => came === DELIVERED * RECEIVERS * message.length, {
    withinMs: 60_000,
    seen: () => came / message.length,
  });
  return `${(((cpuTime(pid) - before) * 1e6) / DELIVERED / RECEIVERS).toFixed(1)} µs`;
}

/** @param {Sent} sent @param {RegExp} expected */
async function answers({ version, packets }, expected) {
  const client = await Raw.open(version === 5 ? v5 : tcp);
  const [first, ...rest] = packets;
  if (first) client.send(first);
  if (rest.length) await client.until((bytes) => bytes.length >= 4, 'CONNACK');
  for (const one of rest) client.send(one);
  const got = () => client.received.toString('hex') + (client.socket.destroyed ? 'closed' : '');
  await until('the answer', () => expected.test(got()) || client.socket.destroyed, {
    withinMs: 2_000,
  }).catch(() => {});
  const answer = got();
  client.end();
  return expected.test(answer) ? 'as specified' : `other: ${answer}`;
}
