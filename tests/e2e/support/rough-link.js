// @ts-check
/** A TCP link between one client and a broker that is cut, gone, stalled or slow, whenever a test says so. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { LOOPBACK } from './ports.js';

/** @typedef {import('node:net').Socket} Socket */

/** A listener of its own for one client. */
export class RoughLink {
  /** How often what happened. */
  counts = { cut: 0, outage: 0, stall: 0, slow: 0 };
  #to;
  #server;
  /** Whether new connections are refused. */
  #isGone = false;
  /** Whether nothing moves. */
  #isStalled = false;
  /** Each chunk is late by so much. */
  #delayMs = 0;
  /** @type {Set<Socket>} */
  #sockets = new Set();

  /** @param {number} to where the broker listens */
  constructor(to) {
    this.#to = to;
    this.#server = createServer((client) => this.#forward(client));
  }

  /** @param {number} to */
  static async open(to) {
    const link = new RoughLink(to);
    link.#server.listen(0, LOOPBACK);
    await once(link.#server, 'listening');
    return link;
  }

  get port() {
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
  }

  /** Ends every connection without a word; what is under way is lost. */
  cut() {
    this.counts.cut += 1;
    this.#end();
  }

  /** Cuts, and lets nobody in until {@link calm}. */
  vanish() {
    this.counts.outage += 1;
    this.#isGone = true;
    this.#end();
  }

  /** Nothing moves until {@link calm}, though the connection is there. */
  stall() {
    this.counts.stall += 1;
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What moves comes late until {@link calm}. @param {number} ms */
  slowDown(ms) {
    this.counts.slow += 1;
    this.#delayMs = ms;
  }

  /** All is well from now on. */
  calm() {
    this.#isGone = false;
    this.#isStalled = false;
    this.#delayMs = 0;
    for (const socket of this.#sockets) socket.resume();
  }

  close() {
    this.#server.close();
    this.#end();
  }

  #end() {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** @param {Socket} client */
  #forward(client) {
    if (this.#isGone) {
      client.on('error', () => {});
      client.destroy();
      return;
    }
    const server = connect(this.#to, LOOPBACK);
    this.#pass(client, server);
    this.#pass(server, client);
  }

  /** @param {Socket} from @param {Socket} to */
  #pass(from, to) {
    this.#sockets.add(from);
    /** What is late; none overtakes another. @type {{ due: number, chunk: Buffer }[]} */
    const late = [];
    const passOn = () => {
      while (late[0] && late[0].due <= performance.now()) to.write(late.shift()?.chunk ?? '');
      if (late[0]) setTimeout(passOn, late[0].due - performance.now());
    };
    from.setNoDelay(true);
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      late.length = 0;
      to.destroy();
    });
    from.on('data', (chunk) => {
      late.push({ due: performance.now() + this.#delayMs, chunk });
      if (late.length === 1) passOn();
    });
    if (this.#isStalled) from.pause();
  }
}
