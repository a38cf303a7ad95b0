// @ts-check
/**
 * Runs other programs: shows what runs and for how long, keeps their output for when they fail,
 * and ends them with us.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What to do when a program reached no server. */
export const NO_NETWORK =
  'If the network is down, or a proxy is needed, repair that and run it again.';

/** What cargo, rustup and npm say then. */
const UNREACHED =
  /could not resolve host|failed to connect|could not connect|error trying to connect|network failure|\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT)\b/i;

/** Something that the person in front of the screen can do something about; shown without a stack. */
export class Problem extends Error {}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] Default: the repository.
 * @property {Record<string, string | undefined>} [env] Added to our own environment.
 * @property {(line: string) => void} [online] Called with each line that the program prints.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
const windows = process.platform === 'win32';

/**
 * Starts a program that ends when we end, even by Ctrl-C.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { stdio?: import('node:child_process').StdioOptions }} [options]
 */
export function start(command, args, { cwd = root, env, stdio = ['ignore', 'pipe', 'pipe'] } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio,
    // A process group of its own, so that what the program starts is ended with it.
    detached: !windows,
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
  return child;
}

/** Ends what we started, and what that started. */
export function stopChildren() {
  for (const child of children) stop(child);
}

/** @param {import('node:child_process').ChildProcess} child */
export function stop(child) {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    if (windows) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Runs a program to its end and gives back what it printed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, output: string }>} `code` is -1 when the program
 * is not installed.
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, options);
    const all = { stdout: '', output: '' };
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      all.stdout += text;
      keep(text);
    });
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.once('error', () => resolve({ code: -1, ...all }));
    child.once('close', (code) => resolve({ code: code ?? 1, ...all }));

    /** @param {string} text */
    function keep(text) {
      all.output += text;
      for (const line of text.split(/[\r\n]+/)) if (line.trim() !== '') options.online?.(line);
    }
  });
}

/**
 * Runs a program as a step that people see; fails with the program's output.
 *
 * @param {string} title What is done: `Building the core`.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { hint?: string, onfailure?: (output: string) => void }} [options]
 * `hint`: what to do when it fails for another reason than the network.
 */
export function run(title, command, args, options = {}) {
  return step(title, async (detail) => {
    const result = await capture(command, args, { ...options, online: detail });
    if (result.code === 0) return result;
    options.onfailure?.(result.output);
    const why = result.code === -1 ? `${command} is not installed.` : tail(result.output);
    const hint = UNREACHED.test(result.output) ? NO_NETWORK : options.hint;
    throw new Problem([`${title} failed.`, why, hint].filter(Boolean).join('\n\n'));
  });
}

/** @param {string} output */
function tail(output) {
  const lines = output.trimEnd().split('\n');
  const left = lines.length - 400;
  return left > 0
    ? [`(${left} lines left out)`, ...lines.slice(-400)].join('\n')
    : lines.join('\n');
}

/** @typedef {{ title: string, since: number, shown: number, detail: string }} Step */

/** @type {Set<Step>} */
const steps = new Set();
/** @type {NodeJS.Timeout | undefined} */
let clock;
const terminal = process.stdout.isTTY === true;
/** Between two signs of life where there is no terminal, in milliseconds. */
const SIGN_OF_LIFE_MS = 15_000;
const FIRST_SIGN_MS = 1000;
const PARENT_CHECK_MS = 500;

/**
 * Does something that takes long, and shows it: a line that counts the seconds on a terminal,
 * lines after one second, every 15 s and at the end elsewhere.
 *
 * @template T
 * @param {string} title
 * @param {(detail: (text: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const now = Date.now();
  const current = { title, since: now, shown: now - SIGN_OF_LIFE_MS + FIRST_SIGN_MS, detail: '' };
  steps.add(current);
  clock ??= setInterval(tick, terminal ? 200 : 1000);
  tick();
  let ending = 'failed';
  try {
    const result = await work((text) => {
      current.detail = text.trim();
    });
    ending = 'done';
    return result;
  } finally {
    steps.delete(current);
    say(`${ending === 'done' ? '  ' : '! '}${title}: ${ending} after ${seconds(current)}`);
    if (steps.size === 0) {
      clearInterval(clock);
      clock = undefined;
    }
  }
}

/**
 * Prints a line without breaking the one that counts.
 *
 * @param {string} text
 */
export function say(text) {
  if (terminal) process.stdout.write('\r\x1b[K');
  console.log(text);
}

/**
 * Answers `--help`: what the command does, what it waits for, and what to press. Refuses an option that it does not have,
 * which may be one of another command.
 *
 * @param {string} text
 * @param {string[]} [options] that the command has
 */
export function saysHelp(text, options = []) {
  const given = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
  const isAsked = given.some((option) => ['--help', '-h'].includes(option));
  if (isAsked) say(text);
  const wrong = given.find((option) => !options.includes(option));
  if (!isAsked && wrong !== undefined) throw new Problem(`There is no option ${wrong}.\n\n${text}`);
  return isAsked;
}

function tick() {
  if (terminal) return redraw();
  const now = Date.now();
  for (const one of steps) {
    if (now - one.shown < SIGN_OF_LIFE_MS) continue;
    one.shown = now;
    console.log(`  ${one.title}: ${seconds(one)} ${one.detail}`.trimEnd());
  }
}

function redraw() {
  const texts = [...steps].map((one) => `${one.title} ${seconds(one)}`);
  const [only] = steps;
  if (steps.size === 1 && only !== undefined && only.detail !== '') texts.push(only.detail);
  const line = stripVTControlCharacters(`  ${texts.join(' | ')}`);
  process.stdout.write(`\r\x1b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`);
}

/** @param {Step} one */
function seconds(one) {
  return `${((Date.now() - one.since) / 1000).toFixed(Date.now() - one.since < 10_000 ? 1 : 0)} s`;
}

/**
 * The whole path of a program, or `undefined` when it is not installed.
 *
 * @param {string} name
 * @param {string[]} [more] Folders to look in after those of PATH.
 */
export function which(name, more = []) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more];
  const endings = windows ? ['.exe', '.cmd', ''] : [''];
  for (const folder of folders) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (folder !== '' && existsSync(path)) return path;
    }
  }
  return undefined;
}

/**
 * Runs the main function of a script: a `Problem` is a sentence, everything else a stack.
 *
 * @param {() => Promise<void>} work
 */
export async function main(work) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      stopChildren();
      if (terminal) process.stdout.write('\n');
      process.exit(130);
    });
  }
  process.on('exit', stopChildren);
  endWithParent();
  try {
    await work();
  } catch (error) {
    stopChildren();
    if (!(error instanceof Problem)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/** npm that is ended by a signal does not pass it on: whoever lost its parent ends too. */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, PARENT_CHECK_MS);
  watch.unref();
}

/**
 * Whether this module is the one that was started, and not imported by another.
 *
 * @param {string} url The module's `import.meta.url`.
 */
export function isMain(url) {
  return process.argv[1] !== undefined && fileURLToPath(url) === process.argv[1];
}
