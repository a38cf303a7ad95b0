// @ts-check
/** Works for which every client gets a page of its own: starting, and what memory it takes. */
import { CLIENTS } from './clients/index.js';
import { Peer } from './peer.js';
import { nextTurn } from './turn.js';
import { work } from './works.js';

/** @typedef {import('../runner/works.js').Task} Task */
/** @typedef {import('../runner/works.js').Trial} Trial */

/** @type {Record<string, (task: Task, name: string) => Promise<Record<string, number>>>} */
const FRESH = { start, memory };

/** @param {Task} task @returns {Promise<import('../runner/works.js').Report>} */
export async function freshTrials(task) {
  /** @type {Trial[]} */
  const trials = [];
  for (const name of task.clients) {
    const figures = await FRESH[task.kind]?.(task, name);
    trials.push({ client: name, count: 1, ms: 0, rendererMs: 0, browserMs: 0, ...figures });
  }
  return { trials, problems: {} };
}

/** From nothing in the browser to CONNACK. @param {Task} task @param {string} name */
async function start({ url }, name) {
  const Kind = kindOf(name);
  const began = performance.now();
  await Kind.load();
  const loaded = performance.now();
  const client = new Kind();
  await client.connect(url);
  const ms = performance.now() - began;
  await client.close();
  const downloadMs = downloadTime(began);
  return {
    ms,
    downloadMs,
    compileMs: loaded - began - downloadMs,
    connectMs: ms - (loaded - began),
  };
}

/** How long anything was being downloaded. @param {number} since */
function downloadTime(since) {
  const files = /** @type {PerformanceResourceTiming[]} */ (
    performance.getEntriesByType('resource')
  );
  const spans = files
    .filter(({ startTime }) => startTime >= since)
    .sort((a, b) => a.startTime - b.startTime);
  let sum = 0;
  let end = since;
  for (const { startTime, responseEnd } of spans) {
    sum += Math.max(0, responseEnd - Math.max(end, startTime));
    end = Math.max(end, responseEnd);
  }
  return sum;
}

/** After a tenth of the messages in and out, and after all. @param {Task} task @param {string} name */
async function memory(task, name) {
  const Kind = kindOf(name);
  await Kind.load();
  const peer = await Peer.connect(task.control);
  const client = new Kind();
  await client.connect(task.url);
  await client.subscribe('bench/in');
  const setting = { task, peer, url: task.url, client };
  const all = task.most ?? 0;
  const before = await memoryNow(client);
  // The largest burst comes first: what it takes stays with the program, so it must not come by
  // chance between two looks.
  await work({ ...setting, task: { ...task, kind: 'publish', qos: 1, inOneTurn: true } }, 10_000);
  await inAndOut(setting, all / 10);
  const tenth = await memoryNow(client);
  await inAndOut(setting, (9 * all) / 10);
  const after = await memoryNow(client);
  await client.close();
  peer.close();
  return { ...named('before', before), ...named('tenth', tenth), ...named('after', after) };
}

/** @param {import('./works.js').Setting} setting @param {number} count */
async function inAndOut({ task, ...rest }, count) {
  // In parts, because the time that each may take is limited.
  const part = 50_000;
  for (let left = count; left > 0; left -= part) {
    const now = Math.min(part, left);
    await work({ ...rest, task: { ...task, kind: 'publish', qos: 1 } }, now);
    await work({ ...rest, task: { ...task, kind: 'receive', packetsPerFrame: 64 } }, now);
  }
}

/** @param {import('./clients/client.js').Client} client */
async function memoryNow(client) {
  for (let round = 0; round < 3; round++) {
    /** @type {any} */ (globalThis).gc();
    await nextTurn();
  }
  const { usedJSHeapSize } = /** @type {any} */ (performance).memory;
  const process = await (await fetch('/memory')).json();
  return { heap: usedJSHeapSize, wasm: client.wasmBytes(), process };
}

/** @param {string} when @param {{ heap: number, wasm: number, process: number }} found */
function named(when, found) {
  return Object.fromEntries(
    Object.entries(found).map(([what, bytes]) => [`${what}Bytes_${when}`, bytes]),
  );
}

/** @param {string} name */
function kindOf(name) {
  const found = CLIENTS[name];
  if (found === undefined) throw new Error(`there is no client ${name}`);
  return found;
}
