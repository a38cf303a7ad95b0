// @ts-check
/** Debian's Firefox without a window, over WebDriver BiDi, with a new profile. */
import { mkdirSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

export const EXECUTABLE = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** What would reach for the network at the start. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
};

/**
 * @param {{ folder: string }} options
 * @returns {Promise<import('./page.js').Engine>}
 */
export async function launchFirefox({ folder }) {
  mkdirSync(folder, { recursive: true });
  const browser = await puppeteer
    .launch({
      browser: 'firefox',
      executablePath: EXECUTABLE,
      headless: true,
      acceptInsecureCerts: true,
      extraPrefsFirefox: PREFERENCES,
      env: { ...process.env, HOME: folder },
    })
    .catch((error) => {
      throw new Error(
        `firefox-esr did not start. Install it: sudo apt-get install firefox-esr\n${error.message}`,
      );
    });
  return {
    name: 'Firefox',
    newPage: async () => /** @type {any} */ (await browser.newPage()),
    newHiddenPage: async () => {
      const page = await browser.newPage();
      const front = await browser.newPage();
      await front.bringToFront();
      return /** @type {any} */ (page);
    },
    close: () => browser.close(),
  };
}
