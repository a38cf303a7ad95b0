// @ts-check
/** Each kind of work: what is done once, with a count, and what it gives. */
import { nextTurn, within } from './turn.js';

/** @typedef {import('./clients/client.js').Client} Client */
/** @typedef {import('./peer.js').Peer} Peer */
/** @typedef {import('../runner/works.js').Task} Task */
/**
 * @typedef {object} Setting
 * @property {Task} task
 * @property {Peer} peer
 * @property {string} url of the broker
 * @property {Client} client connected and subscribed
 * @property {number} [subscribeMs] how long it took to subscribe
 */
/** @typedef {Record<string, number>} Figures */

/** How long one trial may take, in milliseconds. */
const PATIENCE_MS = 60_000;

/** So much may be on its way: enough for every client, and no heap full of waiting messages. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const WINDOW_MESSAGES = 20_000;
/** So many messages of QoS 1 and 2, which have 65,535 numbers. */
const WINDOW_ACKNOWLEDGED = 10_000;
/** So much is published in one turn. */
const TURN_BYTES = 1024 * 1024;
const TURN_MESSAGES = 1000;

/** What the peer adds to a message on the wire, about. */
const OVERHEAD_BYTES = 16;

/** Published in turns, until the peer has all, or the broker has acknowledged all. */
async function publish(/** @type {Setting} */ { task, peer, client }, /** @type {number} */ count) {
  const { payloadBytes, qos = 0, inOneTurn = false } = task;
  const bytes = payloadBytes + OVERHEAD_BYTES;
  const most = qos > 0 ? WINDOW_ACKNOWLEDGED : WINDOW_MESSAGES;
  const window = Math.max(1, Math.min(most, Math.floor(WINDOW_BYTES / bytes)));
  const turn = inOneTurn
    ? window
    : Math.max(1, Math.min(TURN_MESSAGES, Math.floor(TURN_BYTES / bytes)));
  const payload = new Uint8Array(payloadBytes).fill(120);
  await peer.await(window / 4, count);
  client.acknowledged.clear();
  const confirmed = qos > 0 ? client.acknowledged : peer.arrivals;

  const began = performance.now();
  for (let sent = 0; sent < count;) {
    await confirmed.reach(sent - window + 1);
    const end = Math.min(sent + turn, count, confirmed.count + window);
    for (; sent < end; sent++) client.publish('bench/out', payload, qos);
    client.endTurn();
    await nextTurn();
  }
  await confirmed.reach(count);
  const ms = performance.now() - began;
  await peer.arrivals.reach(count);
  return { ms };
}

/** Received until the program has all. */
async function receive(/** @type {Setting} */ { task, peer, client }, /** @type {number} */ count) {
  const { payloadBytes, packetsPerFrame = 1 } = task;
  client.received.clear();
  const began = performance.now();
  const place = task.place === 'null' ? 'null' : 'behind';
  peer.send(place, { count, payloadBytes, packetsPerFrame, topic: 'bench/in' });
  await client.received.reach(count);
  return { ms: performance.now() - began };
}

/** One message at a time, from the program to the broker and back. */
async function roundTrip(/** @type {Setting} */ { task, client }, /** @type {number} */ count) {
  const payload = new Uint8Array(task.payloadBytes).fill(120);
  const trips = /** @type {number[]} */ ([]);
  const began = performance.now();
  for (let trip = 0; trip < count; trip++) {
    const left = performance.now();
    /** @type {Promise<void>} */
    const back = new Promise((resolve) => (client.onmessage = resolve));
    client.publish('echo', payload, 0);
    client.endTurn();
    await back;
    trips.push(performance.now() - left);
  }
  const ms = performance.now() - began;
  trips.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => trips[Math.floor(share * (count - 1))] ?? NaN;
  return { ms, p50: at(0.5), p99: at(0.99) };
}

/** From nothing to CONNACK, one client after the other. */
async function connect(/** @type {Setting} */ { client, url }, /** @type {number} */ count) {
  const Kind = /** @type {new () => Client} */ (client.constructor);
  let ms = 0;
  for (let index = 0; index < count; index++) {
    const another = new Kind();
    const began = performance.now();
    await another.connect(url);
    ms += performance.now() - began;
    await another.close();
  }
  return { ms };
}

/** Published before there is a connection, until the peer has all. */
async function queue(
  /** @type {Setting} */ { client, peer, task, url },
  /** @type {number} */ count,
) {
  const { waiting = 1, payloadBytes } = task;
  const Kind = /** @type {new () => Client} */ (client.constructor);
  const payload = new Uint8Array(payloadBytes).fill(120);
  let ms = 0;
  for (let round = 0; round < count; round++) {
    const another = new Kind();
    await peer.await(waiting, waiting);
    const began = performance.now();
    const connected = another.connect(url);
    for (let index = 0; index < waiting; index++) another.publish('bench/out', payload, 0);
    await connected;
    await peer.arrivals.reach(waiting);
    ms += performance.now() - began;
    await another.close();
  }
  return { ms, totalMs: ms / count };
}

/** @type {Record<string, (setting: Setting, count: number) => Promise<Figures & { ms: number }>>} */
const WORKS = { publish, receive, 'round-trip': roundTrip, connect, queue };

/** @param {Setting} setting @param {number} count */
export function work(setting, count) {
  const { kind } = setting.task;
  const run = WORKS[kind];
  if (run === undefined) throw new Error(`there is no work ${kind}`);
  return within(`${kind} of ${count}`, PATIENCE_MS, run(setting, count));
}

/** What a client subscribes to before the work. @param {Task} task */
export function filtersOf({ kind, filters = 1, filterKind = 'exact' }) {
  if (kind !== 'receive') return kind === 'round-trip' ? ['echo'] : [];
  const isExact = filterKind === 'exact';
  const others = Array.from({ length: filters - 1 }, (_, index) =>
    isExact ? `room/${index}/state` : `room/${index}/+`,
  );
  return [isExact ? 'bench/in' : 'bench/+', ...others];
}
