// @ts-check
import { Client } from './client.js';

/** @type {any} */
let module;
/** @type {WebAssembly.Memory | undefined} */
let memory;

export class Mqtt5Wasm extends Client {
  /** @type {any} */
  client;
  #acknowledge = () => this.acknowledged.add();

  static async load() {
    module = await import(/** @type {any} */ ('/mqtt5-wasm/mqtt5_wasm.js'));
    ({ memory } = await module.default());
  }

  /** @param {string} url @returns {Promise<void>} */
  async connect(url) {
    this.client = new module.MqttClient(`wasm${Date.now()}`);
    const options = new module.ConnectOptions();
    options.protocolVersion = 4;
    await this.client.connectWithOptions(url, options);
  }

  /** @param {string} filter @returns {Promise<void>} */
  async subscribe(filter) {
    const take = (/** @type {string} */ _topic, /** @type {Uint8Array} */ payload) =>
      this.take(payload);
    await this.client.subscribeWithOptions(filter, take, new module.SubscribeOptions());
  }

  /** @param {string} topic @param {Uint8Array<ArrayBuffer>} payload @param {0 | 1 | 2} qos */
  publish(topic, payload, qos) {
    if (qos === 0) this.client.publish(topic, payload);
    else if (qos === 1) this.client.publishQos1(topic, payload, this.#acknowledge);
    else this.client.publishQos2(topic, payload, this.#acknowledge);
  }

  async close() {
    await this.client.disconnect();
    this.client.destroy();
  }

  wasmBytes() {
    return memory?.buffer.byteLength ?? 0;
  }
}
