// @ts-check
/** `MqttClient` of `dist/split/` in a page of Chromium: what other programs use. */
import { PASSWORD, USER } from './mosquitto.js';
import { until } from './wait.js';

/** @typedef {import('./peers.js').Message} Message */
/** @typedef {import('./peers.js').Received} Received */

/** One client; its page may hold others. */
export class OurClient {
  /** @param {import('playwright-core').JSHandle<any>} client */
  constructor(client) {
    this.client = client;
  }

  /**
   * @param {import('playwright-core').Page} page of the bench, at `/program`
   * @param {{ start: string, broker: import('./mosquitto.js').Mosquitto }} bench
   * @param {Message} [will]
   * @returns {Promise<OurClient>} connected over wss
   */
  static async connect(page, { start, broker }, will) {
    const options = {
      url: broker.wss,
      username: USER,
      password: PASSWORD,
      ...(will && { will: { ...will, payload: [...will.payload] } }),
    };
    const handle = await page.evaluateHandle(
      async ({ module, options: { will: typed, ...rest } }) => {
        const { default: init, MqttClient } = await import(module);
        await init();
        const client = new MqttClient();
        const holder = {
          client,
          messages: /** @type {any[]} */ ([]),
          events: /** @type {any[]} */ ([]),
        };
        client.onmessage = (/** @type {any} */ message) => holder.messages.push(message);
        client.onevent = (/** @type {any} */ event) => holder.events.push(event);
        client.connect(
          typed ? { ...rest, will: { ...typed, payload: Uint8Array.from(typed.payload) } } : rest,
        );
        return holder;
      },
      { module: `${start}/split/mqtt.mjs`, options },
    );
    const ours = new OurClient(handle);
    await ours.untilEvent((event) => event.type === 'connected', 'connected');
    return ours;
  }

  /** @param {string} filter @param {0 | 1 | 2} qos */
  async subscribe(filter, qos) {
    await this.client.evaluate(
      (holder, request) => holder.client.subscribe(request.filter, request.qos),
      {
        filter,
        qos,
      },
    );
    await this.untilEvent(
      (event) => event.type === 'subscribed' && event.filter === filter,
      `subscribed to ${filter}`,
    );
  }

  /** Publishes; above QoS 0 it waits until the broker has acknowledged it. @param {Message} message */
  async publish({ topic, payload, qos, retain }) {
    const token = await this.client.evaluate(
      (holder, message) =>
        holder.client.publish(
          message.topic,
          Uint8Array.from(message.payload),
          message.qos,
          message.retain,
        ),
      { topic, payload: [...payload], qos, retain },
    );
    if (qos === 0) return;
    await this.untilEvent(
      (event) => event.type === 'published' && event.token === token,
      `published ${topic}`,
    );
  }

  /** @returns {Promise<Received[]>} */
  messages() {
    return this.client.evaluate((holder) =>
      holder.messages.map((/** @type {any} */ message) => ({
        topic: message.topic,
        payload: Array.from(message.payload, (/** @type {number} */ byte) =>
          byte.toString(16).padStart(2, '0'),
        ).join(''),
        qos: message.qos,
        retain: message.retain,
      })),
    );
  }

  /** Closes at once, without DISCONNECT, so that the will is published. */
  async die() {
    await this.client.evaluate((holder) => holder.client.free());
  }

  /** Says goodbye. */
  async end() {
    await this.client.evaluate((holder) => holder.client.disconnect());
  }

  /**
   * @param {(event: any) => boolean} fits
   * @param {string} what
   */
  async untilEvent(fits, what) {
    const events = () => this.client.evaluate((holder) => holder.events);
    await until(`the event: ${what}`, async () => (await events()).some(fits), { seen: events });
  }
}
