// @ts-check
/**
 * What a class costs its broker: boards over TCP, pupils over WebSocket who hear all of them, our class server and
 * mosquitto one after the other in the same run. Linux only: the CPU time comes from `/proc`.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBroker, program, startBroker } from '../../scripts/broker.mjs';
import { packaged } from '../../scripts/package.mjs';
import { cpuTime, peakMemory } from '../../tests/build/support/process.js';
import {
  connectPacket,
  frame,
  joined,
  openWebSocket,
  packet,
  publishPacket,
  subscribePacket,
  utf8,
} from '../../tests/build/support/raw.js';
import { startFastMosquitto } from './mosquitto.js';

const MB = 1024 * 1024;
/** What a board sends, with the time in the first eight bytes. */
const PAYLOAD_BYTES = 32;
/** The board that is as fast as it can be has so many messages on their way. */
const WINDOW = 64;

/** @typedef {{ pid: number, tcp: number, ws: number, stop: () => unknown }} Broker */
/** @typedef {{ broker: string, work: string, deliveries: string, p50: string, p99: string, cpu: string, memory: string }} Row */

/**
 * @param {number} seconds For each work.
 * @param {(text: string) => void} detail
 * @returns {Promise<Row[]>}
 */
export async function measureClass(seconds, detail) {
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-bench-class-'));
  await buildBroker();
  /** @type {[string, () => Promise<Broker>][]} */
  const brokers = [
    ['npm start', () => ours(program)],
    ...(existsSync(packaged)
      ? [/** @type {[string, () => Promise<Broker>]} */ (['npm run package', () => ours(packaged)])]
      : []),
    ['mosquitto', () => mosquitto(folder)],
  ];
  /** @type {[string, (broker: Broker) => Promise<Figures>][]} */
  const works = [
    [
      '30 boards, 2/s each, 30 pupils',
      (broker) => steady(broker, { boards: 30, pupils: 30, seconds }),
    ],
    [
      '30 boards, 2/s each, 300 pupils',
      (broker) => steady(broker, { boards: 30, pupils: 300, seconds }),
    ],
    [
      '1 board as fast as it can, QoS 1, 30 pupils',
      (broker) => flood(broker, { pupils: 30, seconds }),
    ],
  ];
  /** @type {Row[]} */
  const rows = [];
  try {
    for (const [work, measure] of works) {
      for (const [name, start] of brokers) {
        detail(`${name}: ${work}`);
        const broker = await start();
        try {
          rows.push({ broker: name, work, ...shown(await measure(broker)) });
        } finally {
          await broker.stop();
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/** @param {string} file @returns {Promise<Broker>} */
async function ours(file) {
  const free = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0 };
  const { pid, tcpPort, webSocketPort, stop } = await startBroker({ ...free, file });
  return { pid, tcp: tcpPort, ws: webSocketPort, stop };
}

/** @param {string} folder @returns {Promise<Broker>} */
async function mosquitto(folder) {
  const started = await startFastMosquitto(folder);
  const { tcp, ws } = started.ports;
  return { pid: started.pid, tcp, ws, stop: () => started.stop() };
}

/** @typedef {{ delivered: number, seconds: number, latencies: Float64Array, cpu: number, memory: number }} Figures */

/** @param {Broker} broker @param {{ boards: number, pupils: number, seconds: number }} extent */
async function steady(broker, { boards, pupils, seconds }) {
  const room = await Room.open(broker, pupils);
  const senders = await Promise.all(
    Array.from({ length: boards }, (_, n) => joined(broker.tcp, `board-${n}`)),
  );
  const figures = await room.measure(seconds, () => {
    // Boards begin at any time, not all at once.
    const timers = senders.map((sender, n) =>
      setTimeout(
        () => {
          const send = () => sender.send(publishPacket(`class/board-${n}`, stamped()));
          send();
          timers[n] = setInterval(send, 500);
        },
        (500 * n) / boards,
      ),
    );
    return () => timers.forEach((timer) => clearInterval(timer));
  });
  for (const sender of senders) sender.end();
  return figures;
}

/** @param {Broker} broker @param {{ pupils: number, seconds: number }} extent */
async function flood(broker, { pupils, seconds }) {
  const room = await Room.open(broker, pupils);
  const sender = await joined(broker.tcp, 'board');
  const figures = await room.measure(seconds, () => {
    let goesOn = true;
    let next = 0;
    const send = () => {
      next = (next % WINDOW) + 1;
      const id = Buffer.from([0, next]);
      sender.send(packet(0x32, utf8('class/board'), id, stamped()));
    };
    sender.socket.removeAllListeners('data');
    let rest = 0;
    // Nothing but PUBACK comes, of four bytes each.
    sender.socket.on('data', (/** @type {Buffer} */ bytes) => {
      rest += bytes.length;
      for (; rest >= 4; rest -= 4) if (goesOn) send();
    });
    for (let n = 0; n < WINDOW; n += 1) send();
    return () => (goesOn = false);
  });
  sender.end();
  return figures;
}

/** Everybody who hears everything. */
class Room {
  /** @type {number[]} */
  #latencies = [];
  /** @type {{ end: () => void }[]} */
  #pupils = [];
  #broker;

  /** @param {Broker} broker */
  constructor(broker) {
    this.#broker = broker;
  }

  /** @param {Broker} broker @param {number} pupils */
  static async open(broker, pupils) {
    const room = new Room(broker);
    for (let n = 0; n < pupils; n += 1) await room.#enter(n);
    return room;
  }

  /** @param {number} n */
  async #enter(n) {
    const pupil = await openWebSocket(this.#broker.ws);
    if (typeof pupil === 'number') throw new Error(`pupil ${n} was refused: ${pupil}`);
    pupil.send(frame(connectPacket(`pupil-${n}`)));
    await pupil.until((received) => received.includes(Buffer.from([0x20, 2, 0, 0])), 'CONNACK');
    pupil.send(frame(subscribePacket(['class/#'])));
    await pupil.until((received) => received.includes(Buffer.from([0x90, 3, 0, 7])), 'SUBACK');
    pupil.socket.removeAllListeners('data');
    const messages = new Messages((at) => this.#latencies.push(now() - at));
    pupil.socket.on('data', (/** @type {Buffer} */ bytes) => messages.take(bytes));
    this.#pupils.push(pupil);
  }

  /** @param {number} seconds @param {() => () => void} begin @returns {Promise<Figures>} */
  async measure(seconds, begin) {
    const stop = begin();
    await sleep(1000);
    this.#latencies = [];
    const [from, cpu] = [now(), cpuTime(this.#broker.pid)];
    await sleep(seconds * 1000);
    const took = (now() - from) / 1000;
    const used = cpuTime(this.#broker.pid) - cpu;
    const latencies = Float64Array.from(this.#latencies).sort();
    stop();
    const memory = peakMemory(this.#broker.pid) / MB;
    for (const pupil of this.#pupils) pupil.end();
    return { delivered: latencies.length, seconds: took, latencies, cpu: used / took, memory };
  }
}

/** Cuts what a server sends over WebSocket into packets, and reports when each message was sent. */
class Messages {
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);
  /** @type {Buffer} */
  #packets = Buffer.alloc(0);
  #report;

  /** @param {(at: number) => void} report */
  constructor(report) {
    this.#report = report;
  }

  /** @param {Buffer} bytes */
  take(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const head = this.#head();
      if (head === undefined || this.#rest.length < head.at + head.length) return;
      const inside = this.#rest.subarray(head.at, head.at + head.length);
      this.#rest = this.#rest.subarray(head.at + head.length);
      this.#packets = this.#packets.length === 0 ? inside : Buffer.concat([this.#packets, inside]);
      this.#cut();
    }
  }

  #head() {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const short = (bytes[1] ?? 0) & 127;
    if (short < 126) return { at: 2, length: short };
    if (short === 126)
      return bytes.length < 4 ? undefined : { at: 4, length: bytes.readUInt16BE(2) };
    return bytes.length < 10 ? undefined : { at: 10, length: Number(bytes.readBigUInt64BE(2)) };
  }

  /** Packets of less than 128 bytes: there are no others here. */
  #cut() {
    while (this.#packets.length >= 2) {
      const length = 2 + (this.#packets[1] ?? 0);
      if (this.#packets.length < length) return;
      if ((this.#packets[0] ?? 0) >> 4 === 3) {
        this.#report(this.#packets.readDoubleBE(length - PAYLOAD_BYTES));
      }
      this.#packets = this.#packets.subarray(length);
    }
  }
}

function stamped() {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.writeDoubleBE(now());
  return payload;
}

const now = () => performance.now();
/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Figures} figures */
function shown({ delivered, seconds, latencies, cpu, memory }) {
  /** @param {number} share */
  const ms = (share) => (latencies[Math.floor(latencies.length * share)] ?? Number.NaN).toFixed(1);
  return {
    deliveries: Math.round(delivered / seconds).toLocaleString('en'),
    p50: ms(0.5),
    p99: ms(0.99),
    cpu: `${Math.round(cpu * 100)} %`,
    memory: `${Math.round(memory)}`,
  };
}

/** As Markdown. @param {Row[]} rows */
export function classTable(rows) {
  const head = [
    'work',
    'broker',
    'deliveries/s',
    'p50, ms',
    'p99, ms',
    'CPU of a core',
    'memory at the peak, MB',
  ];
  const lines = rows.map(({ work, broker, deliveries, p50, p99, cpu, memory }) => [
    work,
    broker,
    deliveries,
    p50,
    p99,
    cpu,
    memory,
  ]);
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
