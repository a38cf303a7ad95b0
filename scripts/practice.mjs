// @ts-check
/** `dist/practice.js`: the broker that runs in a worker of the browser, with its libraries and their licenses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licensesIn } from './licenses.mjs';
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
 * @param {(options: import('esbuild').BuildOptions) => Promise<import('esbuild').BuildResult>} bundle
 * @returns {Promise<string>}
 */
export async function practiceScript(bundle) {
  const { outputFiles, metafile } = await bundle({
    entryPoints: [join(FOLDER, 'worker.js')],
    format: 'iife',
    alias: OF_NODE,
    inject: [join(FOLDER, 'globals.js')],
    define: { global: 'globalThis' },
    plugins: [processOfNode],
    metafile: true,
  });
  return (outputFiles?.[0]?.text ?? '') + licensesOf(Object.keys(metafile?.inputs ?? {}));
}

/** The licenses of the packages of which something is in the script. @param {string[]} inputs */
function licensesOf(inputs) {
  const packages = inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const names = [...new Set(packages)].filter((name) => name !== undefined).sort();
  const texts = names.map((name) => `${name}\n\n${licenseOf(name)}`);
  return `/*! ${texts
    .join('\n\n')
    .replaceAll('*/', '* /')
    .replace(/[^\x20-\x7e\n]/g, '?')}\n*/\n`;
}

/** @param {string} name of a package */
function licenseOf(name) {
  const folder = join(root, 'node_modules', name);
  const texts = licensesIn(folder);
  if (texts) return texts;
  const { license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${license}, ${typeof author === 'string' ? author : (author?.name ?? 'its authors')}`;
}
