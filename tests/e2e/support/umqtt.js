// @ts-check
/** The real umqtt of PyPI, as it is on boards. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePythonPeers, interpreter } from './peers.js';

const E2E = fileURLToPath(new URL('..', import.meta.url));
const PINNED = join(E2E, 'boards', 'umqtt.txt');
/** The folder that holds the package `umqtt`. */
export const umqttFolder = join(E2E, '..', '..', '.cache', 'umqtt');

/** Fetches the pinned modules, unless they are there. */
export function ensureUmqtt() {
  ensurePythonPeers();
  const pinned = fs.readFileSync(PINNED, 'utf8');
  const installed = join(umqttFolder, 'installed.txt');
  if (fs.existsSync(installed) && fs.readFileSync(installed, 'utf8') === pinned) return;
  fs.rmSync(umqttFolder, { recursive: true, force: true });
  fs.mkdirSync(join(umqttFolder, 'umqtt'), { recursive: true });
  for (const requirement of pinned.trim().split('\n')) fetchModule(requirement);
  fs.writeFileSync(installed, pinned);
}

/**
 * pip cannot build such an archive. But before it says so it has checked the hash and unpacked it, and it has to leave
 * what it unpacked.
 *
 * @param {string} requirement with its hash
 */
function fetchModule(requirement) {
  const name = `${/umqtt\.(\w+)/.exec(requirement)?.[1]}.py`;
  const folder = fs.mkdtempSync(join(tmpdir(), 'scratch-mqtt-umqtt-'));
  try {
    const list = join(folder, 'requirements.txt');
    fs.writeFileSync(list, requirement);
    const how = ['--no-clean', '--no-deps', '--no-binary', ':all:', '--require-hashes'];
    const args = ['-m', 'pip', 'download', ...how, '--dest', folder, '--requirement', list];
    const env = { ...process.env, TMPDIR: folder };
    const { stdout, stderr } = spawnSync(interpreter, args, { encoding: 'utf8', env });
    const found = fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .find((path) => basename(path) === name);
    if (!found) throw new Error(`pip did not fetch ${requirement}: ${stdout}${stderr}`);
    fs.copyFileSync(join(folder, found), join(umqttFolder, 'umqtt', name));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
