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

before(async () => {
  for (const [name, script] of Object.entries(scripts)) {
    const [, file = '', ...args] = script.split(' ');
    const { code, output } = await capture(process.execPath, [join(root, file), ...args, '--help']);
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
    assert.match(help, /^npm (?:run )?[\w:]+/, name);
    assert.match(help, /\bPress\s+Ctrl\+C\s+to\s+stop\./, name);
    assert.match(help, /\b(?:minutes|seconds?|10 minutes)\b/, name);
    assert.match(help, /^ +--help /m, name);
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
