// @ts-check
import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import { CLOSE } from '../words.js';
import { PacketSizes } from './packet-sizes.js';

/** How much a tab may have sent that the broker has not read, in bytes; ours waits at 64 KiB. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

/** How much of one tab the broker may be delivering before it reads on, in bytes: aedes would read without end. */
const MOST_UNDER_WAY_BYTES = 1024 * 1024;

/** How much a tab may not have read before the broker waits for it, in bytes. */
const MOST_AHEAD_BYTES = 1024 * 1024;

/** One connection of a tab, as the broker reads and writes it. */
export class Connection extends Duplex {
  /** @param {import('../socket.js').Pipe} channel */
  constructor(channel) {
    super({ allowHalfOpen: false });
    /** @private */
    this.channel = channel;
    /** @private */
    this.sizes = new PacketSizes();
    /** What came and was not read; `null` is the end. @private @type {(Buffer | null)[]} */
    this.held = [];
    /** How many bytes that is. @private */
    this.unread = 0;
    /** How many bytes of messages of this tab are being delivered. @private */
    this.underWay = 0;
    /** @private */
    this.isWanted = false;
    /** What went and was not read. @private */
    this.ahead = 0;
    /** @private @type {(() => void) | null} */
    this.goOn = null;
    channel.onmessage = ({ data }) => this.heard(data);
  }

  /** Every script of this origin can write to the channel. @private @param {unknown} said */
  heard(said) {
    if (said instanceof ArrayBuffer) this.receive(new Uint8Array(said));
    else if (said === CLOSE) this.hold(null);
    else if (typeof said === 'number' && said > 0) this.wasRead(said);
  }

  /** @private @param {Uint8Array<ArrayBuffer>} bytes */
  receive(bytes) {
    if (this.destroyed || this.held.at(-1) === null) return;
    this.unread += bytes.length;
    if (this.unread > MOST_UNREAD_BYTES || !this.sizes.accept(bytes)) {
      this.destroy(new Error('too large'));
    } else {
      this.hold(Buffer.from(bytes.buffer));
    }
  }

  /** A message of this tab is being delivered, or, with a number below zero, was. @param {number} bytes */
  delivers(bytes) {
    this.underWay += bytes;
    this.flow();
  }

  /** @private @param {Buffer | null} chunk */
  hold(chunk) {
    this.held.push(chunk);
    this.flow();
  }

  /** Hands over one part at a time: how much it makes the broker deliver is known after that. @private */
  flow() {
    if (!this.isWanted || this.underWay > MOST_UNDER_WAY_BYTES) return;
    const chunk = this.held.shift();
    if (chunk === undefined || this.destroyed) return;
    this.isWanted = false;
    if (chunk) {
      this.unread -= chunk.length;
      this.channel.postMessage(chunk.length);
    }
    this.push(chunk);
  }

  /** @private @param {number} count */
  wasRead(count) {
    this.ahead = Math.max(0, this.ahead - count);
    if (this.ahead >= MOST_AHEAD_BYTES) return;
    const { goOn } = this;
    this.goOn = null;
    goOn?.();
  }

  /** @override */
  _read() {
    this.isWanted = true;
    this.flow();
  }

  /** @override @param {Buffer} chunk @param {unknown} _encoding @param {(error?: Error) => void} done */
  _write(chunk, _encoding, done) {
    this.post([chunk], done);
  }

  /** A packet is written in some parts. @override @param {{ chunk: Buffer }[]} parts @param {(error?: Error) => void} done */
  _writev(parts, done) {
    this.post(
      parts.map(({ chunk }) => chunk),
      done,
    );
  }

  /** @override @param {Error | null} error @param {(error: Error | null) => void} done */
  _destroy(error, done) {
    this.goOn = null;
    this.channel.postMessage(CLOSE);
    this.channel.onmessage = null;
    this.channel.close();
    done(error);
  }

  /** @private @param {Buffer[]} chunks @param {(error?: Error) => void} done */
  post(chunks, done) {
    const bytes = new Uint8Array(Buffer.concat(chunks));
    this.ahead += bytes.length;
    this.channel.postMessage(bytes.buffer);
    if (this.ahead < MOST_AHEAD_BYTES) done();
    else this.goOn = done;
  }
}
