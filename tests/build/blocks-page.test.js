// @ts-check
// docs/reference/blocks.md: every block that the palette shows, as it is called now, and no other.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { EXAMPLES } from '../e2e/support/examples.js';
import { makeBlocks } from '../extension/harness.js';

const FOLDER = `${root}/docs/images/blocks`;
const MOST_BYTES = 1_500_000;

const page = readFileSync(`${root}/docs/reference/blocks.md`, 'utf8');
/** What the pictures were taken of. @type {Record<string, { text: string, width: number }>} */
const taken = JSON.parse(readFileSync(`${FOLDER}/taken.json`, 'utf8'));
const { blocks } = await makeBlocks({ isStarted: false });
const palette = /** @type {any[]} */ (blocks.getInfo().blocks).filter(
  ({ opcode, blockType, hideFromPalette }) => opcode && blockType !== 'button' && !hideFromPalette,
);

/** @param {string} text */
const nameOf = (text) => text.replace(/\[\w+\]/g, '[ ]');

const sections = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [name = '', ...rest] = section.split('\n');
    const [body = ''] = rest.join('\n').split(/^## /m);
    const pictures = [...body.matchAll(/blocks\/([\w-]+)\.png" width="(\d+)" alt="([^"]+)"/g)];
    return { name, sentence: body.replace(/<img[^>]*>/g, '').trim(), pictures };
  });

test('the page has every block by its present name, in the order of the palette', () => {
  assert.deepEqual(
    sections.map(({ name }) => name),
    palette.map(({ text }) => nameOf(text)),
  );
});

test('every block has a picture, one sentence, and the picture of an example', () => {
  palette.forEach(({ opcode, text }, place) => {
    const { sentence, pictures } = sections[place];

    assert.deepEqual(
      pictures.map(([, name]) => name),
      [opcode, `${opcode}-example`],
    );
    assert.match(pictures[0][3], new RegExp(`: ${nameOf(text).replace(/[[\]?]/g, '\\$&')}$`));
    assert.ok(/^[A-Z].{20,}\.$/s.test(sentence) && !sentence.includes('\n\n'), sentence);
  });
});

test('no picture shows a block by an old name, or is wider than it was taken', () => {
  for (const { pictures } of sections) {
    for (const [, name, width] of pictures) assert.equal(Number(width), taken[name]?.width, name);
  }
  for (const { opcode, text } of palette) {
    for (const name of [opcode, `${opcode}-example`]) {
      assert.equal(taken[name]?.text, text, `${name}: UPDATE_PICTURES=1 npm run test:e2e`);
    }
  }
});

test('there are the pictures of the page and no others, and they are small', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.png'));

  assert.deepEqual(
    files.sort(),
    sections.flatMap(({ pictures }) => pictures.map(([, name]) => `${name}.png`)).sort(),
  );
  const bytes = files.reduce((sum, name) => sum + statSync(`${FOLDER}/${name}`).size, 0);
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test('every example uses its block, and no other block has one', () => {
  assert.deepEqual(
    Object.keys(EXAMPLES),
    palette.map(({ opcode }) => opcode),
  );
  for (const [opcode, { script }] of Object.entries(EXAMPLES)) {
    assert.ok(JSON.stringify(script).includes(`"scratchmqtt_${opcode}"`), opcode);
  }
});
