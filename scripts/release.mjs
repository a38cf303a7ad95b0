// @ts-check
/** `npm run release`: everything that others get, made of one commit, looked into, and published if all of it is right. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { notesOf, problemsOf, readSources, tagOf } from './release/sources.mjs';
import { Problem, main, say, step } from './run.mjs';
import { ensureNode, ensurePackages, ensureRust } from './tools.mjs';
import { VERSION, buildName } from './version.mjs';

const UNRELEASED = 'Unreleased';

const HELP = `npm run release -- [options]

Makes everything that a version consists of in release/: the scripts, the site, the npm packages, the crate and the class
server. It checks them, lists them with their checksums, and publishes them: on npm, on crates.io, on the branch of the site
and on the page of the release. Nothing is published when anything is wrong. The workflow release.yml runs it for a tag.

The class server is made for this system. Those for other systems are taken from package/, where npm run package made them.
The first time it compiles for some minutes. Press Ctrl+C to stop.

  --dry-run   publishes nothing, and needs neither a tag nor the other systems
  --help      this text`;

await main(async () => {
  const { 'dry-run': isDryRun = false, help } = optionsIn(process.argv.slice(2));
  if (help) {
    say(HELP);
    return;
  }
  ensureNode();
  const sources = await readSources();
  const { always, publishing } = problemsOf(sources);
  stopFor(isDryRun ? always : [...always, ...publishing]);
  await ensureRust();
  await ensurePackages('.');
  const notes = notesOf(sources.changelog, VERSION) ?? notesOf(sources.changelog, UNRELEASED) ?? '';

  // These need the packages.
  const { listOf, makeArtifacts, missingSystems } = await import('./release/artifacts.mjs');
  const { publish } = await import('./release/publish.mjs');
  const name = await buildName();
  const release = await withPublishedSite(isDryRun, (previous) =>
    makeArtifacts({ name, notes, previous }),
  );
  say(`\n${listOf(release)}`);
  const missing = missingSystems(release.artifacts);
  if (isDryRun) {
    const open = [...publishing, ...missing];
    if (open.length > 0) say(`\nBefore it can be published:\n${bullets(open)}`);
    say('\nNothing was published: this was a dry run.');
    return;
  }
  stopFor(missing);
  await publish(release, tagOf(VERSION));
  say(`\n${VERSION} is published.`);
});

/** @param {readonly string[]} problems */
function stopFor(problems) {
  if (problems.length > 0) throw new Problem(`Nothing was published:\n${bullets(problems)}`);
}

/** @param {readonly string[]} sentences */
function bullets(sentences) {
  return sentences.map((one) => `* ${one}`).join('\n');
}

/**
 * With the site that is published now, whose older versions the new one goes on having.
 *
 * @template T
 * @param {boolean} isDryRun
 * @param {(previous: string | undefined) => Promise<T>} work
 */
async function withPublishedSite(isDryRun, work) {
  const { takePublishedSite } = await import('./release/publish.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-published-'));
  try {
    const isThere = await step('Looking for older versions of the site', () =>
      takePublishedSite(folder).catch((error) => {
        if (!isDryRun) throw error;
        say(`  ${error.message}`);
        return false;
      }),
    );
    return await work(isThere ? folder : undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} args */
function optionsIn(args) {
  try {
    const options = /** @type {const} */ ({
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean' },
    });
    return parseArgs({ args, options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem(`${why}\n\n${HELP}`);
  }
}
