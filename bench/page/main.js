// @ts-check
/**
 * The page of the benchmark: asks the runner for a task, does it alone, and reports once. Nobody drives it over the
 * debugging protocol, which would report every WebSocket message and so distort what is measured.
 */
import { CLIENTS } from './clients/index.js';
import { Peer } from './peer.js';
import { freshTrials } from './fresh.js';
import { nextTurn } from './turn.js';
import { filtersOf, work } from './works.js';

/** @typedef {import('./clients/client.js').Client} Client */
/** @typedef {import('../runner/works.js').Task} Task */
/** @typedef {import('../runner/works.js').Trial} Trial */

/**
 * A trial shorter than this says nothing about the rate, in milliseconds. A real broker answers now and then only
 * when TCP's delayed acknowledgement, 40 ms, has passed.
 */
const SHORT_MS = { null: 40, broker: 150 };

/** How many a first, quick try does. */
const FIRST_COUNT = 10;

const task = /** @type {Task} */ (await (await fetch('/task')).json());
await fetch('/report', { method: 'POST', body: JSON.stringify(await report()) });
location.replace(await (await fetch('/next')).json());

/** @returns {Promise<import('../runner/works.js').Report>} */
async function report() {
  try {
    return await (task.isFresh ? freshTrials(task) : run());
  } catch (problem) {
    return { trials: [], problems: { page: wordsOf(problem) } };
  }
}

async function run() {
  const peer = await Peer.connect(task.control);
  if (task.place === 'broker') await peer.behind();
  /** @type {Trial[]} */
  const trials = [];
  /** @type {Record<string, string>} */
  const problems = {};
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @param {string} name @param {() => Promise<void>} turn */
  const attempt = async (name, turn) => {
    // One client that fails costs neither the others nor the run.
    if (problems[name] !== undefined) return;
    try {
      await turn();
    } catch (problem) {
      problems[name] = wordsOf(problem);
    }
  };
  for (const name of task.clients) {
    await attempt(name, async () => {
      await clientOf(name).load();
      counts.set(name, await withClient(peer, name, findCount));
    });
  }
  for (let repetition = 0; repetition < task.repetitions; repetition++) {
    for (const name of rotated(task.clients, repetition)) {
      await attempt(name, async () => {
        const count = counts.get(name) ?? 1;
        const trial = await withClient(peer, name, (setting) => measure(setting, count));
        trials.push({ client: name, count, ...trial });
        counts.set(name, nextCount(count, trial.ms));
      });
    }
  }
  peer.close();
  return { trials, problems };
}

/** @param {unknown} problem */
function wordsOf(problem) {
  return problem instanceof Error ? `${problem.stack}` : String(problem);
}

/** @param {string} name */
function clientOf(name) {
  const found = CLIENTS[name];
  if (found === undefined) throw new Error(`there is no client ${name}`);
  return found;
}

/**
 * @template T
 * @param {Peer} peer
 * @param {string} name
 * @param {(setting: import('./works.js').Setting) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withClient(peer, name, use) {
  const client = new (clientOf(name))();
  const { url } = task;
  if (task.kind === 'connect' || task.kind === 'queue') return use({ task, peer, url, client });
  await client.connect(url);
  try {
    const began = performance.now();
    await Promise.all(filtersOf(task).map((filter) => client.subscribe(filter)));
    const subscribeMs = performance.now() - began;
    return await use({ task, peer, url, client, subscribeMs });
  } finally {
    await client.close();
  }
}

/** How many fill the time of a trial; finding out also warms up. @param {import('./works.js').Setting} setting */
async function findCount(setting) {
  const most = task.most ?? Infinity;
  const shortMs = SHORT_MS[task.place];
  let count = Math.min(FIRST_COUNT, most);
  for (;;) {
    const { ms } = await work(setting, count);
    if (ms >= shortMs || count >= most) {
      return Math.max(1, Math.min(most, Math.round((count * task.trialMs) / ms)));
    }
    const growth = Math.min(10, Math.max(2, (1.5 * shortMs) / ms));
    count = Math.min(most, Math.ceil(count * growth));
  }
}

/**
 * A machine that was busy while the number was found out gives trials that are far too short or too long.
 *
 * @param {number} count
 * @param {number} ms that the trial with this count took
 */
function nextCount(count, ms) {
  const factor = Math.min(4, Math.max(0.25, task.trialMs / ms));
  if (factor > 0.5 && factor < 2) return count;
  return Math.max(1, Math.min(task.most ?? Infinity, Math.round(count * factor)));
}

/** @param {import('./works.js').Setting} setting @param {number} count */
async function measure(setting, count) {
  collectGarbage();
  await nextTurn();
  const before = await processorTime();
  const figures = await work(setting, count);
  const after = await processorTime();
  return {
    ...figures,
    ...(setting.subscribeMs !== undefined && { subscribeMs: setting.subscribeMs }),
    rendererMs: after.rendererMs - before.rendererMs,
    browserMs: after.browserMs - before.browserMs,
  };
}

/** @returns {Promise<{ rendererMs: number, browserMs: number }>} */
async function processorTime() {
  return (await fetch('/processor')).json();
}

function collectGarbage() {
  /** @type {any} */ (globalThis).gc();
}

/** @template T @param {T[]} list @param {number} by */
function rotated(list, by) {
  return list.map((_, index) => /** @type {T} */ (list[(index + by) % list.length]));
}
