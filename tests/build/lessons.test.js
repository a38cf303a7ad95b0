// @ts-check
// The lessons and the pages for teachers: they name what pupils see, letter by letter, in each of their languages.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LESSON_LANGUAGES, withValues } from '../../extension/texts/languages.js';
import { blockFinder } from '../../scripts/block-names.mjs';
import { root } from '../../scripts/run.mjs';
import { HELP_PAGES, helpSource, inLanguage } from '../../www/help.js';
import { PUBLIC, TROUBLE } from '../../www/trouble.js';
import { isPublicBroker } from '../../extension/login/public-brokers.js';
import { blockTexts, pageTexts } from '../e2e/support/lesson-words.js';

/** Below `docs/`, without the folder of their language. */
const PAGES = [
  ...Object.values(HELP_PAGES).filter((page) => page !== HELP_PAGES.all),
  'teachers/class-page',
];
/** Code with a space that is no block. */
const COMMANDS = [
  'npm run package',
  'npm start',
  'npm start -- --host 0.0.0.0',
  '--class-word kiwi-otter',
  'Red, Blue, Green',
];
/** What a tile shows: a name and a group. */
const TILE = /^Ada · \S+$/;
/** On the screen, and no text of ours. */
const SCRATCH = ['MQTT'];
/** In the place of what a sentence names. @type {Record<string, string>} */
const EXAMPLES = {
  broker: 'class',
  host: '192.168.1.20',
  port: '8000',
  example: 'class',
  own: 'class',
  topic: 'test',
  came: 'test',
  wanted: 'Test',
  count: '12',
  seconds: '4',
  code: '0x97',
  most: '10000',
  bytes: '300',
  boards: '256',
  name: 'Ada/Bo',
  list: 'points',
};
/** Groups of texts that do not say what is wrong. */
const NO_SENTENCES = /^(block|class|default|extension|login|menu|palette|separator|state)\b/;
/** What every project says sooner or later. */
const NO_TROUBLE = ['hint.connect', 'hint.retry', 'hint.public'];

/** @param {string} page as in `PAGES` @param {string} language */
const sourceOf = (page, language) =>
  readFileSync(join(root, 'docs', inLanguage(page, language)), 'utf8');

/** The parts of a page, by their anchors. @param {string} source @returns {Record<string, string>} */
const partsOf = (source) =>
  Object.fromEntries(
    source
      .split(/^## <a id="/m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('"')), part]),
  );

test('every page that is linked to is there in every language', () => {
  for (const language of LESSON_LANGUAGES) {
    for (const page of /** @type {(keyof typeof HELP_PAGES)[]} */ (Object.keys(HELP_PAGES))) {
      assert.ok(existsSync(join(root, 'docs', helpSource(page, language))), `${page} ${language}`);
    }
  }
});

for (const language of LESSON_LANGUAGES) {
  for (const page of PAGES) {
    test(`${page} in ${language} names blocks and buttons as they are`, () => {
      const source = sourceOf(page, language);
      const isBlock = blockFinder(blockTexts(language));
      const shown = new Set([
        ...Object.values(blockTexts(language)),
        ...Object.values(pageTexts(language)),
        ...SCRATCH,
      ]);

      for (const [, code = ''] of source.matchAll(/`([^`]+)`/g)) {
        const isPlain = /^…?[\x21-\x7e]+$/.test(code) || COMMANDS.includes(code) || isList(code);
        const isShown = shown.has(code) || TILE.test(code);
        assert.ok(isBlock(code) !== undefined || isShown || (isPlain && !code.includes('[')), code);
      }
      for (const [, bold = ''] of source.matchAll(/\*\*([^*]+)\*\*/g)) {
        assert.ok(shown.has(bold), bold);
      }
    });
  }

  test(`each sentence of the status stands in its part, in ${language}`, () => {
    const parts = partsOf(sourceOf(HELP_PAGES.trouble, language));
    const safety = partsOf(sourceOf(HELP_PAGES.safety, language));
    const texts = blockTexts(language);

    for (const [anchor, keys] of Object.entries(TROUBLE)) {
      for (const key of keys) {
        const host = key === 'reason.nothing-here' ? 'localhost' : EXAMPLES.host;
        const sentence = withValues(texts[key] ?? '', { ...EXAMPLES, host: host ?? '' });
        assert.ok(parts[anchor]?.includes(`> * ${sentence}\n`), `${anchor}: ${sentence}`);
      }
    }
    assert.ok(safety[PUBLIC.anchor]?.includes(`> ${texts[PUBLIC.key]}`));
  });

  test(`the public brokers are named in ${language}, and no others`, () => {
    const part = partsOf(sourceOf(HELP_PAGES.safety, language))[PUBLIC.anchor] ?? '';
    const named = [...part.matchAll(/`([a-z][\w-]*(?:\.[\w-]+)+)`/g)].map(([, name]) => name);

    assert.ok(named.length >= 11);
    for (const name of named) assert.ok(isPublicBroker(String(name)), name);
  });
}

test('every sentence that says what is wrong has a part, and one only', () => {
  const wanted = Object.keys(blockTexts('en')).filter(
    (key) => !NO_SENTENCES.test(key) && !NO_TROUBLE.includes(key),
  );

  assert.deepEqual(Object.values(TROUBLE).flat().sort(), wanted.sort());
});

/** Names with commas between them, as groups are typed. @param {string} code */
const isList = (code) => /^[^[\]]+(, [^[\]]+)+$/.test(code);
