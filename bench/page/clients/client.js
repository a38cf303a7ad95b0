// @ts-check
import { Arrivals } from '../arrivals.js';

/** What the benchmark does with every client. */
export class Client {
  /** Messages that the broker has acknowledged. */
  acknowledged = new Arrivals();
  /** Messages that have been handed to the program. */
  received = new Arrivals();
  /** Called with each message besides, for round trips. */
  onmessage = () => {};

  /** Loads what the client consists of; once in a page. @returns {Promise<void>} */
  static load() {
    return Promise.resolve();
  }

  /** The highest QoS that it can publish with. */
  static maximumQos = 2;

  /** @param {string} _url @returns {Promise<void>} when the broker has accepted it */
  connect(_url) {
    throw new Error('not written');
  }

  /** @param {string} _filter @returns {Promise<void>} when the broker has accepted it */
  subscribe(_filter) {
    throw new Error('not written');
  }

  /** @param {string} _topic @param {Uint8Array<ArrayBuffer>} _payload @param {0 | 1 | 2} _qos */
  publish(_topic, _payload, _qos) {
    throw new Error('not written');
  }

  /** Called after the last `publish` of a turn, for who sends a turn's packets together by itself. */
  endTurn() {}

  /** @returns {unknown} */
  close() {
    throw new Error('not written');
  }

  /** Bytes of its wasm memory. */
  wasmBytes() {
    return 0;
  }

  /** A message has been handed over; looking at its payload is part of that. @param {Uint8Array} payload */
  take(payload) {
    if (payload.byteLength === 0) throw new Error('a message came without its payload');
    this.received.add();
    this.onmessage();
  }
}
