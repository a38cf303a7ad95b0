// @ts-check
/** Debian's Chromium without a window, with a new profile that trusts the test's certificate authority. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { trust } from './certificates.js';

export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
];

/**
 * @param {object} options
 * @param {string} options.folder
 * @param {string} options.ca
 * @param {Record<string, string>} options.hosts computers that this one stands in for, with `host:port` for each
 * @param {string[]} [options.flags] more of the browser's
 * @param {string} [options.executable] another program that starts it
 * @param {boolean} [options.collects] whether pages may call the garbage collector, as `gc()`
 * @returns {Promise<import('playwright-core').BrowserContext>} close it to end the browser
 */
export function launchBrowser({
  folder,
  ca,
  hosts,
  flags = [],
  executable = EXECUTABLE,
  collects = false,
}) {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  trust(home, ca);
  const collector = collects ? ['--js-flags=--expose-gc'] : [];
  const rules = Object.entries(hosts).map(([name, place]) => `MAP ${name} ${place}`);
  return chromium
    .launchPersistentContext(join(folder, 'profile'), {
      executablePath: executable,
      headless: true,
      args: [...FLAGS, ...flags, ...collector, `--host-resolver-rules=${rules.join(',')}`],
      env: /** @type {Record<string, string>} */ ({ ...process.env, HOME: home }),
      viewport: { width: 1280, height: 800 },
    })
    .catch((error) => {
      throw new Error(
        `chromium did not start. Install it: sudo apt-get install chromium\n${error.message}`,
      );
    });
}
