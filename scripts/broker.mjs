// @ts-check
/** The program behind `npm start`, built from `server/`: the local broker, and the pages. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { remapped } from './build-core.mjs';
import { editorDir } from './editor.mjs';
import { Problem, root, run, start, stop } from './run.mjs';

const targetDir = join(root, 'target');

/** Where a profile of Cargo.toml builds the program. @param {string} profile @param {string} [target] For another system. */
function builtBy(profile, target = '') {
  const isForWindows = target === '' ? process.platform === 'win32' : target.includes('windows');
  return join(targetDir, target, profile, `scratch-mqtt-server${isForWindows ? '.exe' : ''}`);
}

/** The program that is built. */
export const program = builtBy('server');

/** How much is kept of what the program says, in characters. */
const MOST_COMPLAINT = 10_000;

/** Builds the broker; quick when nothing changed. */
export async function buildBroker() {
  await compileServer('Compiling the local broker', 'server');
}

/**
 * @param {string} title
 * @param {string} profile One of Cargo.toml.
 * @param {{ more?: string[], env?: Record<string, string | undefined>, target?: string }} [options] For cargo; `target` is another system.
 * @returns {Promise<string>} the program
 */
export async function compileServer(title, profile, { more = [], env, target } = {}) {
  const place = target === undefined ? [] : ['--target', target];
  const args = ['build', '--locked', '--package', 'scratch-mqtt-server', '--profile', profile];
  await run(title, 'cargo', [...args, '--target-dir', targetDir, ...place, ...more], {
    env: { CARGO_TERM_COLOR: 'never', ...serverFlags(target), ...env },
    hint: `If a linker or compiler is missing: apt install ${compilers(target)}`,
  });
  return builtBy(profile, target);
}

/**
 * What cargo gives to `rustc` for every build of the program, so that they share what they can. For another system it
 * adds to what `.cargo/config.toml` has for that; `RUSTFLAGS` would replace it.
 *
 * @param {string} [target]
 * @returns {Record<string, string | undefined>}
 */
export function serverFlags(target) {
  if (target === undefined) return { RUSTFLAGS: remapped() };
  const name = `CARGO_TARGET_${target.replaceAll('-', '_').toUpperCase()}_RUSTFLAGS`;
  return { RUSTFLAGS: undefined, [name]: remapped() };
}

/** @param {string} [target] */
function compilers(target) {
  return target?.endsWith('windows-gnu') ? 'gcc-mingw-w64-x86-64' : 'build-essential';
}

/**
 * @typedef {object} Broker
 * @property {number} tcpPort
 * @property {number} webSocketPort
 * @property {number} pagesPort 0 without pages
 * @property {number} pid
 * @property {Promise<void>} ended
 * @property {() => void} stop
 */

/**
 * Starts the broker, and the pages where a port is given for them, and waits until all listen.
 *
 * @param {object} options
 * @param {string} options.host
 * @param {number} options.tcpPort 0: any free one.
 * @param {number} options.webSocketPort 0: any free one.
 * @param {number} [options.pagesPort] 0: any free one. The pages, and `/mqtt` over WebSocket.
 * @param {string} [options.store] A folder for sessions and messages, until the lesson ends; else they are in memory.
 * @param {string} [options.file] Another build of the program.
 * @param {string[]} [options.more] Further options of the program, as `server/src/options.rs` has them.
 * @param {(line: string) => void} [options.onnotice] Called with what it says while it runs.
 * @returns {Promise<Broker>}
 */
export function startBroker(options) {
  const { host, tcpPort, webSocketPort, pagesPort, store, more = [], onnotice } = options;
  const { file = program } = options;
  /** @param {number} port */
  const at = (port) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const pages = ['--pages', at(pagesPort ?? 0), '--root', root, '--editor', editorDir];
  const kept = store === undefined ? [] : ['--store', store];
  const args = [
    at(tcpPort),
    at(webSocketPort),
    // Tests and measurements publish faster than a class; what `npm start` says comes later, and counts.
    ...['--messages-per-second', '0'],
    ...(pagesPort === undefined ? [] : pages),
    ...kept,
    ...more,
  ];
  const child = start(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', () => resolve(undefined)));
  let complaint = '';
  linesOf(child.stderr).on('line', (line) => {
    complaint = `${complaint}${line}\n`.slice(-MOST_COMPLAINT);
    onnotice?.(line);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Problem(`The broker did not start: ${error.message}`)),
    );
    ended.then(() => reject(new Problem(`The broker did not start: ${complaint.trim()}`)));
    linesOf(child.stdout).once('line', (line) => {
      const [tcp, webSocket, http = 0] = line.split(' ').slice(1).map(portOf);
      if (tcp === undefined || webSocket === undefined) return;
      const ports = { tcpPort: tcp, webSocketPort: webSocket, pagesPort: http };
      resolve({ ...ports, pid: child.pid ?? 0, ended, stop: () => stop(child) });
    });
  });
}

/** @param {import('node:stream').Readable | null} stream */
function linesOf(stream) {
  return createInterface({ input: /** @type {import('node:stream').Readable} */ (stream) });
}

/** @param {string} address */
function portOf(address) {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
