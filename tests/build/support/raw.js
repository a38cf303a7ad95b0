// @ts-check
/** Bytes to and from the program behind `npm start`, as no well-behaved library would send them. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

const LOOPBACK = '127.0.0.1';
/** For an answer that has to come, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A TCP connection that remembers what came. */
export class Raw {
  /** @type {Buffer} */
  received;
  /** @type {Promise<void>} */
  closed;

  /** @param {import('node:net').Socket} socket @param {Buffer} [head] */
  constructor(socket, head = Buffer.alloc(0)) {
    this.socket = socket;
    this.received = head;
    socket.on('data', (bytes) => (this.received = Buffer.concat([this.received, bytes])));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** @param {number} port @returns {Promise<Raw>} */
  static async open(port) {
    const socket = connect(port, LOOPBACK);
    await once(socket, 'connect');
    return new Raw(socket);
  }

  /** @param {Uint8Array | string} bytes */
  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** @param {(received: Buffer) => unknown} condition @param {string} what */
  async until(condition, what) {
    const limit = Date.now() + PATIENCE_MS;
    while (!condition(this.received)) {
      if (this.socket.destroyed && !condition(this.received))
        throw new Error(`closed before ${what}`);
      if (Date.now() > limit) throw new Error(`no ${what} in ${PATIENCE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  end() {
    this.socket.destroy();
  }
}

/**
 * The answer to one request; the path goes out as it is, which `fetch` would tidy up first.
 *
 * @param {number} port
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
export function get(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    request({ host: LOOPBACK, port, path, headers, agent: false }, (response) => {
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

/**
 * Asks for a WebSocket.
 *
 * @param {number} port
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Raw | number>} the open connection, or the status that refused it
 */
export function openWebSocket(port, headers = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: LOOPBACK,
      port,
      path: '/mqtt',
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Protocol': 'mqtt',
        ...headers,
      },
    });
    asked.once('upgrade', (_, socket, head) =>
      resolve(new Raw(/** @type {import('node:net').Socket} */ (socket), head)),
    );
    asked.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject);
    asked.end();
  });
}

/**
 * A binary frame of a client, with a mask of zeros.
 *
 * @param {Uint8Array} bytes
 */
export function frame(bytes) {
  const { length } = bytes;
  const size =
    length < 126
      ? [0x80 | length]
      : length < 65_536
        ? [0xfe, length >> 8, length & 255]
        : [0xff, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >> shift) & 255)];
  return Buffer.concat([Buffer.from([0x82, ...size, 0, 0, 0, 0]), bytes]);
}

/** @param {number} first @param {Uint8Array[]} parts */
export function packet(first, ...parts) {
  const body = Buffer.concat(parts);
  const length = [];
  let left = body.length;
  do {
    length.push((left & 127) | (left > 127 ? 128 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** @param {string} text */
export function utf8(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/**
 * CONNECT without a login.
 *
 * @param {string} clientId
 * @param {{ version?: 4 | 5, clean?: boolean, expiry?: number, will?: string }} [options] `will`: its topic
 */
export function connectPacket(clientId, { version = 4, clean = true, expiry = 0, will } = {}) {
  const flags = (clean ? 2 : 0) | (will === undefined ? 0 : 4);
  const head = [0, 4, ...Buffer.from('MQTT'), version, flags, 0, 0];
  const properties = expiry ? [5, 17, 0, 0, expiry >> 8, expiry & 255] : [0];
  const parts = [Buffer.from([...head, ...(version === 5 ? properties : [])]), utf8(clientId)];
  if (will !== undefined) {
    parts.push(Buffer.from(version === 5 ? [0] : []), utf8(will), utf8('gone'));
  }
  return packet(0x10, ...parts);
}

/** 3.1.1. @param {string[]} filters @param {number} [qos] */
export function subscribePacket(filters, qos = 0) {
  const parts = filters.map((filter) => Buffer.concat([utf8(filter), Buffer.from([qos])]));
  return packet(0x82, Buffer.from([0, 7]), ...parts);
}

/** 3.1.1, QoS 0. @param {string} topic @param {Uint8Array | string} payload @param {boolean} [retain] */
export function publishPacket(topic, payload, retain = false) {
  return packet(retain ? 0x31 : 0x30, utf8(topic), Buffer.from(payload));
}

/**
 * A client of MQTT 3.1.1 over TCP that is connected.
 *
 * @param {number} port
 * @param {string} clientId
 * @param {Parameters<typeof connectPacket>[1]} [options]
 */
export async function joined(port, clientId, options) {
  const client = await Raw.open(port);
  client.send(connectPacket(clientId, options));
  await client.until((received) => received.length >= 4, 'CONNACK');
  return client;
}

/**
 * Whether the broker still does its work for others: one subscribes over WebSocket, one publishes over TCP.
 *
 * @param {{ tcpPort: number, webSocketPort: number }} server
 */
export async function worksForOthers({ tcpPort, webSocketPort }) {
  const text = `hello ${Math.random()}`;
  const listener = await openWebSocket(webSocketPort);
  if (typeof listener === 'number') return false;
  listener.send(frame(connectPacket(`listener-${Math.random()}`)));
  await listener.until((received) => received.includes(Buffer.from([0x20, 2, 0, 0])), 'CONNACK');
  listener.send(frame(subscribePacket(['others/#'])));
  await listener.until((received) => received.includes(Buffer.from([0x90, 3, 0, 7])), 'SUBACK');
  const sender = await joined(tcpPort, `sender-${Math.random()}`);
  sender.send(publishPacket('others/desk', text));
  await listener.until((received) => received.includes(text), 'the message');
  listener.end();
  sender.end();
  return true;
}
