// @ts-check
import { Client } from './client.js';

/** @type {any} */
let mqtt;

export class U8Mqtt extends Client {
  /** @type {any} */
  client;
  #acknowledge = () => this.acknowledged.add();

  static maximumQos = 1;

  static async load() {
    ({ default: mqtt } = await import(/** @type {any} */ ('/peers/u8-mqtt/esm/web/v4.min.js')));
  }

  /** @param {string} url @returns {Promise<void>} */
  async connect(url) {
    this.client = mqtt({ log_conn() {}, on_disconnect() {} }).with_websock(url);
    await this.client.connect({ client_id: `u8${Date.now()}` });
  }

  /** @param {string} filter @returns {Promise<void>} */
  async subscribe(filter) {
    this.client.on_topic(filter, (/** @type {any} */ { payload }) => this.take(payload));
    await this.client.subscribe([filter]);
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  publish(topic, payload, qos) {
    // `publish` of version 0.6.7 throws for QoS 0; this is what it would call.
    if (qos === 0) this.client._send('publish', { topic, payload, qos });
    else this.client.publish({ topic, payload, qos }).then(this.#acknowledge);
  }

  close() {
    return this.client.disconnect();
  }
}
