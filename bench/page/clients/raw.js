// @ts-check
/** A WebSocket and packets that were encoded beforehand: what no client can be faster than. */
import { Client } from './client.js';

const CONNECT = [0x10, 15, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 3, 114, 97, 119];
const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBCOMP = 7;

/** Sends each packet by itself. */
export class Raw extends Client {
  /** @type {WebSocket} */
  socket = /** @type {any} */ (null);
  #connected = () => {};
  #subscribed = () => {};
  #packetId = 0;
  /** Where the packet identifier is in `packet`. */
  #idAt = 0;
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  #payload;
  packet = new Uint8Array();
  /** What came of a packet whose end is in the next frame. */
  #part = new Uint8Array();

  /** @param {string} url @returns {Promise<void>} */
  connect(url) {
    const socket = (this.socket = new WebSocket(url, 'mqtt'));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(new Uint8Array(CONNECT));
    socket.onmessage = ({ data }) => this.#take(new Uint8Array(data));
    return new Promise((resolve, reject) => {
      this.#connected = resolve;
      socket.onerror = () => reject(new Error('the WebSocket failed'));
    });
  }

  /** @param {string} filter @returns {Promise<void>} */
  subscribe(filter) {
    const text = new TextEncoder().encode(filter);
    this.socket.send(Uint8Array.from([0x82, 5 + text.length, 0, 1, 0, text.length, ...text, 0]));
    return new Promise((resolve) => (this.#subscribed = resolve));
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  publish(topic, payload, qos) {
    if (this.#payload !== payload) this.#encode(topic, payload, qos);
    if (qos > 0) {
      this.#packetId = (this.#packetId % 65_535) + 1;
      this.packet[this.#idAt] = this.#packetId >> 8;
      this.packet[this.#idAt + 1] = this.#packetId & 0xff;
    }
    this.leave();
  }

  /** Sends the packet. */
  leave() {
    this.socket.send(this.packet);
  }

  close() {
    this.socket.close();
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  #encode(topic, payload, qos) {
    const text = new TextEncoder().encode(topic);
    const id = qos > 0 ? [0, 0] : [];
    const length = 2 + text.length + id.length + payload.length;
    const header = [0x30 | (qos << 1), ...varint(length)];
    const start = [...header, 0, text.length, ...text, ...id];
    this.packet = new Uint8Array(start.length + payload.length);
    this.packet.set(start);
    this.packet.set(payload, start.length);
    this.#idAt = start.length - 2;
    this.#payload = payload;
  }

  /** @param {Uint8Array<ArrayBuffer>} chunk */
  #take(chunk) {
    let bytes = chunk;
    if (this.#part.length > 0) {
      bytes = new Uint8Array(this.#part.length + chunk.length);
      bytes.set(this.#part);
      bytes.set(chunk, this.#part.length);
    }
    let at = 0;
    while (at < bytes.length) {
      let end = at + 1;
      let length = 0;
      let shift = 0;
      let byte;
      do {
        byte = bytes[end++] ?? 0;
        length |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte & 0x80);
      end += length;
      if (end > bytes.length) break;
      this.#packetCame((bytes[at] ?? 0) >> 4, bytes, at);
      at = end;
    }
    this.#part = at < bytes.length ? bytes.slice(at) : new Uint8Array();
  }

  /** @param {number} kind @param {Uint8Array} bytes @param {number} at */
  #packetCame(kind, bytes, at) {
    if (kind === PUBLISH) {
      this.received.add();
      this.onmessage();
    } else if (kind === PUBACK || kind === PUBCOMP) this.acknowledged.add();
    else if (kind === PUBREC) this.release(bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
    else if (kind === 2) this.#connected();
    else if (kind === 9) this.#subscribed();
  }

  /** Answers a PUBREC. @param {number} high @param {number} low */
  release(high, low) {
    this.socket.send(Uint8Array.of(0x62, 2, high, low));
  }
}

/** Sends the packets of a turn together. */
export class RawBatched extends Raw {
  #batch = new Uint8Array(1 << 16);
  #filled = 0;
  #isDue = false;

  leave() {
    this.#add(this.packet);
  }

  /** @param {number} high @param {number} low */
  release(high, low) {
    this.#add(Uint8Array.of(0x62, 2, high, low));
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.endTurn());
  }

  endTurn() {
    this.#isDue = false;
    if (this.#filled === 0) return;
    this.socket.send(this.#batch.subarray(0, this.#filled));
    this.#filled = 0;
  }

  /** @param {Uint8Array} packet */
  #add(packet) {
    if (this.#filled + packet.length > this.#batch.length) {
      const larger = new Uint8Array(2 * (this.#batch.length + packet.length));
      larger.set(this.#batch.subarray(0, this.#filled));
      this.#batch = larger;
    }
    this.#batch.set(packet, this.#filled);
    this.#filled += packet.length;
  }
}

/** A variable byte integer. @param {number} value */
function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest];
}
