// @ts-check
/**
 * Every block and its example in the official editor. With `UPDATE_PICTURES=1` the pictures of
 * `docs/reference/blocks.md` are taken again, and its widths set.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ENGLISH } from '../../extension/tables.js';
import { EXAMPLES, ours } from '../support/examples.js';
import { OfficialEditor } from '../support/editors/official-editor.js';
import { makeProject } from '../support/project.js';

/** @typedef {import('../support/blocks.js').Block} Block */
/** @typedef {import('../support/stage.js').Stage} Stage */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGE = join(ROOT, 'docs', 'reference', 'blocks.md');
const FOLDER = join(ROOT, 'docs', 'images', 'blocks');
const SCALE = 2;
/** Blocks are drawn small in the editor: a page shows them half as large again. */
const ENLARGED = 1.5;
const MARGIN = 6;

/** @param {Stage} stage in the official editor */
export function blockPictures(stage) {
  test('the editor draws every block, and the example of every block', async () => {
    const { editor } = stage;
    assert(editor instanceof OfficialEditor);
    const isUpdate = process.env.UPDATE_PICTURES === '1';
    if (isUpdate) await beforePictures(editor);
    /** @type {Record<string, { text: string, width: number }>} */
    const taken = {};

    for (const [opcode, { script }] of Object.entries(EXAMPLES)) {
      const text = String(ENGLISH[`block.${opcode}`]);
      for (const [name, blocks] of /** @type {const} */ ([
        [opcode, [ours(opcode)]],
        [`${opcode}-example`, script],
      ])) {
        const box = await draw(stage, name, blocks, wordsOf(text));
        if (isUpdate) taken[name] = { text, width: await picture(editor, name, box) };
      }
    }

    if (isUpdate) {
      writeFileSync(join(FOLDER, 'taken.json'), `${JSON.stringify(taken, null, 2)}\n`);
      writeFileSync(PAGE, withWidths(readFileSync(PAGE, 'utf8'), taken));
    }
  });
}

/** What is written on a block between its slots. @param {string} text */
const wordsOf = (text) => text.split(/\[\w+\]/).map((part) => part.trim());

/**
 * Shows a script in the editor.
 *
 * @param {Stage} stage
 * @param {string} name of the sprite, so that no older script is taken for it
 * @param {readonly Block[]} blocks
 * @param {string[]} words that have to be on it
 */
async function draw({ editor, bench }, name, blocks, words) {
  const sprites = { [name]: { variables: { temperature: '', data: '' }, scripts: [[...blocks]] } };
  await editor.loadProject(makeProject({ extensionUrl: bench.extensionUrl, sprites }));
  const drawn = editor.page.locator(`.blocklyBlockCanvas [data-id="${name}-block-1"]`);
  await drawn.waitFor();
  const shown = (await drawn.evaluate((one) => one.textContent ?? '')).replaceAll('\u00a0', ' ');
  for (const word of words) assert.ok(shown.includes(word), `${name}: ${word} is not on ${shown}`);
  const box = await drawn.boundingBox();
  assert.ok(box && box.width > 40 && box.height > 20, name);
  return box;
}

/** @param {OfficialEditor} editor */
async function beforePictures({ page }) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  await page.setViewportSize({ width: 1900, height: 900 });
  await page.addStyleTag({
    content: `
      .blocklyMainBackground { fill: #fff !important; }
      .blocklyFlyout, [class*=watermark] { visibility: hidden; }`,
  });
}

/**
 * @param {OfficialEditor} editor
 * @param {string} name
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @returns {Promise<number>} the width on a page
 */
async function picture({ page }, name, { x, y, width, height }) {
  const clip = {
    x: x - MARGIN,
    y: y - MARGIN,
    width: Math.ceil(width) + 2 * MARGIN,
    height: Math.ceil(height) + 2 * MARGIN,
  };
  // Not `page.screenshot`: it draws as small as the page is.
  const devTools = await page.context().newCDPSession(page);
  const { data } = await devTools.send('Page.captureScreenshot', {
    clip: { ...clip, scale: SCALE },
  });
  writeFileSync(join(FOLDER, `${name}.png`), Buffer.from(data, 'base64'));
  await devTools.detach();
  return Math.round(clip.width * ENLARGED);
}

/** @param {string} page @param {Record<string, { width: number }>} taken */
const withWidths = (page, taken) =>
  page.replace(/(blocks\/([\w-]+)\.png" width=")\d+/g, (whole, start, name) =>
    taken[name] ? `${start}${taken[name].width}` : whole,
  );
