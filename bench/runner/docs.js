// @ts-check
/** Writes figures into `docs/`, between the markers of its pages, and pictures beside them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root } from '../../scripts/run.mjs';
import { svg } from './plot.js';
import { markdown } from './tables.js';

/** @typedef {import('./growth.js').Growth} Growth */
/** @typedef {import('./tables.js').Table} Table */

/** Each section is in one of them. */
const PAGES = ['docs/explanation/performance.md', 'docs/contributing/targets.md'];
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
 * @param {string[]} [pages]
 */
export function writeTables(sections, machine, pages = PAGES) {
  const contents = Object.entries(sections).map(
    ([name, list]) => /** @type {const} */ ([name, list.map(markdown).join('\n\n')]),
  );
  for (const [name, content] of [['machine', machineWords(machine)], ...contents]) {
    const path = pages.find((one) => read(one).includes(marker(name)));
    if (path === undefined) throw new Problem(`${pages.join(' and ')} have no ${marker(name)}`);
    writeFileSync(join(root, path), replaced(read(path), name, content));
  }
}

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');

/** Where a section begins. @param {string} name */
const marker = (name) => `<!-- bench:${name} -->`;

/** @param {string} page @param {string} name @param {string} content */
export function replaced(page, name, content) {
  const [start, end] = [marker(name), `<!-- /bench:${name} -->`];
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Problem(`The page has no ${start} … ${end}`);
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
