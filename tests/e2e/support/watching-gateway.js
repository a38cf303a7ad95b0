// @ts-check
/** A WebSocket server before a broker that passes everything on, and writes down what clients subscribe to and how that ends. */
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { LOOPBACK } from './ports.js';

const SUBSCRIBE = 0x82;
const SUBACK = 0x90;
/** Codes from here on are refusals. */
const FAILURE = 0x80;

export class WatchingGateway {
  /** The bytes of each SUBSCRIBE, in order. @type {Buffer[]} */
  subscribes = [];
  /** The codes of the subscriptions that the broker refused, each one once. @type {Set<number>} */
  refusals = new Set();
  #server = new WebSocketServer({ host: LOOPBACK, port: 0 });

  /** @param {string} ws the address of the broker */
  static async before(ws) {
    const gateway = new WatchingGateway();
    gateway.#server.on('connection', (client) => gateway.#join(client, new WebSocket(ws, 'mqtt')));
    await once(gateway.#server, 'listening');
    return gateway;
  }

  get ws() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `ws://${LOOPBACK}:${port}/mqtt`;
  }

  /** How often a filter was asked for. @param {string} filter */
  times(filter) {
    const named = Buffer.concat([Buffer.from([0, filter.length]), Buffer.from(filter)]);
    return this.subscribes.filter((packet) => packet.includes(named)).length;
  }

  /** Ends every connection without a word. */
  cut() {
    for (const client of this.#server.clients) client.terminate();
  }

  close() {
    this.cut();
    this.#server.close();
  }

  /** @param {WebSocket} client @param {WebSocket} broker */
  #join(client, broker) {
    const opened = once(broker, 'open').catch(() => client.terminate());
    client.on('message', async (/** @type {Buffer} */ bytes) => {
      this.subscribes.push(...packetsIn(bytes).filter(([type]) => type === SUBSCRIBE));
      await opened;
      broker.send(bytes);
    });
    broker.on('message', (/** @type {Buffer} */ bytes) => {
      for (const code of refusalsIn(bytes)) this.refusals.add(code);
      client.send(bytes);
    });
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ]) {
      one?.on('error', () => {});
      one?.on('close', () => other?.terminate());
    }
  }
}

/**
 * The code of a SUBACK for one filter is its last byte. A packet of the broker that is cut in two is not seen whole, and
 * none of ours is so long.
 *
 * @param {Buffer} bytes
 */
const refusalsIn = (bytes) =>
  packetsIn(bytes)
    .filter(([type]) => type === SUBACK)
    .map((packet) => packet.at(-1) ?? 0)
    .filter((code) => code >= FAILURE);

/** The client sends whole packets in each message. @param {Buffer} bytes @returns {Buffer[]} */
function packetsIn(bytes) {
  const packets = [];
  for (let from = 0; from < bytes.length;) {
    let [length, digits] = [0, 0];
    for (let byte = 0x80; byte >= 0x80; digits += 1) {
      byte = bytes[from + 1 + digits] ?? 0;
      length += (byte & 0x7f) << (7 * digits);
    }
    const to = from + 1 + digits + length;
    packets.push(bytes.subarray(from, to));
    from = to;
  }
  return packets;
}
