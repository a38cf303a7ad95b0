// @ts-check
/**
 * `npm run bench`: our client beside others, in one browser, in one run.
 *
 * ```sh
 * npm run bench                          # everything
 * npm run bench -- publish latency       # some of it
 * npm run bench -- --quick               # fewer repetitions, less steady
 * npm run bench -- --clients ours,mqttjs # only these
 * ```
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { Problem, main, root, say, step } from '../scripts/run.mjs';
import { ensurePeers } from '../scripts/system.mjs';
import { ensurePackages } from '../scripts/tools.mjs';
import { LABELS } from './runner/clients.js';
import { FULL, QUICK } from './runner/extent.js';
import { buildFarSide } from './runner/far-side.js';
import { machine } from './runner/machine.js';
import { buildMqtt5Wasm } from './runner/mqtt5-wasm.js';
import { summarize } from './runner/summary.js';
import { describe, digits, markdown, short, sideBySide } from './runner/tables.js';
import { GROUPS } from './runner/works.js';

/** @typedef {import('./runner/summary.js').Result} Result */

const RESULTS = join(root, 'bench', 'results', 'latest.json');

await main(async () => {
  const { groups, clients, extent } = wishes();
  await ensurePeers();
  await ensurePackages('tests');
  await Promise.all([ensurePackages('bench'), build()]);
  await buildFarSide();
  await buildMqtt5Wasm();
  // Only now: it needs the packages of tests/.
  const { Bench } = await import('./runner/bench.js');
  const bench = await Bench.open();
  try {
    const before = await machine();
    /** @type {Result[]} */
    const results = [];
    for (const group of groups) {
      for (const work of GROUPS[group] ?? []) {
        const taking = work.clients.filter((name) => clients.includes(name));
        await step(describe(work), async () => {
          const trials = await bench.run({ ...work, clients: taking }, extent);
          results.push(summarize(work, trials));
        });
      }
    }
    tell(results);
    save({ began: before, ended: await machine(), extent, results });
  } finally {
    await bench.close();
  }
});

function wishes() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, clients: { type: 'string' } },
  });
  const groups = positionals.length > 0 ? positionals : Object.keys(GROUPS);
  const clients = values.clients?.split(',') ?? Object.keys(LABELS);
  refuse(groups, Object.keys(GROUPS), 'work');
  refuse(clients, Object.keys(LABELS), 'client');
  return { groups, clients, extent: values.quick ? QUICK : FULL };
}

/** @param {string[]} given @param {string[]} known @param {string} what */
function refuse(given, known, what) {
  const wrong = given.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new Problem(`There is no ${what} ${wrong}. There are: ${known.join(', ')}`);
}

/** @param {Result[]} results */
function tell(results) {
  const trips = results.filter(({ work }) => work.kind === 'round-trip');
  const connects = results.filter(({ work }) => work.kind === 'connect');
  const others = results.filter(({ work }) => !['round-trip', 'connect'].includes(work.kind));
  const ms = (/** @type {number} */ value) => digits(value);
  const tables = [
    sideBySide('Messages in a second', others, ({ perSecond }) => perSecond, short),
    sideBySide('Processor time of the page for each message, µs', others, rendererUs, digits),
    sideBySide('Round trip, median, ms', trips, ({ p50 }) => p50, ms),
    sideBySide('Round trip, 99 of 100, ms', trips, ({ p99 }) => p99, ms),
    sideBySide('Connecting, ms', connects, (summary) => summary.ms, ms),
  ];
  for (const table of tables) if (table.rows.length > 0) say(`\n${markdown(table)}`);
}

/** @param {import('./runner/summary.js').Summary} summary */
function rendererUs(summary) {
  return summary.rendererUs;
}

/** @param {unknown} value */
function save(value) {
  mkdirSync(join(root, 'bench', 'results'), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(value, null, 1)}\n`);
  say(`\nAll figures: ${RESULTS}`);
}
