// @ts-check
/** The local broker behind `npm start`: a native program, built from `server/`. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Problem, root, run, start, stop } from './run.mjs';

const targetDir = join(root, 'target');
const name = process.platform === 'win32' ? 'scratch-mqtt-server.exe' : 'scratch-mqtt-server';

/** Builds the broker; quick when nothing changed. */
export async function buildBroker() {
  const args = ['build', '--locked', '--package', 'scratch-mqtt-server', '--profile', 'server'];
  await run('Compiling the local broker', 'cargo', [...args, '--target-dir', targetDir], {
    env: { CARGO_TERM_COLOR: 'never' },
    hint: 'If a linker or compiler is missing: apt install build-essential',
  });
}

/**
 * Starts the broker and waits until it listens.
 *
 * @param {object} options
 * @param {string} options.host
 * @param {number} options.tcpPort 0: any free one.
 * @param {number} options.webSocketPort 0: any free one.
 * @returns {Promise<{ tcpPort: number, webSocketPort: number, ended: Promise<void>, stop(): void }>}
 */
export function startBroker({ host, tcpPort, webSocketPort }) {
  const program = join(targetDir, 'server', name);
  const child = start(program, [`${host}:${tcpPort}`, `${host}:${webSocketPort}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', () => resolve(undefined)));
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Problem(`The broker did not start: ${error.message}`)),
    );
    ended.then(() => reject(new Problem(`The broker did not start: ${complaint.trim()}`)));
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) }).once(
      'line',
      (line) => {
        const [tcp, webSocket] = line.split(' ').slice(1).map(portOf);
        if (tcp === undefined || webSocket === undefined) return;
        resolve({ tcpPort: tcp, webSocketPort: webSocket, ended, stop: () => stop(child) });
      },
    );
  });
}

/** @param {string} address */
function portOf(address) {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
