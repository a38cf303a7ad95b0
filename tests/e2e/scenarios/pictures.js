// @ts-check
/**
 * What a pupil sees. With `UPDATE_PICTURES=1` the pictures of the README are taken again; they are not compared,
 * because fonts differ from computer to computer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGINNER_BLOCKS } from '../../../extension/blocks/beginner-blocks.js';
import { LANGUAGES } from '../../../extension/texts/languages.js';
import { shownIn } from '../../extension/tables.js';
import { PUBLIC_BROKER } from '../support/bench.js';
import { connect, payload, publish, say, whenFlag, whenMessage } from '../support/blocks.js';
import { ours } from '../support/examples.js';
import { OfficialEditor, officialEditor } from '../support/editors/official-editor.js';
import { take } from '../support/pictures.js';
import { withScripts } from '../support/project.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** The languages whose palette the documentation shows. @type {string[]} */
const SHOWN = ['nl', 'zh-cn'];

/** @param {Stage} stage in the official editor */
export function pictures(stage) {
  test('the palette shows the first blocks, and all of them when its button is pressed', async () => {
    const editor = editorOn(stage);

    await editor.openPalette();

    const [first] = missing(await editor.paletteText(), 'en');
    assert.equal(first, 'subscribe to topic');
    await takePalette(editor, 'palette');

    await editor.showMoreBlocks();

    assert.deepEqual(missing(await editor.paletteText(), 'en'), []);

    await editor.page.locator('.blocklyFlyoutButton', { hasText: 'Fewer blocks' }).click();

    await until('the other blocks to be away', async () => {
      return missing(await editor.paletteText(), 'en')[0] === 'subscribe to topic';
    });
  });

  test('a button of the palette is pressed by a click, and by nothing that is dragged to it', async () => {
    const editor = editorOn(stage);
    const { page } = editor;
    await editor.openPalette();
    const pressed = await page.evaluateHandle(() => {
      const { runtime } = /** @type {any} */ (globalThis).vm;
      const press = runtime.handleExtensionButtonPress;
      /** @type {string[]} */
      const methods = [];
      runtime.handleExtensionButtonPress = (/** @type {string} */ method) => {
        methods.push(method);
        press(method);
      };
      return methods;
    });
    const block = page.locator('.blocklyFlyout .blocklyText', { hasText: 'connection status' });
    const more = page.locator('.blocklyFlyoutButton', { hasText: 'More blocks' });
    const fewer = page.locator('.blocklyFlyoutButton', { hasText: 'Fewer blocks' });

    await block.hover();
    await page.mouse.down();
    await more.hover();
    await page.mouse.up();
    await more.click({ button: 'right' });
    await more.click();
    await fewer.click();
    await more.waitFor();

    assert.deepEqual(await pressed.jsonValue(), ['switchMore', 'switchMore']);
  });

  test('the palette shows all blocks of its own accord when a project uses one of the others', async () => {
    const editor = editorOn(stage);
    const cat = await editor.saveProject();
    const { browser, start } = stage.bench;
    const other = await officialEditor(await browser.newPage(), { start, isAlone: true });
    try {
      await other.loadProject(
        withScripts(cat, 'Sprite1', [[whenFlag(), publish('hello', 'test')]]),
      );
      await other.openPalette();
      assert.equal(missing(await other.paletteText(), 'en')[0], 'subscribe to topic');

      await other.loadProject(withScripts(cat, 'Sprite1', [[whenFlag(), ours('disconnect')]]));

      await other.openPalette();
      await until('all blocks to be shown', async () => {
        return missing(await other.paletteText(), 'en').length === 0;
      });
    } finally {
      await other.close();
    }
    assert.deepEqual(other.errors, []);
  });

  test('a click on a block in the palette does what it says', async () => {
    const editor = editorOn(stage);
    await editor.openPalette();

    await editor.clickInPalette('connect to broker');

    const sentence = editor.shown(`Connected to ${PUBLIC_BROKER}.`);
    await until('the status to say it', async () => {
      await editor.clickInPalette('connection status');
      return sentence.isVisible();
    });
  });

  test('a message is said, and the stage shows the status', async () => {
    const editor = editorOn(stage);
    const cat = await editor.saveProject();
    const topic = 'room1/temperature';
    await editor.loadProject(
      withScripts(cat, 'Sprite1', [
        [
          whenFlag(),
          connect(`wss://${PUBLIC_BROKER}:8084/mqtt`),
          publish('the cat is here', 'room1/cat'),
        ],
        [whenMessage(topic), say(payload())],
      ]),
    );

    await editor.greenFlag();
    await stage.untilSubscribed(topic);
    await stage.native.publish(topic, '21.5 °C 😀');

    await editor.untilSaid('Sprite1', '21.5 °C 😀');
    await editor.shown(`Connected to wss://${PUBLIC_BROKER}:8084/mqtt.`).waitFor();
    await editor.page.setViewportSize({ width: 1280, height: 640 });
    await editor.openPalette();
    await take(editor.page, 'running');
  });

  for (const language of LANGUAGES) {
    test(`the palette speaks ${language}, and hides no slot of the first blocks`, async () => {
      const { browser, start } = stage.bench;
      const editor = await officialEditor(await browser.newPage(), {
        start,
        language,
        isAlone: true,
      });
      try {
        await editor.openPalette();
        const first = await editor.blocksInPalette();
        await editor.showMoreBlocks(shownIn(language)['palette.more']);

        assert.equal(first.length, BEGINNER_BLOCKS.length);
        assert.deepEqual(
          first.filter(({ hidden, hiddenSlots }) => hidden > 5 || hiddenSlots > 0),
          [],
        );
        assert.deepEqual(missing(await editor.paletteText(), language), []);
        if (SHOWN.includes(language)) await takePalette(editor, `palette-${language}`);
      } finally {
        await editor.close();
      }
      assert.deepEqual(editor.errors, []);
    });
  }

  test('the palette changes its language with the editor', async () => {
    const { browser, start } = stage.bench;
    const editor = await officialEditor(await browser.newPage(), { start, isAlone: true });
    const { page } = editor;
    try {
      await page.getByText('Settings', { exact: true }).first().click();
      await page.getByText('Language', { exact: true }).first().click();
      // The list moves while it opens.
      await page.getByText('한국어').first().dispatchEvent('click');
      await until('the editor to be Korean', () =>
        page.evaluate(() => /** @type {any} */ (globalThis).vm.getLocale() === 'ko'),
      );
      await editor.showMoreBlocks(shownIn('ko')['palette.more']);

      await until('the palette to be Korean', async () => {
        return missing(await editor.paletteText(), 'ko').length === 0;
      });
    } finally {
      await editor.close();
    }
    assert.deepEqual(editor.errors, []);
  });
}

/** @param {Stage} stage */
function editorOn({ editor }) {
  assert(editor instanceof OfficialEditor);
  return editor;
}

/**
 * The texts of blocks that the palette does not show.
 *
 * @param {string} shown
 * @param {import('../../../extension/texts/languages.js').Language} language
 */
function missing(shown, language) {
  return (
    Object.entries(shownIn(language))
      .filter(([key]) => key.startsWith('block.'))
      // The editor shows every space as one kind.
      .flatMap(([, text]) => text.split(/\[\w+\]/).map((part) => part.trim().replace(/\s/g, ' ')))
      .filter((part) => !shown.includes(part))
  );
}

/** @param {OfficialEditor} editor @param {string} name */
async function takePalette(editor, name) {
  await editor.page.setViewportSize({ width: 1280, height: 980 });
  await editor.openPalette();
  await take(editor.page, name, { x: 0, y: 92, width: 313, height: 740 });
}
