// @ts-check
/** `MqttClient` of `dist/split/` in Node, with the WebSocket of npm's `ws`: much faster than a page. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { until } from './wait.js';

/** @typedef {import('./peers.js').Message} Message */
/** @typedef {import('./peers.js').Received} Received */

const wasm = new URL('../../../dist/split/mqtt_bg.wasm', import.meta.url);
assert.ok(existsSync(wasm), 'dist/split is missing: npm run build');
const { default: init, MqttClient } = await import('../../../dist/split/mqtt.mjs');
// Node 20 has none of its own.
/** @type {any} */ (globalThis).WebSocket = WebSocket;
const { memory } = await init({ module_or_path: readFileSync(wasm) });

/** How many bytes the memory of all clients has. */
export const wasmBytes = () => memory.buffer.byteLength;

export { MqttClient };

/** One client with all its events. */
export class NodeClient {
  /** @type {any[]} */
  events = [];
  /** @type {Received[]} */
  received = [];
  /** The numbers of the filters that each of them is for. @type {number[][]} */
  named = [];
  #client = new MqttClient();

  /** @param {any} options of `MqttClient.connect` */
  constructor(options) {
    this.#client.onevent = (event) => this.events.push(event);
    this.#client.onmessage = ({ topic, payload, qos, retain, subscriptions }) => {
      this.named.push([...subscriptions]);
      this.received.push({ topic, payload: Buffer.from(payload).toString('hex'), qos, retain });
    };
    this.#client.connect(options);
  }

  /** @param {any} options @returns {Promise<NodeClient>} connected */
  static async connect(options) {
    const client = new NodeClient(options);
    await client.untilEvent('connected');
    return client;
  }

  /** What has arrived, as texts. */
  get texts() {
    return this.received.map(({ payload }) => Buffer.from(payload, 'hex').toString());
  }

  messages() {
    return this.received;
  }

  /** @param {string} type */
  count(type) {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Ends when the broker has answered. @param {string} filter @param {0 | 1 | 2} qos */
  subscribe(filter, qos) {
    this.#client.subscribe(filter, qos);
    return this.untilEvent('subscribed', (event) => event.filter === filter);
  }

  /** Subscribes, and does not wait. @param {string} filter @param {any} [options] */
  request(filter, options = 1) {
    return this.#client.subscribe(filter, options);
  }

  /** @param {string} filter */
  unsubscribe(filter) {
    this.#client.unsubscribe(filter);
  }

  /** @param {Message | { topic: string, payload: string, qos: 0 | 1 | 2, retain?: boolean }} message */
  send({ topic, payload, qos, retain = false }) {
    return this.#client.publish(topic, payload, qos, retain);
  }

  /** Publishes; above QoS 0 it waits until the broker has acknowledged it. @param {Parameters<NodeClient['send']>[0]} message */
  async publish(message) {
    const token = this.send(message);
    if (message.qos > 0) await this.untilEvent('published', (event) => event.token === token);
  }

  /** Ends when all of these texts have arrived. @param {string[]} texts */
  untilTexts(texts) {
    return until(`the messages ${texts}`, () => texts.every((text) => this.texts.includes(text)), {
      seen: () => [this.texts, this.events],
    });
  }

  /** Says goodbye. @param {any} [options] */
  end(options = undefined) {
    this.#client.disconnect(options);
  }

  /** Closes at once, without goodbye. */
  die() {
    this.#client.free();
  }

  /**
   * @param {string} type
   * @param {(event: any) => boolean} [fits]
   * @param {number} [withinMs]
   */
  untilEvent(type, fits = () => true, withinMs = undefined) {
    const found = () => this.events.find((event) => event.type === type && fits(event));
    return until(`the event ${type}`, found, { withinMs, seen: () => this.events });
  }
}
