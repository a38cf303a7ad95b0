// @ts-check
/** `npm run bench`: our client beside others, in one browser, in one run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { Problem, main, root, say, step } from '../scripts/run.mjs';
import { ensurePeers } from '../scripts/system.mjs';
import { ensurePackages } from '../scripts/tools.mjs';
import { classTable, measureClass } from './runner/class.js';
import { LABELS } from './runner/clients.js';
import { FULL, QUICK } from './runner/extent.js';
import { drawGrowth, writeTables } from './runner/docs.js';
import { buildPeer } from './runner/peer.js';
import { countInstructions, measureGrowth, measureHats } from './runner/growth.js';
import { buildMqtt5Wasm } from './runner/mqtt5-wasm.js';
import { failures, tables } from './runner/report.js';
import { sizes } from './runner/sizes.js';
import { summarize } from './runner/summary.js';
import { describe, markdown } from './runner/tables.js';
import { verdicts } from './runner/targets.js';
import { GROUPS } from './runner/works.js';

/** @typedef {import('./runner/targets.js').Findings} Findings */

const RESULTS = join(root, 'bench', 'results', 'latest.json');
const DISTRICT = ['docs/operators/district.md'];
const USUAL = [...Object.keys(GROUPS), 'sizes', 'scratch'];
const NAMES = [...USUAL, 'growth'];
/** Needs no client of ours, and no browser. */
const CLASS = 'class';
/** Needs no browser. */
const CLUSTER = 'cluster';

const HELP = `npm run bench -- [options] [works]

Measures our client beside others, in one browser, in one run. It compiles first, and then takes about 10 minutes;
let the computer do nothing else meanwhile. Press Ctrl+C to stop. The works are
  ${USUAL.join(', ')}
and, by name only:
  growth              how the cost grows; draws docs/images/performance-*.svg
  class               what a class costs its broker, beside mosquitto
  cluster             NATS and RabbitMQ with three servers each, of which one is killed; three minutes

  --quick             fewer repetitions, less steady
  --clients A,B       only these: ${Object.keys(LABELS).join(', ')}
  --write-docs        all of it, and writes the tables of docs/explanation/performance.md; with cluster alone that of
                      docs/operators/district.md
  --help              this text

  npm run bench -- publish receive --clients ours,mqttjs
  npm run bench -- --quick class`;

await main(async () => {
  const asked = requests(process.argv.slice(2));
  if (asked === 'help') {
    say(HELP);
    return;
  }
  const { names, clients, extent, isForDocs } = asked;
  if (names.includes(CLASS)) {
    say(
      `\n${classTable(await step('A class', (detail) => measureClass(extent.classSeconds, detail)))}`,
    );
    if (names.length === 1) return;
  }
  await ensurePeers();
  await ensurePackages('tests');
  if (names.includes(CLUSTER)) {
    await build();
    // Only now: it needs what was built.
    const { measureCluster } = await import('./runner/cluster.js');
    const table = await step('Clusters', (detail) => measureCluster(extent.seconds, detail));
    say(`\n${markdown(table)}`);
    if (names.length === 1) {
      const { machine } = await import('./runner/machine.js');
      if (isForDocs) writeTables({ cluster: [table] }, await machine(), DISTRICT);
      return;
    }
  }
  await Promise.all([ensurePackages('bench'), build()]);
  await buildPeer();
  await buildMqtt5Wasm();
  // Only now: they need the packages of tests/.
  const { Bench } = await import('./runner/bench.js');
  const { machine } = await import('./runner/machine.js');
  const { measureScratch } = await import('./runner/scratch.js');
  const bench = await Bench.open();
  try {
    const began = await machine();
    /** @type {Findings} */
    const findings = { results: [] };
    for (const name of names) {
      for (const work of GROUPS[name] ?? []) {
        const taken = {
          ...work,
          clients: work.clients.filter((client) => clients.includes(client)),
          ...(work.most !== undefined && { most: Math.ceil(work.most * extent.share) }),
        };
        await step(describe(work), async () => {
          findings.results.push(summarize(taken, await bench.run(taken, extent)));
        });
      }
      if (name === 'sizes') findings.sizes = sizes();
      if (name === 'scratch') {
        await bench.endBrowser();
        await step('Blocks in Scratch', async (detail) => {
          findings.scratch = await measureScratch(bench.peer, extent, detail);
        });
      }
      if (name === 'growth') {
        await step('How the cost grows', async (detail) => {
          findings.growth = await measureGrowth(bench, extent, detail);
          await bench.endBrowser();
          findings.growth.push(await measureHats(bench.peer, detail));
        });
        findings.growth?.push(await countInstructions());
      }
    }
    report(findings, { began, ended: await machine(), extent }, isForDocs);
  } finally {
    await bench.close();
  }
});

/** @param {string[]} args */
function requests(args) {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const isForDocs = values['write-docs'] === true;
  const names = positionals.length > 0 ? positionals : isForDocs ? NAMES : USUAL;
  const clients = values.clients?.split(',') ?? Object.keys(LABELS);
  refuse(names, [...NAMES, CLASS, CLUSTER], 'work');
  refuse(clients, Object.keys(LABELS), 'client');
  return { names, clients, extent: values.quick ? QUICK : FULL, isForDocs };
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        clients: { type: 'string' },
        'write-docs': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Problem(`${/** @type {Error} */ (error).message}\n\n${HELP}`);
  }
}

/** @param {string[]} given @param {string[]} known @param {string} what */
function refuse(given, known, what) {
  const wrong = given.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new Problem(`There is no ${what} ${wrong}. There are: ${known.join(', ')}`);
}

/**
 * @param {Findings} findings
 * @param {{ began: import('./runner/machine.js').Machine, ended: object, extent: object }} circumstances
 * @param {boolean} isForDocs
 */
function report(findings, circumstances, isForDocs) {
  const targets = verdicts(findings);
  const sections = tables(findings, targets);
  for (const [name, list] of Object.entries(sections)) {
    if (name !== 'targets') for (const table of list) say(`\n${markdown(table)}`);
  }
  for (const table of sections.targets ?? []) say(`\n${markdown(table)}`);
  const met = targets.filter(({ isMet }) => isMet).length;
  say(`\n${met} of ${targets.length} targets met.`);
  mkdirSync(join(root, 'bench', 'results'), { recursive: true });
  writeFileSync(
    RESULTS,
    `${JSON.stringify({ ...circumstances, targets, ...findings }, null, 1)}\n`,
  );
  say(`All figures: ${relative(root, RESULTS)}`);
  if (findings.growth) say(`Drawn in docs/images: ${drawGrowth(findings.growth).join(', ')}`);
  if (isForDocs) writeTables(sections, circumstances.began);
  const failed = failures(findings.results);
  if (failed.length > 0)
    throw new Problem(`Not everything could be measured.\n${failed.join('\n')}`);
}
