// @ts-check
/**
 * Clients with default options behind nginx with its default limits: in hidden tabs, where Chromium's timers come once a
 * minute, and in Node. One gets a message now and then, the others nothing.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HiddenClient, clientPages } from '../e2e/support/hidden-client.js';
import { PASSWORD, USER } from '../e2e/support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from '../e2e/support/names.js';
import { NodeClient } from '../e2e/support/node-client.js';
import { startNginx } from '../e2e/support/nginx.js';
import { Random } from '../e2e/support/random.js';
import { serve } from '../e2e/support/serve.js';
import { Tabs } from '../e2e/support/tabs.js';
import { Cleanup } from '../e2e/support/cleanup.js';

/** From then on Chromium's timers of a hidden tab come once a minute. */
const THROTTLED_MINUTES = 6;
/** Between two messages to the tab that gets some, in milliseconds. */
const PAUSE_MS = /** @type {const} */ ([5_000, 50_000]);

export class SilentClients {
  #cleanup = new Cleanup();
  #stopped = new AbortController();
  /** @type {string[]} */
  #sent = [];
  /** @type {HiddenClient[]} */
  #hidden = [];
  /** @type {NodeClient | undefined} */
  #node;
  /** @type {Promise<void>} */
  #sending = Promise.resolve();

  /**
   * @param {object} place
   * @param {import('../e2e/support/mosquitto.js').Mosquitto} place.broker
   * @param {import('../e2e/support/native.js').Native} place.native
   * @param {string} place.folder
   * @param {number} place.minutes
   * @param {number} place.seed
   */
  constructor({ broker, native, folder, minutes, seed }) {
    this.broker = broker;
    this.native = native;
    this.folder = folder;
    this.minutes = minutes;
    this.random = new Random(seed);
  }

  async start() {
    const proxy = { folder: join(this.folder, 'nginx'), to: this.broker.ports.ws };
    const nginx = this.#cleanup.add(await startNginx(proxy), (it) => it.stop());
    const { origin } = this.#cleanup.add(await serve(clientPages), (it) => it.close());
    const tabs = this.#cleanup.add(await Tabs.open(join(this.folder, 'browser')), (it) =>
      it.close(),
    );
    const options = () => ({
      url: nginx.ws,
      username: USER,
      password: PASSWORD,
      clientId: uniqueClientId('silent'),
    });
    for (let count = 0; count < 2; count += 1) {
      const topic = uniqueTopic('silent');
      this.#hidden.push(await HiddenClient.open(tabs, `${origin}/client`, options(), topic));
    }
    await tabs.newTab(`${origin}/other`);
    this.#node = this.#cleanup.add(await NodeClient.connect(options()), (it) => it.die());
    this.#sending = this.#send();
  }

  async finish() {
    this.#stopped.abort();
    await this.#sending;
    for (const [index, client] of this.#hidden.entries()) {
      const sent = index === 0 ? this.#sent : ['last'];
      if (index > 0) await this.native.publish(client.topic, 'last', { qos: 0 });
      assert.deepEqual(await client.untilTexts(sent.length), sent);
      assert.deepEqual(await client.troubles(), []);
      if (this.minutes > THROTTLED_MINUTES) await client.assertThrottled();
    }
    assert.equal(this.#node?.count('disconnected'), 0);
  }

  async report() {
    const [busy] = this.#hidden;
    const [received, latest] = (await busy?.tab.run('[log.texts.length, log.latest]')) ?? [0, 0];
    return `hidden tab ${received} of ${this.#sent.length}, timers up to ${Math.round(latest / 1000)} s late`;
  }

  end() {
    this.#stopped.abort();
    return this.#cleanup.run();
  }

  /** QoS 0: nobody sends them again. */
  async #send() {
    const [busy] = this.#hidden;
    const { signal } = this.#stopped;
    while (busy && !signal.aborted) {
      this.#sent.push(`${this.#sent.length}`);
      await this.native.publish(busy.topic, `${this.#sent.length - 1}`, { qos: 0 });
      await pause(this.random.between(...PAUSE_MS), undefined, { signal }).catch(() => {});
    }
  }
}
