// @ts-check
/**
 * Gives a release to others. Every place is asked first whether it has this version: a run that ended in the middle is run
 * again, and what is there stays.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Problem, capture, root, run, say } from '../run.mjs';
import { npm } from '../tools.mjs';
import { VERSION } from '../version.mjs';
import { unpack } from './archive.mjs';

/** GitHub Pages shows it. */
export const SITE_BRANCH = 'gh-pages';
const REMOTE = 'origin';
/** Where GitHub Pages keeps it. */
const DOMAIN = 'CNAME';

/**
 * In this order: what others need comes first, what tells people about it comes last.
 *
 * @param {import('./artifacts.mjs').Release} release
 * @param {string} tag
 */
export async function publish({ artifacts, notes, checksums }, tag) {
  /** @param {string} wanted */
  const ofKind = (wanted) =>
    artifacts.filter(({ kind }) => kind === wanted).map(({ path }) => path);
  for (const path of [...ofKind('npm, for one system'), ...ofKind('npm')]) await publishToNpm(path);
  await publishCrate();
  for (const path of ofKind('site')) await publishSite(path);
  await publishOnGitHub(tag, notes, [...artifacts.map(({ path }) => path), checksums]);
}

/** @param {string} path */
async function publishToNpm(path) {
  const name = basename(path).replace(`-${VERSION}.tgz`, '');
  const package_ = `${name}@${VERSION}`;
  const asked = npm('view', package_, 'dist.integrity');
  const { code, stdout, output } = await capture(asked.command, asked.args);
  const found = stdout.trim();
  if (code !== 0 && !/\bE404\b/.test(output)) throw new Problem(`npm did not answer.\n${output}`);
  if (found === integrityOf(path)) {
    say(`  ${package_} is published already`);
    return;
  }
  if (found !== '') {
    throw new Problem(`${package_} is published already, and is another one. Make a new version.`);
  }
  const { command, args } = npm('publish', path, '--access', 'public', '--ignore-scripts');
  await run(`Publishing ${package_}`, command, args, {
    env: await npmLogin(),
    hint: 'On a computer of your own: npm login. In the workflow: the secret NPM_TOKEN.',
  });
}

/** npm reads a token only from settings that belong to a registry. */
async function npmLogin() {
  const token = process.env.NPM_TOKEN;
  if (!token) return {};
  const { command, args } = npm('config', 'get', 'registry');
  const { host, pathname } = new URL((await capture(command, args)).stdout.trim());
  return { [`npm_config_//${host}${pathname}:_authToken`]: token };
}

/** As npm writes it. @param {string} path */
function integrityOf(path) {
  return `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
}

async function publishCrate() {
  const args = ['publish', '--locked', '--package', 'scratch-mqtt'];
  const { code, output } = await capture('cargo', args);
  if (code === 0) say(`  The crate scratch-mqtt ${VERSION} is published`);
  else if (/already (exists|uploaded)/.test(output)) say('  The crate is published already');
  else throw new Problem(`Publishing the crate failed.\n\n${output}`);
}

/**
 * Writes the site as it is published now into a folder; whether there is one.
 *
 * @param {string} folder
 * @param {string} [clone]
 */
export async function takePublishedSite(folder, clone = root) {
  const parent = await publishedCommit(clone);
  if (parent === undefined) return false;
  await withIndex(async (env) => {
    await git(clone, ['read-tree', parent], env);
    await git(clone, ['checkout-index', '--all', `--prefix=${folder}/`], env);
  });
  return true;
}

/** The newest commit of the site, fetched; `undefined` before the first. @param {string} clone */
async function publishedCommit(clone) {
  const asked = ['ls-remote', '--exit-code', REMOTE, `refs/heads/${SITE_BRANCH}`];
  const { code, stdout, output } = await capture('git', asked, { cwd: clone });
  // There is a repository, and no such branch in it.
  if (code === 2) return undefined;
  if (code !== 0) {
    throw new Problem(
      `Whether an older site is published could not be found out. git says:\n${output.trim()}`,
    );
  }
  await git(clone, ['fetch', '--quiet', '--depth', '1', REMOTE, SITE_BRANCH]);
  return stdout.split('\t')[0];
}

/**
 * Makes one commit more on the branch of the site. Files and branches of the clone stay as they are.
 *
 * @param {string} path The archive.
 * @param {string} [clone]
 */
export async function publishSite(path, clone = root) {
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-site-'));
  try {
    unpack(path, folder);
    const parent = await publishedCommit(clone);
    if (parent !== undefined) await keepDomain(clone, parent, folder);
    const commit = await withIndex(async (env) => {
      const own = ['-c', 'core.autocrlf=false', `--work-tree=${folder}`];
      await git(clone, [...own, 'add', '--all', '--force', '.'], env);
      const tree = await git(clone, ['write-tree'], env);
      if (parent !== undefined && (await git(clone, ['rev-parse', `${parent}^{tree}`])) === tree) {
        return undefined;
      }
      const parents = parent === undefined ? [] : ['-p', parent];
      const who = await git(clone, ['log', '-1', '--format=%an%n%ae']);
      const [name, email] = who.split('\n');
      const people = {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
      };
      return git(clone, ['commit-tree', tree, ...parents, '-m', `Publish ${VERSION}`], people);
    });
    if (commit === undefined) {
      say('  The site is published already');
      return;
    }
    await git(clone, ['push', '--quiet', REMOTE, `${commit}:refs/heads/${SITE_BRANCH}`]);
    say(`  The site is on the branch ${SITE_BRANCH}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The owner writes the name of a domain of their own onto the branch. @param {string} clone @param {string} parent @param {string} folder */
async function keepDomain(clone, parent, folder) {
  const asked = ['show', `${parent}:${DOMAIN}`];
  const { code, stdout } = await capture('git', asked, { cwd: clone });
  if (code === 0) writeFileSync(join(folder, DOMAIN), stdout);
}

/**
 * Lets git work on files that are not those of the clone.
 *
 * @template T
 * @param {(env: Record<string, string>) => Promise<T>} work
 */
async function withIndex(work) {
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-index-'));
  try {
    return await work({ GIT_INDEX_FILE: join(folder, 'index') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The page of the release, for people. It is a draft until every file is there.
 *
 * @param {string} tag
 * @param {string} notes A file.
 * @param {readonly string[]} files
 */
async function publishOnGitHub(tag, notes, files) {
  const { code } = await capture('gh', ['release', 'view', tag]);
  if (code !== 0) {
    const how = ['--verify-tag', '--draft', '--title', tag, '--notes-file', notes];
    await gh(`Writing the page of ${tag}`, ['release', 'create', tag, ...how]);
  }
  await gh(`Uploading ${files.length} files`, ['release', 'upload', tag, '--clobber', ...files]);
  await gh(`Publishing the page of ${tag}`, ['release', 'edit', tag, '--draft=false']);
}

/** @param {string} title @param {string[]} args */
function gh(title, args) {
  return run(title, 'gh', args, {
    hint: 'gh is the command line of GitHub. On a computer of your own: gh auth login',
  });
}

/**
 * @param {string} clone
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [env]
 */
async function git(clone, args, env = {}) {
  const { code, stdout, output } = await capture('git', args, { cwd: clone, env });
  if (code === 0) return stdout.trim();
  throw new Problem(`git ${args.join(' ')} failed:\n\n${output.trim()}`);
}
