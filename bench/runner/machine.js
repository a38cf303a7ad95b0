// @ts-check
/** What the figures were measured on, and how busy it was with other things. */
import { cpus, loadavg, totalmem } from 'node:os';
import { capture } from '../../scripts/run.mjs';
import { EXECUTABLE } from '../../tests/e2e/support/browser.js';

/** @returns {Promise<{ time: string, processor: string, cores: number, memoryGiB: number, load: number, versions: Record<string, string> }>} */
export async function machine() {
  const list = cpus();
  return {
    time: new Date().toISOString(),
    processor: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    /** Of the last minute: processes that wanted a core. */
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
