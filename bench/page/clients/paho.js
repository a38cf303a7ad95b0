// @ts-check
import { Client } from './client.js';

/** @type {any} */
let Paho;

export class PahoJs extends Client {
  /** @type {any} */
  client;

  static async load() {
    const script = document.createElement('script');
    script.src = '/peers/paho-mqtt/paho-mqtt-min.js';
    await new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    ({ Paho } = /** @type {any} */ (globalThis));
  }

  /** @param {string} url @returns {Promise<void>} */
  connect(url) {
    const client = (this.client = new Paho.Client(url, `paho${Date.now()}`));
    client.onMessageArrived = (/** @type {any} */ message) => this.take(message.payloadBytes);
    client.onMessageDelivered = (/** @type {any} */ { qos }) => qos > 0 && this.acknowledged.add();
    return new Promise((resolve, reject) => {
      client.connect({ onSuccess: () => resolve(), onFailure: reject, mqttVersion: 4 });
    });
  }

  /** @param {string} filter @returns {Promise<void>} */
  subscribe(filter) {
    return new Promise((resolve, reject) => {
      this.client.subscribe(filter, { onSuccess: () => resolve(), onFailure: reject });
    });
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  publish(topic, payload, qos) {
    this.client.publish(topic, payload, qos);
  }

  close() {
    this.client.disconnect();
  }
}
