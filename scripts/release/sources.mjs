// @ts-check
/** Whether the sources are a state that may be given to others under the version that they name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, capture, root } from '../run.mjs';
import { VERSION } from '../version.mjs';

/**
 * @typedef {object} Sources
 * @property {Record<string, string | undefined>} versions By the file that says it.
 * @property {readonly string[]} changes Files that differ from the commit.
 * @property {readonly string[]} tags Of the commit, those that look like a version.
 * @property {string} changelog
 * @property {Record<string, unknown>} repositories Where the sources are, by the file that says it to those who get the packages.
 */

/** @returns {Promise<Sources>} */
export async function readSources() {
  const changes = await git('status', '--porcelain');
  const tags = await git('tag', '--points-at', 'HEAD', '--list', 'v[0-9]*');
  return {
    versions: versionsNamed(),
    changes: changes.split('\n').filter(Boolean),
    tags: tags.split('\n').filter(Boolean),
    changelog: read('CHANGELOG.md'),
    repositories: {
      'Cargo.toml': found('Cargo.toml', /^repository = "(.*)"/m),
      'package.json': JSON.parse(read('package.json')).repository,
    },
  };
}

/** Every place that says the version. */
export function versionsNamed() {
  const lock = JSON.parse(read('package-lock.json'));
  return {
    'Cargo.toml': found('Cargo.toml', /^\[workspace\.package\]\n(?:#.*\n)*version = "(.*)"/m),
    'Cargo.lock': found('Cargo.lock', /^name = "scratch-mqtt"\nversion = "(.*)"/m),
    'package-lock.json': lock.version,
    'package-lock.json, packages': lock.packages[''].version,
  };
}

/**
 * What has to be done before these sources may be released, as sentences.
 *
 * @param {Sources} sources
 * @param {string} [version]
 */
export function problemsOf(
  { versions, changes, tags, changelog, repositories },
  version = VERSION,
) {
  const tag = tagOf(version);
  const sentences = Object.entries(versions)
    .filter(([, other]) => other !== version)
    .map(([file, other]) => `${file} says ${other}, package.json ${version}. Change both.`);
  for (const other of tags.filter((one) => one !== tag)) {
    sentences.push(
      `The tag ${other} does not fit: package.json says ${version}. ` +
        `Remove the tag, give the version to package.json and Cargo.toml, and tag that commit.`,
    );
  }
  if (changes.length > 0) {
    const list = changes.map((line) => `  ${line}`).join('\n');
    sentences.push(`Files differ from the commit. Commit them, or put them away:\n${list}`);
  }
  return {
    /** Nothing is built with them. */
    always: sentences,
    /** Nothing is published with them. */
    publishing: [
      !tags.includes(tag) && `The commit has no tag. Run: git tag ${tag}`,
      notesOf(changelog, version) === undefined &&
        `CHANGELOG.md has nothing on ${version}. Give "Unreleased" that version and the date: ## ${version} (2027-01-31)`,
      ...Object.entries(repositories)
        .filter(([, place]) => !place)
        .map(([file]) => `${file} does not say where the sources are: it has no repository.`),
    ].filter((sentence) => sentence !== false),
  };
}

/** @param {string} version */
export const tagOf = (version) => `v${version}`;

/**
 * What the change log says of a version.
 *
 * @param {string} changelog
 * @param {string} version Or `Unreleased`.
 */
export function notesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((one) => /^\S+/.exec(one)?.[0] === version);
  return section?.slice(section.indexOf('\n')).trim();
}

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
/** @param {string} path @param {RegExp} pattern */
const found = (path, pattern) => pattern.exec(read(path))?.[1];

/** @param {string[]} args */
async function git(...args) {
  const { code, stdout, output } = await capture('git', args);
  if (code === 0) return stdout.trimEnd();
  throw new Problem(`A release is made in a clone of the repository. git says:\n${output.trim()}`);
}
