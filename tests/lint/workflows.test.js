// @ts-check
// What the service runs that has the repository: workflows only call scripts that are here, and the update bot knows every lock file.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { format } from 'prettier';
import { root } from '../../scripts/run.mjs';

/** What the bot calls each kind of file that fixes versions. @type {Record<string, string>} */
const ECOSYSTEMS = { 'Cargo.lock': 'cargo', 'package-lock.json': 'npm', 'requirements.txt': 'pip' };
/** An action of others: one commit, and for people its version. */
const PINNED = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/;

/** @param {...string} paths */
const tracked = (...paths) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...paths], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');

const files = tracked('.github/**.yml', '.github/**.yaml');
const workflows = files.filter((path) => path.startsWith('.github/workflows/'));

for (const path of files) {
  test(`${path} is YAML`, async () => {
    await assert.doesNotReject(format(read(path), { parser: 'yaml' }));
  });
}

for (const path of workflows) {
  test(`${path} only calls scripts that are here`, () => {
    /** @type {Record<string, string>} */
    const scripts = JSON.parse(read('package.json')).scripts;
    const commands = [...read(path).matchAll(/^\s*(?:- )?run: +(\S.*)$/gm)].map(
      ([, it = '']) => it,
    );

    assert.ok(commands.length > 0);
    for (const command of commands) {
      const [, script = '', name = ''] =
        /^(?:bash |node )?((?:\.ci|scripts)\/[\w./-]+)|^npm (?:run )?([\w:]+)/.exec(command) ?? [];
      assert.ok(name in scripts || (script && existsSync(join(root, script))), command);
    }
  });

  test(`${path} names each action of others by its commit`, () => {
    const used = [...read(path).matchAll(/^\s*(?:- )?uses: *(.*)$/gm)].map(([, it = '']) => it);

    const others = used.filter((one) => !(one.startsWith('./') && existsSync(join(root, one))));
    assert.deepEqual(
      others.filter((action) => !PINNED.test(action)),
      [],
    );
  });
}

test('scripts of .ci can be started', () => {
  const modes = execFileSync('git', ['ls-files', '--stage', '.ci'], {
    cwd: root,
    encoding: 'utf8',
  });

  for (const line of modes.trim().split('\n')) assert.match(line, /^100755 /);
});

test('the update bot looks after everything that fixes versions', () => {
  const bot = read('.github/dependabot.yml');
  const looked = bot.split('package-ecosystem: ').slice(1);

  for (const [name, ecosystem] of Object.entries(ECOSYSTEMS)) {
    const [entry = ''] = looked.filter((it) => it.startsWith(`${ecosystem}\n`));
    const [, list = ''] = /director(?:y|ies): \[?([^\]\n]+)/.exec(entry) ?? [];
    const wanted = tracked(name, `**/${name}`).map((path) => posix.join('/', path, '..'));

    assert.deepEqual(list.split(', ').sort(), wanted.sort(), name);
  }
  assert.match(bot, /package-ecosystem: github-actions\n/);
});

for (const [path, wanted] of /** @type {const} */ ([
  ['.github/ISSUE_TEMPLATE/bug.yml', ['blocks version', 'connection status']],
  ['.github/PULL_REQUEST_TEMPLATE.md', ['version', 'connection status']],
])) {
  test(`${path} asks for the version and for the sentence of the status`, () => {
    for (const words of wanted) assert.ok(read(path).includes(words), words);
  });
}
