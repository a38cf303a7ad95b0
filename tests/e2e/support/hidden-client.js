// @ts-check
/** `MqttClient` of `dist/split/` in a tab that is really hidden. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { until } from './wait.js';

const SPLIT = fileURLToPath(new URL('../../../dist/split/', import.meta.url));

/** A page that keeps the events of its client, and how late its own timers are. */
const html = (/** @type {string} */ policy) => `<!doctype html>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>A program that uses MqttClient</title>
<script type="module">
  import init, { MqttClient } from '/split/mqtt.mjs';
  await init();
  let violations = 0;
  addEventListener('securitypolicyviolation', () => (violations += 1));
  const log = { texts: [], events: [], latest: 0, violations: () => violations };
  let tick = performance.now();
  const beat = () => {
    const now = performance.now();
    log.latest = Math.max(log.latest, now - tick);
    tick = now;
    setTimeout(beat, 500);
  };
  beat();
  log.sinceTick = () => performance.now() - tick;
  globalThis.log = log;
  globalThis.start = (options, topic) => {
    const client = new MqttClient();
    client.onevent = (event) => log.events.push(event);
    client.onmessage = ({ payload }) => log.texts.push(new TextDecoder().decode(payload));
    client.connect(options);
    client.subscribe(topic, 1);
  };
</script>`;

/** @type {import('./serve.js').Places} */
export const clientPages = {
  '/client': { html: html('') },
  '/client-without-workers': { html: html("worker-src 'none'") },
  '/other': { html: '<!doctype html><title>Something else</title>' },
  '/split/': { folder: SPLIT },
};

/** So late are only timers that Chromium slows down on purpose, in milliseconds. */
const THROTTLED_MS = 5_000;

/** One client and its tab. */
export class HiddenClient {
  /**
   * @param {import('./tabs.js').Tabs} tabs
   * @param {import('./tabs.js').Tab} tab
   * @param {string} clientId
   * @param {string} topic
   */
  constructor(tabs, tab, clientId, topic) {
    this.tabs = tabs;
    this.tab = tab;
    this.clientId = clientId;
    this.topic = topic;
  }

  /**
   * @param {import('./tabs.js').Tabs} tabs
   * @param {string} page one of {@link clientPages}
   * @param {{ clientId: string }} options of `MqttClient.connect`
   * @param {string} topic what it subscribes to
   * @returns {Promise<HiddenClient>} connected, and in front for now
   */
  static async open(tabs, page, options, topic) {
    const tab = await tabs.newTab(page);
    await until('the page to have a client', () => tab.run('"start" in globalThis'));
    await tab.run(`start(${JSON.stringify(options)}, ${JSON.stringify(topic)})`);
    const client = new HiddenClient(tabs, tab, options.clientId, topic);
    await until('the subscription', () => client.has('subscribed'), {
      seen: () => tab.run('log.events'),
    });
    return client;
  }

  /** @param {string} type of an event */
  has(type) {
    return this.tab.run(`log.events.some((event) => event.type === '${type}')`);
  }

  /** Waits until it is hidden behind another tab, and its timers are slow. @param {() => unknown} [meanwhile] */
  async untilThrottled(meanwhile) {
    const isSlow = async () => {
      await meanwhile?.();
      return (await this.tab.run('log.sinceTick()')) > THROTTLED_MS;
    };
    await until('slow timers', isSlow, { withinMs: 60_000 });
    await this.assertThrottled();
  }

  /** Its timers were slow, and it is hidden still. */
  async assertThrottled() {
    const latest = 'Math.max(log.latest, log.sinceTick())';
    assert.equal(await this.tab.run('document.visibilityState'), 'hidden');
    assert.ok((await this.tab.run(latest)) > THROTTLED_MS);
  }

  /** The first so many texts that came. @param {number} count */
  async untilTexts(count) {
    const enough = async () => (await this.tab.run('log.texts.length')) >= count;
    await until(`${count} messages`, enough, {
      seen: () => this.tab.run('[log.texts.length, log.events]'),
    });
    return this.tab.run('log.texts');
  }

  /** What should not have happened. */
  troubles() {
    return this.tab.run(
      `log.events.filter((event) => !['connecting', 'connected', 'subscribed'].includes(event.type))`,
    );
  }

  /** How often the page did what its policy forbids. */
  violations() {
    return this.tab.run('log.violations()');
  }
}
