// @ts-check
/** `dist/practice.js`: the broker that runs in a worker of the browser, with its libraries and their licenses. */
import { join } from 'node:path';
import { packagesNamed } from './packages.mjs';
import { root } from './run.mjs';

const FOLDER = join(root, 'extension', 'practice', 'worker');

/** What these libraries expect of Node. @type {Record<string, string>} */
const OF_NODE = {
  assert: join(FOLDER, 'assert.cjs'),
  debug: join(FOLDER, 'debug.cjs'),
  'node:buffer': 'buffer',
  'node:crypto': join(FOLDER, 'globals.js'),
  'node:events': 'events',
  'node:stream': 'readable-stream',
  'node:util': join(FOLDER, 'util.cjs'),
  stream: 'readable-stream',
  util: join(FOLDER, 'util.cjs'),
};

/** readable-stream asks for it with a slash, which no alias may have. @type {import('esbuild').Plugin} */
const processOfNode = {
  name: 'process',
  setup({ onResolve }) {
    onResolve({ filter: /^process\/$/ }, () => ({ path: join(FOLDER, 'globals.js') }));
  },
};

/**
 * @param {(options: import('esbuild').BuildOptions) => Promise<{ text: string, packages: string[] }>} bundled
 * @returns {Promise<{ text: string, packages: string[] }>} the script, and whose code is in it
 */
export async function practiceScript(bundled) {
  const { text, packages } = await bundled({
    entryPoints: [join(FOLDER, 'worker.js')],
    format: 'iife',
    alias: OF_NODE,
    inject: [join(FOLDER, 'globals.js')],
    define: { global: 'globalThis' },
    plugins: [processOfNode],
  });
  return { text: text + licensesOf(packages), packages };
}

/** Within the script too, which is copied alone where a page needs no other. @param {string[]} packages */
function licensesOf(packages) {
  const texts = packagesNamed(packages).map(({ name, texts: own }) => [name, ...own].join('\n\n'));
  return `/*! ${texts
    .join('\n\n')
    .replaceAll('*/', '* /')
    .replace(/[^\x20-\x7e\n]/g, '?')}\n*/\n`;
}
