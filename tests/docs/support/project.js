// @ts-check
/** Samples of the pages as files of a project, which uses what `npm run build` made and a broker of the tests. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../../scripts/run.mjs';

/**
 * @typedef {object} Places what the addresses of the samples stand for
 * @property {string} ws instead of `ws://localhost:8083/mqtt`
 * @property {string} [pages] instead of `http://localhost:8000`
 */

/** What a sample should print. @param {import('./pages.js').Block} block */
export const printedBy = ({ run }) => /\bprints "([^"]+)"/.exec(run)?.[1] ?? '';

/** The name that a sample has in its project. @param {import('./pages.js').Block} block */
export const fileOf = ({ run }) => / as ([\w./-]+)/.exec(run)?.[1] ?? '';

/** @param {string} code @param {Places} places */
export function placed(code, { ws, pages = 'http://localhost:8000' }) {
  return code.replaceAll('ws://localhost:8083/mqtt', ws).replaceAll('http://localhost:8000', pages);
}

/**
 * A new folder with these files, and `dist` and npm packages as the repository has them.
 *
 * @param {Record<string, string>} files
 */
export function makeProject(files) {
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-docs-'));
  symlinkSync(join(root, 'dist'), join(folder, 'dist'));
  symlinkSync(join(root, 'tests', 'node_modules'), join(folder, 'node_modules'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return {
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
