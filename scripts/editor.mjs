// @ts-check
/**
 * Fetches the official Scratch editor from npm into `.cache/`: it is AGPL and 17 MB, so it is not
 * part of this repository.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compressFolder } from './compress.mjs';
import { tidy } from './licenses.mjs';
import { NO_NETWORK, Problem, isMain, main, root, run, say, step } from './run.mjs';
import { npm } from './tools.mjs';

/** `www/editor/index.html` names it too. */
export const VERSION = '15.2.0';
export const EDITOR = {
  name: '@scratch/scratch-gui',
  version: VERSION,
  license: 'AGPL-3.0-only',
  integrity:
    'sha512-ZjKknkK6Suh0qtfCgaKNUt2Ilz/j6pWdTn6+Brrb2NLn8iXviccLfiSezAFvXqFqWaOMjac0sMfe8JpKkkOPTg==',
};
/** Whose code is in a script, as its last line says. */
const NOTICES = ['scratch-gui-standalone.js', 'extension-worker.js'].map(
  (script) => `${script}.LICENSE.txt`,
);
/** What the editor page asks for; without the source maps and the build for other bundlers. */
const PARTS = [
  ...['scratch-gui-standalone.js', 'extension-worker.js', 'chunks', 'libraries', 'static'],
  ...NOTICES,
];
/** Whoever passes the editor on passes these on. */
const TERMS = ['LICENSE', 'TRADEMARK'];

const cache = join(root, '.cache');

/** The folder of the unpacked editor. */
export const editorDir = join(cache, `scratch-gui-${VERSION}`);
/** Where the sources of this version are. */
export const EDITOR_SOURCE = `https://github.com/scratchfoundation/scratch-editor/tree/v${VERSION}`;

/** What its owners say about copies of it, and whose code is in it. */
export function editorTerms() {
  return [...TERMS, ...NOTICES].map((name) => tidy(readFileSync(join(editorDir, name), 'utf8')));
}

/** Fetches the editor unless it is there. */
export async function ensureEditor() {
  await fetchEditor();
  await compressFolder(editorDir);
}

async function fetchEditor() {
  if ([...PARTS, ...TERMS].every((part) => existsSync(join(editorDir, part)))) return;
  const packed = join(cache, 'scratch-gui');
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed, { recursive: true });
  const { command, args } = npm(
    'pack',
    `${EDITOR.name}@${VERSION}`,
    '--silent',
    '--pack-destination',
    packed,
  );
  await run('Fetching the Scratch editor (150 MB)', command, args, {
    hint: NO_NETWORK,
  });
  const file = join(packed, `scratch-scratch-gui-${VERSION}.tgz`);
  await step('Checking the Scratch editor', () => checkIntegrity(file));
  const members = [
    ...PARTS.map((part) => `package/dist/${part}`),
    ...TERMS.map((name) => `package/${name}`),
  ];
  await run('Unpacking the Scratch editor', 'tar', [
    ...['-xzf', file, '-C', packed, '--exclude', '*.map'],
    ...members,
  ]);
  for (const name of TERMS) {
    renameSync(join(packed, 'package', name), join(packed, 'package', 'dist', name));
  }
  rmSync(editorDir, { recursive: true, force: true });
  renameSync(join(packed, 'package', 'dist'), editorDir);
  rmSync(packed, { recursive: true, force: true });
}

/** @param {string} file */
async function checkIntegrity(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (`sha512-${hash.digest('base64')}` === EDITOR.integrity) return;
  rmSync(file);
  throw new Problem(
    `What npm gave as ${EDITOR.name}@${VERSION} is not what was published. ` +
      'Run it again; if it stays so, do not trust the network or the registry in use.',
  );
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await ensureEditor();
    say(`The Scratch editor is in ${editorDir}`);
  });
}
