// @ts-check
// What stops a release, what its archives are, and where the site goes. `npm run release -- --dry-run` makes the whole of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { namesIn, unpack, writeZip } from '../../scripts/release/archive.mjs';
import * as artifacts from '../../scripts/release/artifacts.mjs';
import { SITE_BRANCH, publishSite, takePublishedSite } from '../../scripts/release/publish.mjs';
import { notesOf, problemsOf } from '../../scripts/release/sources.mjs';
import { Problem, capture, root } from '../../scripts/run.mjs';
import { VERSION } from '../../scripts/version.mjs';

const PEOPLE = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

/** @type {string} */
let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-release-'));
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** @param {string} cwd @param {...string} args */
async function git(cwd, ...args) {
  const { code, stdout, output } = await capture('git', args, { cwd, env: PEOPLE });
  assert.equal(code, 0, output);
  return stdout.trim();
}

describe('sources', () => {
  const good = {
    versions: { 'Cargo.toml': '1.2.3' },
    changes: [],
    tags: ['v1.2.3'],
    changelog:
      '# Changelog\n\n## Unreleased\n\n## 1.2.3 (2027-01-31)\n\n* Better\n\n## 1.2.2\n\n* Old\n',
    repositories: { 'Cargo.toml': 'https://git.example.org/scratch-mqtt' },
  };

  test('that fit together are released', () => {
    assert.deepEqual(problemsOf(good, '1.2.3'), { always: [], publishing: [] });
    assert.equal(notesOf(good.changelog, '1.2.3'), '* Better');
  });

  for (const [what, change, sentence] of /** @type {const} */ ([
    [
      'another version in a file',
      { versions: { 'Cargo.toml': '1.2.4' } },
      /Cargo\.toml says 1\.2\.4/,
    ],
    ['a tag that does not fit', { tags: ['v1.2.3', 'v2.0.0'] }, /tag v2\.0\.0 does not fit/],
    ['a file that differs', { changes: [' M src/lib.rs'] }, /differ from the commit.*\n {3}M src/],
  ])) {
    test(`with ${what} are never built`, () => {
      const { always } = problemsOf({ ...good, ...change }, '1.2.3');

      assert.equal(always.length, 1);
      assert.match(String(always[0]), sentence);
    });
  }

  for (const [what, change, sentence] of /** @type {const} */ ([
    ['without a tag', { tags: [] }, /git tag v1\.2\.3/],
    ['without a word on what is new', { changelog: '## Unreleased\n' }, /## 1\.2\.3 \(/],
    ['without an address', { repositories: { 'package.json': undefined } }, /no repository/],
  ])) {
    test(`${what} are built, and not published`, () => {
      const { always, publishing } = problemsOf({ ...good, ...change }, '1.2.3');

      assert.deepEqual(always, []);
      assert.equal(publishing.length, 1);
      assert.match(String(publishing[0]), sentence);
    });
  }
});

describe('the command', () => {
  /** @type {string} */
  let clone;
  before(async () => {
    clone = join(folder, 'clone');
    const files = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    // With what is not committed yet.
    for (const file of files.split('\0').filter((one) => one && existsSync(join(root, one)))) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      cpSync(join(root, file), join(clone, file));
    }
    await git(clone, 'init', '--quiet');
    await git(clone, 'add', '--all');
    await git(clone, 'commit', '--quiet', '--message', 'All');
  });

  /** @param {...string} args */
  const release = (...args) =>
    capture(process.execPath, [join(clone, 'scripts', 'release.mjs'), ...args], { cwd: clone });

  for (const [what, prepare, sentence] of /** @type {const} */ ([
    [
      'a file that is in no commit',
      () => writeFileSync(join(clone, 'forgotten.txt'), ''),
      /forgotten\.txt/,
    ],
    ['a tag of another version', () => git(clone, 'tag', 'v99.0.0'), /tag v99\.0\.0 does not fit/],
  ])) {
    test(`ends for ${what} before anything is made`, async (t) => {
      t.after(async () => {
        rmSync(join(clone, 'forgotten.txt'), { force: true });
        await capture('git', ['tag', '--delete', 'v99.0.0'], { cwd: clone });
      });
      await prepare();

      const { code, output } = await release('--dry-run');

      assert.equal(code, 1, output);
      assert.match(output, /^Nothing was published:\n\* /m);
      assert.match(output, sentence);
      assert.equal(existsSync(join(clone, 'release')), false);
      assert.equal(existsSync(join(clone, 'dist')), false);
    });
  }

  test('publishes no commit without a tag', async () => {
    const { code, output } = await release();

    assert.equal(code, 1, output);
    assert.match(output, new RegExp(`git tag v${VERSION.replaceAll('.', '\\.')}`));
    assert.equal(existsSync(join(clone, 'dist')), false);
  });

  test('knows no other option', async () => {
    const { code, output } = await release('--publish');

    assert.equal(code, 1);
    assert.match(output, /--publish[^]*--dry-run/);
  });
});

describe('an archive', () => {
  const entries = [
    { name: 'scratch-mqtt', bytes: Buffer.from('program'), isProgram: true },
    { name: 'LICENSE', bytes: Buffer.from('text') },
  ];

  test('says which of its files is a program, and nothing of when and where it was made', async () => {
    const path = join(folder, 'modes.zip');
    writeZip(path, entries);
    const script = `import sys, zipfile
for one in zipfile.ZipFile(sys.argv[1]).infolist():
    print(one.filename, oct(one.external_attr >> 16), *one.date_time)`;

    const { stdout, output } = await capture('python3', ['-c', script, path], {
      env: { TZ: 'Asia/Tokyo' },
    });

    const lines = ['scratch-mqtt 0o100755 1980 1 1 0 0 0', 'LICENSE 0o100644 1980 1 1 0 0 0'];
    assert.equal(stdout.trim().replaceAll('\r', ''), lines.join('\n'), output);
  });

  test('without a notice, or too large, is not published', () => {
    const [problem, ...others] = artifacts.problemsOf('x-scripts.zip', 'scripts', 9e9, [
      'mqtt.js',
      'mqtt.mjs',
      'practice.js',
      'split/mqtt_bg.wasm',
      'LICENSE',
      'mqtt.js.cdx.json',
    ]);

    assert.match(String(problem), /no file .*THIRD-PARTY-NOTICES/);
    assert.equal(others.length, 1);
    assert.match(String(others[0]), /9000000000 bytes/);
  });

  test('that is damaged is a sentence', async () => {
    const path = join(folder, 'damaged.tgz');
    writeFileSync(path, 'not an archive');

    await assert.rejects(
      namesIn(path),
      (error) => error instanceof Problem && /damaged\.tgz is no archive/.test(error.message),
    );
  });
});

describe('the site', () => {
  /** @type {string} */
  let clone;
  /** @type {string} */
  let remote;
  let number = 0;
  beforeEach(async () => {
    number += 1;
    clone = join(folder, `sources-${number}`);
    remote = join(folder, `remote-${number}.git`);
    mkdirSync(clone);
    await git(folder, 'init', '--quiet', '--bare', remote);
    await git(clone, 'init', '--quiet');
    writeFileSync(join(clone, '.gitignore'), 'ignored.js\n');
    await git(clone, 'add', '.');
    await git(clone, 'commit', '--quiet', '--message', 'Sources');
    await git(clone, 'remote', 'add', 'origin', remote);
  });

  /** @param {Record<string, string>} files */
  async function publishFiles(files) {
    const path = join(folder, 'site.zip');
    writeZip(
      path,
      Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    );
    await publishSite(path, clone);
  }

  test('is a branch of its own, with all files and no others', async () => {
    await publishFiles({ 'index.html': 'one', 'v/1/mqtt.js': 'one', 'ignored.js': 'one' });
    await publishFiles({ 'index.html': 'two', 'v/1/mqtt.js': 'one', '.nojekyll': '' });

    assert.equal(
      await git(remote, 'ls-tree', '-r', '--name-only', SITE_BRANCH),
      '.nojekyll\nindex.html\nv/1/mqtt.js',
    );
    assert.equal(await git(remote, 'show', `${SITE_BRANCH}:index.html`), 'two');
    assert.equal(await git(remote, 'rev-list', '--count', SITE_BRANCH), '2');
  });

  test('stays at the domain that its owner gave it', async () => {
    await publishFiles({ 'index.html': 'one', CNAME: 'mqtt.example.org\n' });
    await publishFiles({ 'index.html': 'two' });

    assert.equal(await git(remote, 'show', `${SITE_BRANCH}:CNAME`), 'mqtt.example.org');
  });

  test('that did not change makes no commit, and nothing in the clone', async () => {
    await publishFiles({ 'index.html': 'one' });
    await publishFiles({ 'index.html': 'one' });

    assert.equal(await git(remote, 'rev-list', '--count', SITE_BRANCH), '1');
    assert.equal(await git(clone, 'status', '--porcelain'), '');
    assert.equal(await git(clone, 'branch', '--list', SITE_BRANCH), '');
  });

  test('that is published can be taken, for its older versions', async () => {
    const before_ = join(folder, `before-${number}`);
    const after_ = join(folder, `after-${number}`);
    for (const each of [before_, after_]) mkdirSync(each);

    assert.equal(await takePublishedSite(before_, clone), false);
    await publishFiles({ 'v/1.0.0/mqtt.js': 'old' });

    assert.equal(await takePublishedSite(after_, clone), true);
    assert.equal(readFileSync(join(after_, 'v/1.0.0/mqtt.js'), 'utf8'), 'old');
    assert.equal(await git(clone, 'status', '--porcelain'), '');
  });

  test('of a repository that does not answer is a sentence', async () => {
    rmSync(remote, { recursive: true, force: true });

    await assert.rejects(
      takePublishedSite(folder, clone),
      (error) => error instanceof Problem && /could not be found out/.test(error.message),
    );
  });
});

test('an archive is unpacked as it was', () => {
  const path = join(folder, 'whole.zip');
  writeZip(path, [{ name: 'deep/er/file.txt', bytes: Buffer.from('text') }]);

  unpack(path, join(folder, 'unpacked'));

  assert.equal(readFileSync(join(folder, 'unpacked/deep/er/file.txt'), 'utf8'), 'text');
});
