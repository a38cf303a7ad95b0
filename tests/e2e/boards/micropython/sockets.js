// @ts-check
/** The sockets of a board, each with what came and was not read yet, and its button. */
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

/** The codes of MicroPython's `errno`, negative. */
const ECONNRESET = -104;
const ETIMEDOUT = -110;
const ECONNREFUSED = -111;
/** How much a board sends ahead, in bytes. */
const SEND_BUFFER = 5_744;
/** How much waits to be read before the other side has to wait, in bytes; the programs read less at once. */
const RECEIVE_BUFFER = 65_536;
const PRESS_MS = 60;

/** @type {{ signals: Int32Array, port: import('node:worker_threads').MessagePort }} */
const { signals, port } = workerData;

class Connection {
  /** What came and was not read. */
  came = Buffer.alloc(0);
  isOpen = false;
  isOver = false;
  /** Called when something has changed. */
  changed = () => {};

  /** @param {string} host @param {number} to */
  constructor(host, to) {
    this.socket = connect({ host, port: to, noDelay: true });
    this.socket.on('connect', () => this.#change({ isOpen: true }));
    this.socket.on('data', (bytes) => {
      this.#change({ came: Buffer.concat([this.came, bytes]) });
      if (this.came.length > RECEIVE_BUFFER) this.socket.pause();
    });
    this.socket.on('drain', () => this.#change({}));
    for (const end of ['error', 'end', 'close'])
      this.socket.on(end, () => this.#change({ isOver: true }));
  }

  /** @param {Partial<Connection>} change */
  #change(change) {
    Object.assign(this, change);
    this.changed();
  }

  /** @param {() => boolean} condition @param {number | null} ms null: without a limit */
  async until(condition, ms) {
    const limit = ms === null ? new Promise(() => {}) : sleep(ms, 'late');
    while (!condition()) {
      const change = new Promise((resolve) => (this.changed = () => resolve('changed')));
      if (ms === 0 || (await Promise.race([change, limit])) === 'late') return false;
    }
    return true;
  }
}

/** @type {Connection[]} */
const connections = [];

/** What the program may ask for. @type {Record<string, (...given: any[]) => unknown>} */
const answers = {
  /** @param {string} host @param {number} to @param {number | null} ms */
  async connect(host, to, ms) {
    const connection = new Connection(host, to);
    const inTime = await connection.until(() => connection.isOpen || connection.isOver, ms);
    if (connection.isOpen) return connections.push(connection) - 1;
    connection.socket.destroy();
    return inTime ? ECONNREFUSED : ETIMEDOUT;
  },

  /** All bytes that are asked for, or up to the end; null when there is none yet and it may not wait. */
  async read(
    /** @type {number} */ id,
    /** @type {number} */ size,
    /** @type {number | null} */ ms,
  ) {
    const connection = at(id);
    const inTime = await connection.until(
      () => connection.came.length >= size || connection.isOver,
      ms,
    );
    if (!inTime && ms !== 0) return ETIMEDOUT;
    const bytes = connection.came.subarray(0, size);
    if (!inTime && bytes.length === 0) return null;
    connection.came = connection.came.subarray(bytes.length);
    connection.socket.resume();
    return bytes.toString('hex');
  },

  /** Ends when there is room for the next. */
  async write(
    /** @type {number} */ id,
    /** @type {string} */ hex,
    /** @type {number | null} */ ms,
  ) {
    const connection = at(id);
    const { socket } = connection;
    if (connection.isOver) return ECONNRESET;
    socket.write(Buffer.from(hex, 'hex'));
    const isSent = () => socket.writableLength <= SEND_BUFFER;
    const inTime = await connection.until(() => isSent() || connection.isOver, ms);
    if (!isSent()) return inTime ? ECONNRESET : ETIMEDOUT;
    return hex.length / 2;
  },

  close(/** @type {number} */ id) {
    at(id).socket.destroy();
  },
};

/** @param {number | null} id of a socket that was not closed */
function at(id) {
  const connection = connections[id ?? -1];
  if (!connection) throw new Error(`there is no socket ${id}`);
  return connection;
}

port.on('message', async ([number, what, ...given]) => {
  /** An answer must come: the program waits for nothing else. @type {unknown} */
  let answer = ECONNRESET;
  try {
    answer = await answers[what]?.(...given);
  } catch {
    // A socket that was closed.
  }
  port.postMessage([number, answer]);
  Atomics.store(signals, 0, number);
  Atomics.notify(signals, 0);
});

const lines = createInterface({ input: createReadStream('', { fd: 0 }) });
for await (const line of lines) {
  if (line !== 'press') continue;
  Atomics.store(signals, 1, 1);
  await sleep(PRESS_MS);
  Atomics.store(signals, 1, 0);
  await sleep(PRESS_MS);
}
