// @ts-check
/**
 * What clusters of this computer do: how fast a class connects, what they deliver, and how soon everybody is back after a node
 * was killed. All clients are `MqttClient` in one process, so compare only within a table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsCluster } from '../../tests/e2e/support/nats-cluster.js';
import { MqttClient } from '../../tests/e2e/support/node-client.js';
import { startRabbitMqCluster } from '../../tests/e2e/support/rabbitmq-cluster.js';
import { until } from '../../tests/e2e/support/wait.js';
import { startFastMosquitto } from './mosquitto.js';
import { hasRmqtt, startRmqttCluster } from './rmqtt-cluster.js';

/** As many as ten classes. */
const CONNECTIONS = 300;
/** Those who hear everything, and those who lose their node. */
const CLASS = 30;
/** The publisher has so many messages on their way. */
const WINDOW = 64;
/** How often somebody publishes while a node is away, in milliseconds, and for how long after all are back. */
const BEAT_MS = 100;
const LATER_MS = 3000;
/** Nothing takes longer than this, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * @typedef {object} Cluster
 * @property {string[]} urls
 * @property {{ stop: () => Promise<void> }[]} nodes empty for a broker that is alone
 * @property {{ username: string, password: string } | {}} login
 * @property {() => Promise<unknown>} stop
 */
/** @typedef {import('./tables.js').Table} Table */

/** @type {Record<string, (folder: string) => Promise<Cluster>>} */
const CLUSTERS = {
  'mosquitto, one': async (folder) => {
    const broker = await startFastMosquitto(folder);
    return { urls: [broker.ws], nodes: [], login: {}, stop: () => broker.stop() };
  },
  'NATS, three': (folder) => startNatsCluster(folder),
  'RabbitMQ, three, mirrored queues': (folder) => startRabbitMqCluster(folder, 'mirrored'),
  'RabbitMQ, three, quorum queues': (folder) => startRabbitMqCluster(folder, 'quorum'),
  ...(hasRmqtt() && { 'rmqtt, three': startRmqttCluster }),
};

/**
 * @param {number} seconds for deliveries
 * @param {(text: string) => void} detail
 * @returns {Promise<Table>}
 */
export async function measureCluster(seconds, detail) {
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-bench-cluster-'));
  /** @type {string[][]} */
  const rows = [];
  try {
    for (const [name, start] of Object.entries(CLUSTERS)) {
      detail(`${name}: starts`);
      const cluster = await start(join(folder, String(rows.length)));
      try {
        detail(`${name}: ${CONNECTIONS} connections`);
        const connected = await connections(cluster);
        detail(`${name}: deliveries`);
        const delivered = await deliveries(cluster, seconds);
        detail(`${name}: a node is killed`);
        rows.push([name, connected, delivered, ...(await comingBack(cluster))]);
      } finally {
        await cluster.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return {
    title: 'Three servers and all clients on one computer',
    head: [
      'brokers',
      `${CONNECTIONS} connections`,
      `deliveries/s, QoS 1 to ${CLASS}`,
      `${CLASS} are back: p50`,
      'the last',
      'sessions that went on',
      'lost of QoS 1',
    ],
    rows,
  };
}

/** @param {Cluster} cluster */
async function connections(cluster) {
  const began = performance.now();
  const crowd = Array.from({ length: CONNECTIONS }, () => new Person(cluster));
  await until('all connections', () => crowd.every((person) => person.isConnected), {
    withinMs: PATIENCE_MS,
  });
  const took = performance.now() - began;
  for (const person of crowd) person.client.free();
  return `${(took / 1000).toFixed(1)} s`;
}

/** @param {Cluster} cluster @param {number} seconds */
async function deliveries(cluster, seconds) {
  const listeners = Array.from({ length: CLASS }, () => new Person(cluster));
  await subscribed(listeners, 'flood/#');
  const sender = new Person(cluster);
  await until('the sender', () => sender.isConnected, { withinMs: PATIENCE_MS });
  let goesOn = true;
  const send = () => goesOn && sender.client.publish('flood/1', '0123456789', 1);
  sender.onPublished = send;
  for (let count = 0; count < WINDOW; count += 1) send();
  await pause(1000);
  const total = () => listeners.reduce((sum, { count }) => sum + count, 0);
  const [from, began] = [total(), performance.now()];
  await pause(seconds * 1000);
  const perSecond = ((total() - from) * 1000) / (performance.now() - began);
  goesOn = false;
  for (const person of [...listeners, sender]) person.client.free();
  return perSecond.toFixed(0);
}

/** @param {Cluster} cluster @returns {Promise<string[]>} */
async function comingBack(cluster) {
  const [first] = cluster.nodes;
  if (first === undefined) return ['–', '–', '–', '–'];
  const pupils = Array.from({ length: CLASS }, (_, n) => new Person(cluster, `pupil-${n}`));
  await subscribed(pupils, 'beat');
  const board = new Person({ ...cluster, urls: cluster.urls.slice(1) });
  await until('the board', () => board.isConnected, { withinMs: PATIENCE_MS });
  let beats = 0;
  const beat = setInterval(() => {
    board.client.publish('beat', String((beats += 1)), 1);
  }, BEAT_MS);
  await pause(LATER_MS);
  const heard = pupils.some(({ count }) => count > 0);

  const began = performance.now();
  for (const pupil of pupils) pupil.backAt = 0;
  await first.stop();
  const areBack = () => pupils.every(({ backAt }) => backAt > 0);
  await until('everybody', areBack, { withinMs: heard ? PATIENCE_MS : LATER_MS }).catch(() => {});
  await pause(LATER_MS);
  clearInterval(beat);
  await pause(LATER_MS);

  const times = pupils.map(({ backAt }) => (backAt > 0 ? backAt - began : Infinity)).sort(rising);
  const taken = board.published;
  const lost = pupils.reduce((sum, { texts }) => sum + Math.max(0, taken - texts.size), 0);
  const went = pupils.filter(({ wasResumed }) => wasResumed).length;
  for (const person of [...pupils, board]) person.client.free();
  const shown = (/** @type {number | undefined} */ time) =>
    time === undefined || time === Infinity ? 'not back' : `${(time / 1000).toFixed(1)} s`;
  return [
    shown(times[CLASS / 2]),
    shown(times.at(-1)),
    `${went} of ${CLASS}`,
    `${lost} of ${taken * CLASS}`,
  ];
}

/** @param {Person[]} people @param {string} filter */
async function subscribed(people, filter) {
  for (const person of people) person.client.subscribe(filter, 1);
  await until('all subscriptions', () => people.every(({ isSubscribed }) => isSubscribed), {
    withinMs: PATIENCE_MS,
  });
}

/** One client, and what it has seen. */
class Person {
  isConnected = false;
  isSubscribed = false;
  wasResumed = false;
  /** Messages that came; their texts; acknowledgements. */
  count = 0;
  /** @type {Set<string>} */
  texts = new Set();
  published = 0;
  /** When the first message came on a new connection; 0: not yet. */
  backAt = 0;
  /** @type {() => unknown} */
  onPublished = () => {};
  client = new MqttClient();
  #decoder = new TextDecoder();
  #connections = 0;

  /** @param {Pick<Cluster, 'urls' | 'login'>} cluster @param {string} [clientId] whoever has one keeps a session */
  constructor({ urls, login }, clientId) {
    this.client.onevent = (event) => this.#handle(event);
    this.client.onmessage = ({ payload }) => {
      this.count += 1;
      if (clientId !== undefined) this.texts.add(this.#decoder.decode(payload));
      if (this.backAt === 0 && this.#connections > 1) this.backAt = performance.now();
    };
    const session = clientId === undefined ? {} : { clientId, cleanSession: false };
    this.client.connect({ url: urls, version: '3.1.1', ...login, ...session });
  }

  /** @param {import('../../dist/pkg/mqtt.js').MqttEvent} event */
  #handle(event) {
    if (event.type === 'connected') {
      this.isConnected = true;
      this.#connections += 1;
      this.wasResumed = event.sessionPresent;
    }
    if (event.type === 'subscribed') this.isSubscribed = true;
    if (event.type === 'published') {
      this.published += 1;
      this.onPublished();
    }
  }
}

const rising = (/** @type {number} */ one, /** @type {number} */ other) => one - other;
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
