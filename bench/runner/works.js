// @ts-check
/** The works of the benchmark as data: what the page has to do. */
import { ALL, EXACTLY_ONCE } from './clients.js';

/**
 * @typedef {object} Work
 * @property {string} id
 * @property {'publish' | 'receive' | 'round-trip' | 'connect' | 'queue' | 'start' | 'memory'} kind
 * @property {'null' | 'broker'} place the null broker, or mosquitto
 * @property {number} payloadBytes
 * @property {0 | 1 | 2} [qos]
 * @property {number} [packetsPerFrame]
 * @property {boolean} [inOneTurn] as many as may be on their way are published at once
 * @property {string[]} clients
 * @property {number} [most] the most that one trial does
 * @property {number} [filters] how many are subscribed to before
 * @property {'exact' | 'wildcard'} [filterKind]
 * @property {number} [waiting] messages that are published before there is a connection
 * @property {boolean} [isFresh] each client gets a page, and so a process, of its own
 * @property {number} [repetitions] fewer than usual
 */
/**
 * @typedef {Work & { repetitions: number, trialMs: number, url: string, control: string }} Task
 */
/**
 * One repetition of one client. Works have more figures of their own: `p50` and `p99` of round trips, for example.
 *
 * @typedef {{ client: string, count: number, ms: number, rendererMs: number, browserMs: number } & Figures} Trial
 *   `rendererMs`, `browserMs`: processor time of the page's process, and of all of Chromium
 * @typedef {Record<string, any>} Figures
 */
/** What the page reports: who failed, with the reason, and everything else. @typedef {{ trials: Trial[], problems: Record<string, string> }} Report */

const KiB = 1024;
const MiB = 1024 * KiB;
/** Peers that a target names, and the limit. */
const FEW = ['ours', 'mqttjs', 'raw', 'raw-batched'];

/** @type {Record<string, Work[]>} By the names that `npm run bench -- NAME` takes. */
export const GROUPS = {
  publish: [
    publish('null', 16, 0),
    publish('null', 256, 0),
    publish('null', 64 * KiB, 0),
    publish('null', 16, 1),
    publish('null', 256, 1),
    publish('null', 64 * KiB, 1),
    publish('null', 16, 2),
    publish('null', 256, 2),
    publish('null', 64 * KiB, 2),
  ],
  receive: [
    receive('null', 16, 1),
    receive('null', 256, 1),
    receive('null', 16, 64),
    receive('null', 256, 64),
  ],
  large: [
    { ...receive('null', 64 * KiB, 1), clients: FEW },
    { ...receive('null', MiB, 1), clients: FEW },
    { ...publish('null', MiB, 0), clients: FEW },
  ],
  latency: [
    { id: 'connect-null', kind: 'connect', place: 'null', payloadBytes: 0, clients: ALL, most: 50 },
    {
      id: 'round-trip-null',
      kind: 'round-trip',
      place: 'null',
      payloadBytes: 16,
      clients: ALL,
    },
    {
      id: 'connect-broker',
      kind: 'connect',
      place: 'broker',
      payloadBytes: 0,
      clients: ALL,
      most: 1,
    },
    {
      id: 'round-trip-broker',
      kind: 'round-trip',
      place: 'broker',
      payloadBytes: 16,
      clients: ALL,
    },
  ],
  start: [
    {
      id: 'start',
      kind: 'start',
      place: 'null',
      payloadBytes: 0,
      clients: ALL.filter((name) => name !== 'ours-5' && name !== 'raw-batched'),
      isFresh: true,
    },
  ],
  memory: [
    {
      id: 'memory',
      kind: 'memory',
      place: 'null',
      payloadBytes: 16,
      clients: ['ours', 'mqttjs'],
      isFresh: true,
      most: 1_000_000,
      repetitions: 1,
    },
  ],
  mosquitto: [
    publish('broker', 16, 0),
    publish('broker', 256, 0),
    publish('broker', 256, 1),
    publish('broker', 256, 2),
    receive('broker', 16, 1),
  ],
};

/**
 * @param {Work['place']} place
 * @param {number} payloadBytes
 * @param {0 | 1 | 2} qos
 * @returns {Work}
 */
function publish(place, payloadBytes, qos) {
  return {
    id: `publish-${place}-q${qos}-${payloadBytes}`,
    kind: 'publish',
    place,
    payloadBytes,
    qos,
    clients: qos === 2 ? EXACTLY_ONCE : ALL,
  };
}

/**
 * @param {Work['place']} place
 * @param {number} payloadBytes
 * @param {number} packetsPerFrame
 * @returns {Work}
 */
function receive(place, payloadBytes, packetsPerFrame) {
  return {
    id: `receive-${place}-${packetsPerFrame}x-${payloadBytes}`,
    kind: 'receive',
    place,
    payloadBytes,
    packetsPerFrame,
    clients: ALL,
  };
}
