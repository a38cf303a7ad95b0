// @ts-check
/** A page of Chromium whose client keeps its session; its events are written down in the page's storage. */
import { PASSWORD, USER } from './mosquitto.js';
import { until } from './wait.js';

/** @typedef {import('playwright-core').Page} Page */

/** One page after the other, for one client. */
export class KeptPage {
  /** @type {Page | undefined} */
  #page;

  /**
   * @param {import('./bench.js').Bench} bench
   * @param {string} url of the broker
   * @param {Record<string, unknown> & { clientId: string }} options
   */
  constructor(bench, url, options) {
    this.bench = bench;
    this.options = { url, username: USER, password: PASSWORD, cleanSession: false, ...options };
    this.clientId = options.clientId;
  }

  get page() {
    if (!this.#page) throw new Error('There is no page yet');
    return this.#page;
  }

  /** Opens the page in a new tab. */
  async open() {
    this.#page = await this.bench.browser.newPage();
    await this.page.goto(`${this.bench.origin}/program`);
    await this.#start();
  }

  /** Loads the page again, in the same tab. */
  async reload() {
    await this.page.reload();
    await this.#start();
  }

  /** The browser may have brought the page back as it was, or have loaded it again. */
  async startAgainIfGone() {
    const isThere = await this.page.evaluate(() => 'program' in globalThis);
    if (!isThere) await this.#start();
  }

  /** Goes on with another address of the broker. @param {string} url */
  async connectTo(url) {
    this.options = { ...this.options, url };
    await this.page.evaluate((address) => {
      const { client, options } = /** @type {any} */ (globalThis).program;
      client.connect({ keepSession: true, ...options, url: address });
    }, url);
  }

  /** The tab is closed, and another one is opened. */
  async reopen() {
    await this.close();
    await this.open();
  }

  /** The tab's process dies, and another tab is opened. */
  async crash() {
    const crashed = this.page.waitForEvent('crash');
    await Promise.all([crashed, this.page.goto('chrome://crash').catch(() => {})]);
    await this.reopen();
  }

  async close() {
    await this.#page?.close();
    this.#page = undefined;
  }

  /** A program as a pupil of the API would write it. */
  async #start() {
    await this.page.evaluate(
      async ({ module, options }) => {
        const { default: init, MqttClient } = await import(module);
        await init();
        const client = new MqttClient();
        const text = new TextDecoder();
        const program = { client, options, events: /** @type {any[]} */ ([]) };
        Object.assign(globalThis, { program });
        client.onevent = (/** @type {any} */ event) => program.events.push(event);
        client.onmessage = (/** @type {any} */ message) => {
          const before = JSON.parse(localStorage[options.clientId] ?? '[]');
          localStorage[options.clientId] = JSON.stringify([
            ...before,
            text.decode(message.payload),
          ]);
        };
        client.connect({ keepSession: true, ...options });
      },
      { module: `${this.bench.start}/split/mqtt.mjs`, options: this.options },
    );
  }

  /** @returns {Promise<any[]>} the events of this page */
  events() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).program.events);
  }

  /** @param {string} what @param {(events: any[]) => boolean} fits */
  untilEvents(what, fits) {
    return until(what, async () => fits(await this.events()), { seen: () => this.events() });
  }

  /** @param {string} type */
  untilEvent(type) {
    return this.untilEvents(type, (events) => events.some((event) => event.type === type));
  }

  /** All in one turn. @param {string} topic @param {string[]} payloads @param {0 | 1 | 2} qos */
  publish(topic, payloads, qos) {
    return this.page.evaluate(
      (request) => {
        const { client } = /** @type {any} */ (globalThis).program;
        for (const payload of request.payloads) client.publish(request.topic, payload, request.qos);
      },
      { topic, payloads, qos },
    );
  }

  /** @param {string} filter */
  async subscribe(filter) {
    await this.page.evaluate((wanted) => {
      /** @type {any} */ (globalThis).program.client.subscribe(wanted, 2);
    }, filter);
    await this.untilEvent('subscribed');
  }

  /** What all pages of this client have received. @returns {Promise<string[]>} */
  texts() {
    return this.page.evaluate((key) => JSON.parse(localStorage[key] ?? '[]'), this.clientId);
  }

  /** How many messages wait. @returns {Promise<number>} */
  waiting() {
    return this.page.evaluate(
      () => /** @type {any} */ (globalThis).program.client.statistics.waiting,
    );
  }

  /**
   * Everything that IndexedDB holds for this page's origin, as one text of bytes; what was being
   * written is written then, because transactions follow each other.
   *
   * @returns {Promise<string>}
   */
  stored() {
    return this.page.evaluate(async () => {
      /** @param {IDBRequest<any>} request */
      const answer = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const all = [];
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await answer(indexedDB.open(name));
        const records = database.transaction('records', 'readwrite').objectStore('records');
        const values = await answer(records.getAll());
        all.push(name, ...(await answer(records.getAllKeys())));
        for (const value of values) all.push(String.fromCharCode(...value));
        database.close();
      }
      return all.join('\n');
    });
  }
}
