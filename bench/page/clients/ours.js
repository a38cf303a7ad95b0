// @ts-check
import { Client } from './client.js';

/** @type {any} */
let module;
/** @type {WebAssembly.Memory | undefined} */
let memory;

export class Ours extends Client {
  /** The same version of MQTT as the others speak by themselves. */
  version = '3.1.1';
  /** @type {any} */
  client;
  /** @type {Map<string, () => void>} */
  #subscribed = new Map();

  static async load() {
    module = await import(/** @type {any} */ ('/split/mqtt.mjs'));
    ({ memory } = await module.default());
  }

  /** @param {string} url @returns {Promise<void>} */
  connect(url) {
    const client = (this.client = new module.MqttClient());
    client.onmessage = (/** @type {any} */ { payload }) => this.take(payload);
    return new Promise((resolve, reject) => {
      client.onevent = (/** @type {any} */ event) => {
        if (event.type === 'published') this.acknowledged.add();
        else if (event.type === 'connected') resolve();
        else if (event.type === 'subscribed') this.#subscribed.get(event.filter)?.();
        else if (event.type === 'disconnected') reject(new Error(event.reason.message));
      };
      client.connect({
        url,
        version: this.version,
        reconnect: false,
        // The others have no bound at all.
        queueMessages: 1_000_000,
        queueBytes: 1_000_000_000,
        sendMaximum: 65_535,
      });
    });
  }

  /** @param {string} filter @returns {Promise<void>} */
  subscribe(filter) {
    return new Promise((resolve) => {
      this.#subscribed.set(filter, resolve);
      this.client.subscribe(filter);
    });
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  publish(topic, payload, qos) {
    this.client.publish(topic, payload, qos);
  }

  close() {
    this.client.free();
  }

  wasmBytes() {
    return memory?.buffer.byteLength ?? 0;
  }
}

export class Ours5 extends Ours {
  version = '5.0';
}
