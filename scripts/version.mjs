// @ts-check
/** How a build is named, so that a report can say which one it is about: `0.1.0+1a2b3c4d`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, root } from './run.mjs';

/** Cargo.toml has the same one: `tests/lint/version.test.js`. @type {string} */
export const VERSION = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** As many digits of the commit as two of this project never share; git's own number grows with the clone. */
const DIGITS = 8;
const DIRTY = '-dirty';

/**
 * The version, and the commit that the sources are, with `-dirty` where they differ from it. Sources that are no
 * clone, as those from an archive, have the version only.
 *
 * @param {string} [folder] of the sources
 */
export async function buildName(folder = root) {
  const commit = await git(folder, 'rev-parse', '--verify', 'HEAD');
  // A clone of something else may lie around them.
  const within = await git(folder, 'rev-parse', '--show-prefix');
  const changes = await git(folder, 'status', '--porcelain');
  if (!commit || within !== '' || changes === undefined) return VERSION;
  return `${VERSION}+${commit.slice(0, DIGITS)}${changes === '' ? '' : DIRTY}`;
}

/**
 * What git answers; `undefined` where it is missing, or has nothing to say of this folder.
 *
 * @param {string} folder
 * @param {string[]} args
 */
async function git(folder, ...args) {
  // A hook of git names a repository, which need not be the one of this folder.
  const env = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_OPTIONAL_LOCKS: '0' };
  const { code, stdout } = await capture('git', args, { cwd: folder, env });
  return code === 0 ? stdout.trim() : undefined;
}
