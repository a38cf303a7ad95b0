// @ts-check
/** What the figures were measured on, and how busy it was with other things. */
import { cpus, loadavg, totalmem } from 'node:os';
import { capture } from '../../scripts/run.mjs';
import { EXECUTABLE } from '../../tests/e2e/support/browser.js';

/**
 * @typedef {object} Machine
 * @property {string} time
 * @property {string} processor
 * @property {number} cores
 * @property {number} memoryGiB
 * @property {number} load of the last minute: how many processes wanted a core
 * @property {Record<string, string>} versions
 */

/** @returns {Promise<Machine>} */
export async function machine() {
  const list = cpus();
  return {
    time: new Date().toISOString(),
    processor: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Math.round(100 * (loadavg()[0] ?? 0)) / 100,
    versions: {
      node: process.versions.node,
      chromium: await versionOf(EXECUTABLE, '--version'),
      mosquitto: await versionOf('mosquitto', '-h'),
      rustc: await versionOf('rustc', '--version'),
    },
  };
}

/** @param {string} command @param {string} option */
async function versionOf(command, option) {
  const { output } = await capture(command, [option]);
  return /\d+(\.\d+)+/.exec(output)?.[0] ?? 'unknown';
}
