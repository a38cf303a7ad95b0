// @ts-check
/**
 * `npm run soak`: for minutes or hours, with the limits that brokers, proxies and browsers really have.
 *
 * | variable | default | |
 * |---|---|---|
 * | `SOAK_MINUTES` | 25 | how long |
 * | `SOAK_CLIENTS` | 12 | how many clients have rough links |
 * | `SOAK_SEED` | random | the same one brings the same troubles |
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeCertificates } from '../e2e/support/certificates.js';
import { Cleanup } from '../e2e/support/cleanup.js';
import { startMosquitto } from '../e2e/support/mosquitto.js';
import { Native } from '../e2e/support/native.js';
import { RoughClients } from './rough.js';
import { SilentClients } from './silent.js';

const minutes = Number(process.env.SOAK_MINUTES ?? 25);
const clients = Number(process.env.SOAK_CLIENTS ?? 12);
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 1e9));
/** How often it says how it goes. */
const REPORT_MS = 60_000;

const cleanup = new Cleanup();
process.exitCode = 1;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => cleanup.run().finally(() => process.exit(1)));

try {
  say(`${minutes} minutes, ${clients} clients, seed ${seed}`);
  await soak();
  say('nothing was lost');
  process.exitCode = 0;
} catch (error) {
  say(`FAILED with seed ${seed}:`);
  console.error(error);
} finally {
  await cleanup.run();
}

async function soak() {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-soak-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(folder, ['localhost']);
  const broker = cleanup.add(await startMosquitto({ folder, certificates, logs: 'error' }), (it) =>
    it.stop(),
  );
  const native = cleanup.add(await Native.connect(broker), (it) => it.end());
  // Kept for other tests; here they would be millions.
  native.client.on('message', () => (native.messages.length = 0));
  const rough = new RoughClients({ broker, native, clients, seed });
  const silent = new SilentClients({ broker, native, folder, minutes, seed });
  for (const part of [silent, rough]) {
    cleanup.add(part, (it) => it.end());
    await part.start();
  }

  const end = Date.now() + minutes * 60_000;
  for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
    await pause(Math.min(REPORT_MS, left));
    say(`${rough.report()}; ${await silent.report()}`);
    rough.failEarly();
  }

  await rough.finish();
  say(rough.report());
  await silent.finish();
  say(await silent.report());
}

/** @param {string} text */
function say(text) {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
