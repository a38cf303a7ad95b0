// @ts-check
/**
 * Clients that publish and receive numbered messages of QoS 1 and 2 over links that are cut, gone, stalled and slow. At the
 * end nothing may be lost, nothing of QoS 2 doubled, and the order kept.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD, USER } from './mosquitto.js';
import { uniqueClientId, uniqueTopic } from './names.js';
import { MqttClient } from './node-client.js';
import { LOOPBACK } from './ports.js';
import { Random } from './random.js';
import { RoughLink } from './rough-link.js';
import { until } from './wait.js';

/** @typedef {import('./native.js').Native} Native */
/** @typedef {1 | 2} QoS */
/** @typedef {{ troubleMs: [number, number], calmMs: [number, number] }} Pace how long each lasts, at least and at most */

/** How long what is under way may take at the end, when all is calm: pauses between attempts last a minute at most. */
const REST_MS = 180_000;
/** The longest pause between two messages of a client, in each direction. */
const PAUSE_MS = 200;
/** So many of a client wait at most. */
const QUEUE = 500;
/** @type {readonly QoS[]} */
const QOS = [1, 2];

/** Windows of 1 to 3 among them, and the defaults. */
const WINDOWS = [
  {},
  { receiveMaximum: 1, sendMaximum: 1 },
  { receiveMaximum: 2, sendMaximum: 2 },
  { receiveMaximum: 3, sendMaximum: 3 },
  { receiveMaximum: 1, sendMaximum: 20 },
  { receiveMaximum: 20, sendMaximum: 2 },
];

/** Numbers of one QoS in one direction: how many were sent, and how they came. */
class Ledger {
  sent = 0;
  /** The next number that has not come. */
  next = 0;
  repeated = 0;
  /** What came out of order. @type {Set<number>} */
  early = new Set();
  /** @type {string[]} */
  faults = [];
  /** @type {string[]} */
  disorder = [];

  /** @param {QoS} qos */
  constructor(qos) {
    this.qos = qos;
  }

  /** @param {number} number */
  take(number) {
    if (number < this.next || this.early.has(number)) {
      if (this.qos === 2) this.faults.push(`${number} came again`);
      this.repeated += 1;
      return;
    }
    if (number > this.next) this.disorder.push(`${number} came before ${this.next}`);
    this.early.add(number);
    while (this.early.delete(this.next)) this.next += 1;
  }
}

/** One client with its link and its script. */
export class Churner {
  topic = uniqueTopic('churn');
  /** What the client publishes. @type {Record<QoS, Ledger>} */
  up = { 1: new Ledger(1), 2: new Ledger(2) };
  /** What it receives. @type {Record<QoS, Ledger>} */
  down = { 1: new Ledger(1), 2: new Ledger(2) };
  /** How often each event came. @type {Record<string, number>} */
  events = {};
  /** What should not have happened. @type {string[]} */
  faults = [];
  #acknowledged = 0;
  #stopped = false;
  /** What is sent when does not change the troubles that a seed brings. */
  #words = new Random(Math.random() * 2 ** 32);
  #client = new MqttClient();

  /** @param {{ link: RoughLink, native: Native, random: Random, options: any }} parts */
  constructor({ link, native, random, options }) {
    this.link = link;
    this.native = native;
    this.random = random;
    this.name = JSON.stringify(options);
    // After it has sent more than our Receive Maximum, mosquitto 2.0.11 sends some that were queued late, and out of order.
    this.brokerKeepsOrder = options.version === '3.1.1' || !options.receiveMaximum;
    native.client.on('message', this.arrived);
    this.#client.onevent = (event) => this.#onEvent(event);
    this.#client.onmessage = ({ topic, payload }) =>
      this.down[qosOf(topic)].take(Number(Buffer.from(payload).toString()));
    this.#client.connect({
      url: `ws://${LOOPBACK}:${link.port}/mqtt`,
      username: USER,
      password: PASSWORD,
      clientId: uniqueClientId('churn'),
      cleanSession: false,
      sessionExpirySeconds: 86_400,
      keepAliveSeconds: 10,
      ...options,
    });
    for (const qos of QOS) this.#client.subscribe(`${this.topic}/down/${qos}`, qos);
  }

  /**
   * @param {number} number
   * @param {{ port: number, native: Native, seed: number }} place the broker's, and a client that is not disturbed
   */
  static async start(number, { port, native, seed }) {
    const random = new Random(seed + number);
    const link = await RoughLink.open(port);
    const version = number % 2 === 0 ? '5.0' : '3.1.1';
    const options = { version, ...WINDOWS[Math.floor(number / 2) % WINDOWS.length] };
    const churner = new Churner({ link, native, random, options });
    await native.subscribe(`${churner.topic}/up/+`);
    await until('both subscriptions', () => churner.events.subscribed === 2);
    return churner;
  }

  /** Works until {@link stop}. @param {Pace} pace */
  run(pace) {
    this.working = Promise.all([this.#disturb(pace), this.#publish(), this.#sendBack()]);
  }

  /** All is calm from now on, and nothing new is sent. */
  async stop() {
    this.#stopped = true;
    await this.working;
    this.link.calm();
  }

  /** Ends when all has arrived, and nothing was wrong with it. */
  async check() {
    const ledgers = [this.up, this.down].flatMap((of) => QOS.map((qos) => of[qos]));
    const isOver = () =>
      this.problems().length > 0 || ledgers.every(({ next, sent }) => next >= sent);
    const seen = () => [this.counts(), this.events];
    await until(`all messages of ${this.name}`, isOver, { withinMs: REST_MS, seen });
    assert.deepEqual(this.problems(), [], this.name);
    const inOrder = this.brokerKeepsOrder ? ledgers : [this.up[1], this.up[2]];
    for (const { disorder } of inOrder) assert.deepEqual(disorder, [], this.name);
  }

  /** What went wrong so far. */
  problems() {
    const of = (/** @type {string} */ what, /** @type {Record<QoS, Ledger>} */ ledgers) =>
      QOS.flatMap((qos) => ledgers[qos].faults.map((fault) => `${what} with QoS ${qos}: ${fault}`));
    const faults = [...this.faults, ...of('published', this.up), ...of('received', this.down)];
    return faults.map((fault) => `${this.name} ${fault}`);
  }

  counts() {
    const sum = (
      /** @type {Record<QoS, Ledger>} */ of,
      /** @type {'sent' | 'next' | 'repeated'} */ what,
    ) => of[1][what] + of[2][what];
    return {
      ...this.link.counts,
      connections: this.events.connected ?? 0,
      warnings: this.events.warning ?? 0,
      published: sum(this.up, 'sent'),
      arrived: sum(this.up, 'next'),
      sent: sum(this.down, 'sent'),
      received: sum(this.down, 'next'),
      repeated: sum(this.up, 'repeated') + sum(this.down, 'repeated'),
      disordered: [this.up, this.down].flatMap((of) => [...of[1].disorder, ...of[2].disorder])
        .length,
    };
  }

  end() {
    this.#stopped = true;
    this.#client.free();
    this.link.close();
    this.native.client.off('message', this.arrived);
  }

  /** @param {string} topic @param {Buffer} payload */
  arrived = (topic, payload) => {
    if (topic.startsWith(`${this.topic}/up/`))
      this.up[qosOf(topic)].take(Number(payload.toString()));
  };

  /** @param {any} event */
  #onEvent(event) {
    this.events[event.type] = (this.events[event.type] ?? 0) + 1;
    if (event.type === 'published') this.#acknowledged += 1;
    const isFinal = event.type === 'disconnected' && event.retryInMs === null;
    if (isFinal || event.type === 'publishFailed') this.faults.push(JSON.stringify(event));
  }

  /** @param {Pace} pace */
  async #disturb({ troubleMs, calmMs }) {
    const { link, random } = this;
    while (!this.#stopped) {
      await this.#sleep(random.between(...calmMs));
      if (this.#stopped) return;
      const trouble = random.pick(['cut', 'cut', 'outage', 'stall', 'slow']);
      if (trouble === 'cut') link.cut();
      else if (trouble === 'outage') link.vanish();
      else if (trouble === 'stall') link.stall();
      else link.slowDown(random.between(10, 500));
      if (trouble !== 'cut') await this.#sleep(random.between(...troubleMs));
      link.calm();
    }
  }

  /** With pauses, and never so much that the queue is full. */
  async #publish() {
    while (!this.#stopped) {
      if (this.up[1].sent + this.up[2].sent - this.#acknowledged < QUEUE) {
        const qos = this.#words.pick(QOS);
        this.#client.publish(`${this.topic}/up/${qos}`, `${this.up[qos].sent}`, qos);
        this.up[qos].sent += 1;
      }
      await this.#sleep(this.#words.between(0, PAUSE_MS));
    }
  }

  /** One by one: beyond 20 messages on their way to it mosquitto 2.0.11 loses some. */
  async #sendBack() {
    while (!this.#stopped) {
      const qos = this.#words.pick(QOS);
      await this.native.publish(`${this.topic}/down/${qos}`, `${this.down[qos].sent}`, { qos });
      this.down[qos].sent += 1;
      await this.#sleep(this.#words.between(0, PAUSE_MS));
    }
  }

  /** In small steps, so that the end is not waited for. @param {number} ms */
  async #sleep(ms) {
    const end = performance.now() + ms;
    while (!this.#stopped && performance.now() < end) {
      await pause(Math.max(0, Math.min(100, end - performance.now())));
    }
  }
}

/** The topics end so. @param {string} topic @returns {QoS} */
const qosOf = (topic) => (topic.endsWith('1') ? 1 : 2);
