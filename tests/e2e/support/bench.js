// @ts-check
/** The real parts that one test file shares: broker, browser, file server; one `close` ends them all. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBroker, startBroker } from '../../../scripts/broker.mjs';
import { ensureEditor } from '../../../scripts/editor.mjs';
import { launchBrowser } from './browser.js';
import { makeCertificates } from './certificates.js';
import { Cleanup } from './cleanup.js';
import { stockEditorPlaces } from './editors/stock-editor.js';
import { turbowarpPlaces } from './editors/turbowarp.js';
import { startMosquitto } from './mosquitto.js';
import { Native } from './native.js';
import { LOOPBACK } from './ports.js';
import { serve } from './serve.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The broker of the connect block as it lies in the palette; the test's broker stands in for it. */
export const PUBLIC_BROKER = 'mqtt.longan.link';
/** Another name of this computer, one that is not known to be local. */
export const BROKER_NAME = 'broker.example';

const EXTENSION = join(ROOT, 'dist', 'mqtt.js');

/**
 * @typedef {object} Bench
 * @property {import('./mosquitto.js').Mosquitto} broker
 * @property {Native} native a client over TCP that is connected to the broker
 * @property {import('playwright-core').BrowserContext} browser
 * @property {import('./certificates.js').Certificates} certificates
 * @property {string} folder of this run, removed at the end
 * @property {string} start where the site of `npm start` is
 * @property {string} extensionUrl on that site
 * @property {string} origin where all other pages are
 * @property {string} secureOrigin the same, over https
 * @property {Cleanup} cleanup what a test adds here is ended with the bench
 */

/** @returns {Promise<Bench>} */
export async function openBench() {
  if (!existsSync(EXTENSION)) throw new Error('dist/mqtt.js is missing: run `npm run build` first');
  await ensureEditor();
  const cleanup = new Cleanup();
  try {
    const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-e2e-')), (path) =>
      rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
    );
    const certificates = makeCertificates(join(folder, 'certificates'), [
      'localhost',
      PUBLIC_BROKER,
      BROKER_NAME,
    ]);
    const broker = cleanup.add(
      await startMosquitto({ folder: join(folder, 'broker'), certificates }),
      (it) => it.stop(),
    );
    const native = cleanup.add(await Native.connect(broker), (it) => it.end());
    const secure = cleanup.add(await serve(otherPages, certificates), (it) => it.close());
    const { origin } = cleanup.add(await serve(otherPages), (it) => it.close());
    const site = cleanup.add(await startSite(broker.ports), (it) => it.stop());
    const start = `http://localhost:${site.pagesPort}`;
    const hosts = { [PUBLIC_BROKER]: `${LOOPBACK}:${broker.ports.wss}`, [BROKER_NAME]: LOOPBACK };
    const browser = cleanup.add(
      await launchBrowser({ folder: join(folder, 'browser'), ca: certificates.ca, hosts }),
      (it) => it.close(),
    );
    return {
      broker,
      native,
      browser,
      certificates,
      folder,
      origin,
      secureOrigin: secure.origin,
      start,
      extensionUrl: `${start}/mqtt.js`,
      cleanup,
    };
  } catch (failure) {
    await cleanup.run();
    throw failure;
  }
}

/**
 * The pages of `npm start`, which send everyone to the test's broker instead of their own.
 *
 * @param {{ tcp: number, ws: number }} broker
 */
async function startSite({ tcp, ws }) {
  await buildBroker();
  const free = { host: LOOPBACK, tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  return startBroker({ ...free, more: ['--other-broker', String(tcp), String(ws)] });
}

/** Hosts other than the official editor, and a page for programs that use `MqttClient`. */
const otherPages = {
  ...turbowarpPlaces,
  ...stockEditorPlaces,
  '/mqtt.js': { file: EXTENSION },
  '/mqtt.mjs': { file: join(ROOT, 'dist', 'mqtt.mjs') },
  '/plugin.js': { file: join(ROOT, 'dist', 'plugin.js') },
  '/iot.js': { file: join(ROOT, 'dist', 'iot.js') },
  '/program': { html: '<!doctype html><title>A program that uses MqttClient</title>' },
};
