// @ts-check
/** Chromium without a window and without a debugger, and the processor time that it has used. */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXECUTABLE, FLAGS } from '../../tests/e2e/support/browser.js';
import { Program } from '../../tests/e2e/support/programs.js';

const MORE_FLAGS = [
  '--headless',
  '--js-flags=--expose-gc',
  '--enable-precise-memory-info',
  // A spare renderer would cost processor time that no client asked for.
  '--disable-features=SpareRendererForSitePerProcess',
  // A page that is not looked at is slowed down.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
];

export class Chromium {
  #program;

  /** @param {string} folder for its profile @param {string} url that it opens */
  constructor(folder, url) {
    const home = join(folder, 'home');
    mkdirSync(home, { recursive: true });
    const profile = `--user-data-dir=${join(folder, 'profile')}`;
    const env = { ...process.env, HOME: home };
    this.#program = new Program(EXECUTABLE, [...FLAGS, ...MORE_FLAGS, profile, url], { env });
  }

  get isRunning() {
    return this.#program.isRunning;
  }

  /** What it has written: why it ended, if it has. */
  get output() {
    return this.#program.output;
  }

  /** Processor time in milliseconds: of the renderers, of which only one works at a time, and of everything. */
  processorTime() {
    let rendererMs = 0;
    let browserMs = 0;
    for (const { pid, isRenderer } of family(this.#program.pid)) {
      const ms = nanosecondsOf(pid) / 1e6;
      browserMs += ms;
      if (isRenderer) rendererMs += ms;
    }
    return { rendererMs, browserMs };
  }

  /** Bytes of the renderers that are not shared with another process. */
  memoryBytes() {
    let bytes = 0;
    for (const { pid, isRenderer } of family(this.#program.pid)) {
      if (isRenderer) bytes += privateBytesOf(pid);
    }
    return bytes;
  }

  end() {
    return this.#program.end();
  }
}

/** @param {number} ancestor @returns {{ pid: number, isRenderer: boolean }[]} the process and all below it */
function family(ancestor) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  /** @param {number} pid @returns {number[]} */
  const below = (pid) => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(ancestor).map((pid) => ({
    pid,
    isRenderer: read(`/proc/${pid}/cmdline`).includes('--type=renderer'),
  }));
}

/** @param {number} pid */
function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  // The name in front may hold spaces and brackets.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** The sum over its threads: the scheduler counts nanoseconds where `stat` counts hundredths. @param {number} pid */
function nanosecondsOf(pid) {
  let sum = 0;
  for (const thread of list(`/proc/${pid}/task`)) {
    sum += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  }
  return sum;
}

/** @param {number} pid */
function privateBytesOf(pid) {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const found = [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)];
  return found.reduce((sum, [, kilobytes]) => sum + 1024 * Number(kilobytes), 0);
}

/** @param {string} path of a process that may have ended @returns {string} */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} path @returns {string[]} */
function list(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
