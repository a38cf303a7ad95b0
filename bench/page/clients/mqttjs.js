// @ts-check
import { Client } from './client.js';

/** @type {any} */
let mqtt;

export class MqttJs extends Client {
  /** @type {any} */
  client;
  #acknowledge = (/** @type {unknown} */ error) => {
    if (error) throw error;
    this.acknowledged.add();
  };

  static async load() {
    ({ default: mqtt } = await import(/** @type {any} */ ('/peers/mqtt/dist/mqtt.esm.js')));
  }

  /** @param {string} url @returns {Promise<void>} */
  connect(url) {
    const client = (this.client = mqtt.connect(url, { reconnectPeriod: 0 }));
    client.on('message', (/** @type {string} */ _topic, /** @type {Uint8Array} */ payload) =>
      this.take(payload),
    );
    return new Promise((resolve, reject) => {
      client.once('connect', resolve);
      client.once('error', reject);
    });
  }

  async subscribe(/** @type {string} */ filter) {
    await this.client.subscribeAsync(filter);
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  publish(topic, payload, qos) {
    if (qos === 0) this.client.publish(topic, payload);
    else this.client.publish(topic, payload, { qos }, this.#acknowledge);
  }

  close() {
    return this.client.endAsync(true);
  }
}
