// @ts-check
/** A broker, a client of it and a browser, for tests that bring their own pages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from './browser.js';
import { makeCertificates } from './certificates.js';
import { Cleanup } from './cleanup.js';
import { startMosquitto } from './mosquitto.js';
import { Native } from './native.js';

/**
 * @param {string} name of what is tested
 * @param {{ collects?: boolean, hosts?: Record<string, string>, names?: string[] }} [options] of the browser; `names`: of
 *   computers that the certificate is for too
 */
export async function openSmallBench(name, { names = [], ...options } = {}) {
  const cleanup = new Cleanup();
  try {
    const folder = cleanup.add(mkdtempSync(join(tmpdir(), `scratch-mqtt-${name}-`)), (path) =>
      rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
    );
    const certificates = makeCertificates(join(folder, 'certificates'), ['localhost', ...names]);
    const broker = cleanup.add(
      await startMosquitto({ folder: join(folder, 'broker'), certificates }),
      (it) => it.stop(),
    );
    const native = cleanup.add(await Native.connect(broker), (it) => it.end());
    const browser = cleanup.add(
      await launchBrowser({ folder, ca: certificates.ca, hosts: {}, ...options }),
      (it) => it.close(),
    );
    return { folder, broker, native, browser, certificates, cleanup };
  } catch (failure) {
    await cleanup.run();
    throw failure;
  }
}

/** @typedef {Awaited<ReturnType<typeof openSmallBench>>} SmallBench */
