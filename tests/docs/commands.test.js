// @ts-check
/** Commands that pages name: the scripts of package.json, their steps and options. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { capture, root } from '../../scripts/run.mjs';
import { allPages, blocksRunAs, pageAt } from './support/pages.js';

/** What is not of this repository. */
const OTHERS = /^npm (?:install|publish|pack|view|ci|init|create)\b/;

/** @type {Record<string, string>} */
const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
/** What `--help` says, by the name of the script. @type {Record<string, string>} */
const helps = {};

/** @param {string} name @param {string} option */
function runWith(name, option) {
  const [, file = '', ...args] = (scripts[name] ?? '').split(' ');
  return capture(process.execPath, [join(root, file), ...args, option]);
}

before(async () => {
  for (const name of Object.keys(scripts)) {
    const { code, output } = await runWith(name, '--help');
    assert.equal(code, 0, output);
    helps[name] = output;
  }
});

/** @param {string} command */
function problem(command) {
  const [, name = '', rest = ''] = /^npm (?:run )?([\w:-]+)(.*)$/.exec(command) ?? [];
  if (!(name in scripts)) return `package.json has no script ${name}`;
  const help = helps[name] ?? '';
  const options = [...rest.matchAll(/(?<= )--[a-z][\w-]*/g)].map(([option]) => option);
  const unknown = options.find((option) => !help.includes(option));
  if (unknown) return `npm run ${name} -- --help does not say ${unknown}`;
  const steps = name === 'test' ? rest.replace(/ --.*/, '').trim().split(' ').filter(Boolean) : [];
  const unsaid = steps.find((step) => !new RegExp(`\\b${step}\\b`).test(help));
  return unsaid ? `npm test has no step ${unsaid}` : undefined;
}

test('every command says what it does, what it waits for, and what to press', () => {
  for (const [name, help] of Object.entries(helps)) {
    const isStep = name.startsWith('test:');
    assert.match(help, isStep ? /^npm test/ : new RegExp(`^npm (?:run )?${name}\\b`), name);
    assert.match(help, /\bPress\s+Ctrl\+C\s+to\s+stop\./, name);
    assert.match(help, /\b(?:minutes|seconds?|10 minutes)\b/, name);
    assert.match(help, /^ +--help /m, name);
  }
});

test('an option that does not exist is refused by its name, before anything begins', async () => {
  for (const name of Object.keys(scripts)) {
    const { code, output } = await runWith(name, '--no-such-option');
    assert.notEqual(code, 0, name);
    assert.match(output, /--no-such-option/, name);
    assert.match(output, /Press\s+Ctrl\+C|-- --help/, name);
  }
});

test('commands of npm in blocks exist, with their options', () => {
  const blocks = blocksRunAs('commands');
  assert.ok(blocks.length > 0);
  for (const { page, line, code } of blocks) {
    for (const command of code.split('\n').map((text) => text.replace(/ +#.*/, '').trim())) {
      if (command === '' || OTHERS.test(command)) continue;
      const [, script] = /^node (\S+)/.exec(command) ?? [];
      if (script) assert.ok(existsSync(join(root, script)), `${page}:${line}: ${command}`);
      else assert.equal(problem(command), undefined, `${page}:${line}: ${command}`);
    }
  }
});

test('commands of npm in sentences exist, with their options', () => {
  const wrong = allPages().flatMap(({ path }) =>
    [...pageAt(path).text.matchAll(/`(npm (?:start|test|run [\w:-]+)(?: [^`\n]*)?)`/g)]
      .map(([, command = '']) => command.replace(/[…].*$/, '').trim())
      .filter((command) => !/^npm run$/.test(command))
      .map((command) => [command, problem(command)])
      .filter(([, what]) => what)
      .map(([command, what]) => `${path}: ${command}: ${what}`),
  );

  assert.deepEqual(wrong, []);
});
