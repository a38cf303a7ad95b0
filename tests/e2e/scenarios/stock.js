// @ts-check
/** The official editor's own loader: its worker cannot run any block, and the palette has to say so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENGLISH } from '../../extension/tables.js';
import { OfficialEditor } from '../support/editors/official-editor.js';
import { take } from '../support/pictures.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

// The worker knows the language of the browser, not that of the editor.
const TEXTS = ENGLISH;

/** @param {Stage} stage */
export function stockLoader(stage) {
  test('the palette says that blocks may not run, and shows no hat', async () => {
    const editor = editorOn(stage);

    await editor.openPalette();

    const shown = await editor.paletteText();
    for (const note of String(TEXTS['palette.hatless']).split('\n'))
      assert(shown.includes(note), note);
    assert(shown.includes(String(TEXTS['block.isConnected'])));
    assert(!shown.includes('when message'));
    await take(editor.page, 'editor-official-worker');
  });

  test('a click on a block ends in the error of the editor, and nothing else happens', async () => {
    const editor = editorOn(stage);
    /** @type {string[]} */
    const logged = [];
    editor.page.on('console', (message) => logged.push(message.text()));
    await editor.openPalette();

    await editor.clickInPalette('connected?');

    await until('the error', () => logged.some((text) => /DataCloneError/.test(text)), {
      seen: () => logged,
    });
  });
}

/** @param {Stage} stage */
function editorOn({ editor }) {
  assert(editor instanceof OfficialEditor);
  return editor;
}
