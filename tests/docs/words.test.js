// @ts-check
/** Words that the glossary replaces: where each may not be said. What stands in code spans and blocks is not looked at. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LESSON_LANGUAGES } from '../../extension/texts/languages.js';
import { root } from '../../scripts/run.mjs';
import { allPages, pageAt, proseOf } from './support/pages.js';

/** Pages for pupils and teachers say the words of the blocks. */
const EVERYDAY =
  /^(?:docs\/(?:README|boards\/|learn\/|teachers\/|editors\/|explanation\/mqtt|reference\/(?:blocks|console|errors|glossary))|README|CHANGELOG|examples\/)/;
/** Translated pages have words of their own. */
const TRANSLATED = new RegExp(`/(?:${LESSON_LANGUAGES.filter((one) => one !== 'en').join('|')})/`);
/** It lists the words. */
const GLOSSARY = 'docs/reference/glossary.md';

const PART =
  'half|halves|third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|thousandth|millionth';

/** @type {{ words: RegExp, write: string, where?: (path: string) => boolean }[]} */
const RULES = [
  { words: /\bfar side\b/gi, write: 'benchmark peer, or the broker of the benchmark' },
  { words: /\bwish(?:es|ed)?\b/gi, write: 'command, or desired' },
  {
    words: /\btold\b(?! apart)/gi,
    write: 'reported, emitted, said',
    // Sentences of the blocks, for pupils.
    where: (path) => !/^docs\/(?:reference\/errors|teachers\/when-it)/.test(path),
  },
  { words: /\bmend(?:s|ed|ing)?\b/gi, write: 'repair; transient; needs a person' },
  { words: /\basked in\b/gi, write: 'requested version' },
  { words: /\b99 of 100\b/g, write: '99th percentile' },
  {
    words: /\bas (?:it is|they are)\b(?! (?:now|called|published|sent|printed))/gi,
    write: 'unchanged, uncompressed',
  },
  {
    words: new RegExp(
      `(?<!and )\\b(?:a|an|one|two|three|four|nineteen|about a) (?:${PART})s?\\b(?! (?:one|time|word|party|person|attempt|filter|state)\\b)`,
      'gi',
    ),
    write: 'a number with its unit',
  },
  { words: /\bwithout a word\b/gi, write: 'silently, without a CONNACK, without saying so' },
  { words: /\buntil it is so\b/gi, write: 'what has to be so' },
  { words: /\b(?:is|are) proved\b|\bproved (?:by|in)\b|\bproves it\b/gi, write: 'tested by' },
  {
    words: /\b(?:kept messages?|message (?:is|was) kept)\b/gi,
    write: 'retained message',
    where: (path) => !EVERYDAY.test(path),
  },
  {
    words: /\bhosts?\b(?! name|:|’s name)/gi,
    write: 'editor; host is for names in a network',
    where: (path) => /^(?:README|docs\/(?:README|editors\/|teachers\/|learn\/))/.test(path),
  },
];

const pages = allPages().filter(({ path }) => !TRANSLATED.test(path) && path !== GLOSSARY);

/** A page without code and addresses, with its lines where they were. @param {import('./support/pages.js').Page} page */
const sayingsOf = (page) =>
  proseOf({
    ...page,
    text: page.text.replace(/^( *)```[^]*?^\1```$/gm, (it) => it.replace(/[^\n]/g, '')),
  })
    .replace(/`[^`\n]*`/g, '``')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/<[^>]*>/g, '');

for (const { words, write, where = () => true } of RULES) {
  test(`no page says ${words.source.replaceAll('\\b', '')}: write ${write}`, () => {
    const found = pages
      .filter(({ path }) => where(path))
      .flatMap((page) =>
        sayingsOf(page)
          .split('\n')
          .flatMap((line, at) =>
            [...line.matchAll(words)].map(
              ([word]) => `${page.path}:${at + 1}: ${word}: ${line.trim().slice(0, 160)}`,
            ),
          ),
      );

    assert.deepEqual(found, []);
  });
}

test('the glossary has a row for each word that is not used', () => {
  const [, list = ''] = pageAt(GLOSSARY).text.split('## Not used\n');

  for (const word of [
    'far side',
    'wish',
    'told',
    'mend',
    'asked in',
    '99 of 100',
    'as it is',
    'host',
    'without a word',
  ]) {
    assert.ok(list.includes(word), word);
  }
});

/** What the code does not say either, in names, comments and what it prints. @type {[RegExp, ...string[]][]} */
const NOT_IN_CODE = [
  [/far.?side|wish|\bmend(?:s|ed)?\b|99 of 100|farewell/i],
  [/(?<![A-Za-z])told(?![ _]apart)|[a-z]Told\b/],
  [/\b(?:the|its|some|that|such|each|every) hosts?\b/i, 'extension', 'tests/extension'],
  [/\bkept (?:message|by the server)/i, 'src', 'server'],
];
const CODE = ['bench', 'extension', 'scripts', 'server', 'src', 'tests', 'www'];

for (const [words, ...folders] of NOT_IN_CODE) {
  const where = folders.length > 0 ? folders : CODE;
  test(`no code of ${where.join(', ')} says ${words.source}`, () => {
    const files = execFileSync('git', ['ls-files', ...where], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter(
        (path) => /\.(?:[cm]?js|rs|d\.ts|py|toml)$/.test(path) && !path.startsWith('tests/docs/'),
      );

    const found = files.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, at) => (words.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
    );

    assert.deepEqual(found, []);
  });
}
