// @ts-check
/** A TCP link between a client and a WebSocket listener that is cut after a chosen byte. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { LOOPBACK } from './ports.js';

/** `up`: what the client sends; `down`: what it receives. @typedef {'up' | 'down'} Direction */
/** @typedef {{ direction: Direction, after: number }} Cut `after`: bytes behind the WebSocket handshake */
/** @typedef {import('node:net').Socket} Socket */

/** Where the header of a request or of an answer ends. */
const END_OF_HANDSHAKE = '\r\n\r\n';

/** A listener of its own for one client. */
export class CuttingProxy {
  /** How many connections have been cut at their byte. */
  cuts = 0;
  /** Of the newest connection, behind the handshake. */
  bytes = { up: 0, down: 0 };
  /** Whether connections after the cut wait until they are let in. */
  holdsAfterCut = false;
  /** @type {Socket[] | null} */
  #waiting = null;
  #server;
  #port;
  #plan;
  /** For the connection that is open. @type {Cut | undefined} */
  #next;
  /** @type {Set<Socket>} */
  #sockets = new Set();

  /**
   * @param {number} port where the broker listens
   * @param {Cut[]} plan the first connection is cut as the first says, and so on; later ones are not
   */
  constructor(port, plan) {
    this.#port = port;
    this.#plan = [...plan];
    this.#server = createServer((client) => this.#forward(client));
  }

  /**
   * @param {number} port
   * @param {Cut[]} [plan]
   * @param {number} [at] a port that was free a moment ago
   */
  static async open(port, plan = [], at = 0) {
    const proxy = new CuttingProxy(port, plan);
    proxy.#server.listen(at, LOOPBACK);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port() {
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
  }

  /**
   * Cuts the connection that is open after so many more bytes.
   *
   * @param {Cut} cut `after`: 1 or more
   */
  cutLater({ direction, after }) {
    this.#next = { direction, after: this.bytes[direction] + after };
  }

  /** Lets connections in that came after the cut. */
  letIn() {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const client of waiting) this.#forward(client);
  }

  /** Ends every connection as a network does, without a word. */
  cutNow() {
    for (const socket of this.#sockets) socket.destroy();
  }

  close() {
    this.#server.close();
    this.cutNow();
  }

  /** @param {Socket} client */
  #forward(client) {
    if (this.#waiting) {
      this.#sockets.add(client);
      client.on('error', () => {});
      this.#waiting.push(client);
      return;
    }
    const planned = this.#plan.shift();
    this.#next = undefined;
    const server = connect(this.#port, LOOPBACK);
    const bytes = { up: 0, down: 0 };
    let isCut = false;
    this.bytes = bytes;
    /** @type {Record<Direction, Lane>} */
    const lanes = { up: new Lane(client, server), down: new Lane(server, client) };
    for (const direction of /** @type {Direction[]} */ (['up', 'down'])) {
      const lane = lanes[direction];
      this.#sockets.add(lane.from);
      lane.from.setNoDelay(true);
      lane.from.on('error', () => {});
      lane.from.on('close', () => {
        this.#sockets.delete(lane.from);
        lane.to.end();
      });
      lane.from.on('data', (/** @type {Buffer} */ chunk) => {
        if (isCut) return;
        const cut = this.#next ?? planned;
        const start = lane.skipHandshake(chunk);
        const left = cut?.direction === direction ? cut.after - bytes[direction] : Infinity;
        const end = Math.min(chunk.length, start + left);
        bytes[direction] += end - start;
        lane.to.write(chunk.subarray(0, end));
        if (!cut || !isDue(cut, lanes, bytes)) return;
        isCut = true;
        this.cuts += 1;
        if (this.holdsAfterCut) this.#waiting = [];
        lanes[cut.direction].cut();
      });
    }
  }
}

/** One direction of a connection. */
class Lane {
  /** Whether the handshake is over. */
  isOpen = false;
  #header = '';

  /** @param {Socket} from @param {Socket} to */
  constructor(from, to) {
    this.from = from;
    this.to = to;
  }

  /** How many bytes at the beginning of a chunk belong to the handshake. @param {Buffer} chunk */
  skipHandshake(chunk) {
    if (this.isOpen) return 0;
    const before = this.#header.length;
    this.#header += chunk.toString('latin1');
    const end = this.#header.indexOf(END_OF_HANDSHAKE);
    if (end < 0) return chunk.length;
    this.isOpen = true;
    return end + END_OF_HANDSHAKE.length - before;
  }

  /** What has been forwarded still arrives, and then the end; the other side is just gone. */
  cut() {
    this.to.end();
    this.from.destroy();
  }
}

/**
 * @param {Cut} cut
 * @param {Record<Direction, Lane>} lanes
 * @param {Record<Direction, number>} bytes
 */
function isDue({ direction, after }, { up, down }, bytes) {
  return up.isOpen && down.isOpen && bytes[direction] >= after;
}
