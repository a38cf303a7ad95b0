// @ts-check
/** Writes figures into `docs/explanation/performance.md`, between its markers, and pictures beside it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root } from '../../scripts/run.mjs';
import { svg } from './plot.js';
import { markdown } from './tables.js';

/** @typedef {import('./growth.js').Growth} Growth */
/** @typedef {import('./tables.js').Table} Table */

const PAGE = join(root, 'docs', 'explanation', 'performance.md');
const IMAGES = join(root, 'docs', 'images');

/** @param {Growth[]} growth @returns {string[]} the files' names */
export function drawGrowth(growth) {
  return growth.map((chart) => {
    const name = `performance-${chart.id}.svg`;
    writeFileSync(join(IMAGES, name), svg(chart));
    return name;
  });
}

/**
 * Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 *
 * @param {Record<string, Table[]>} sections
 * @param {import('./machine.js').Machine} machine
 */
export function writeTables(sections, machine) {
  let page = readFileSync(PAGE, 'utf8');
  page = replaced(page, 'machine', machineWords(machine));
  for (const [name, list] of Object.entries(sections)) {
    page = replaced(page, name, list.map(markdown).join('\n\n'));
  }
  writeFileSync(PAGE, page);
}

/** @param {string} page @param {string} name @param {string} content */
export function replaced(page, name, content) {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from)
    throw new Problem(`docs/explanation/performance.md has no ${start} … ${end}`);
  return `${page.slice(0, from)}${start}\n\n${content}\n\n${page.slice(to)}`;
}

/** @param {import('./machine.js').Machine} machine */
function machineWords({ time, processor, cores, memoryGiB, load, versions }) {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return (
    `${time.slice(0, 10)}, ${cores} cores (${processor}), ${memoryGiB} GiB; ` +
    `${programs.join(', ')}. Load of the last minute before: ${load}.`
  );
}
