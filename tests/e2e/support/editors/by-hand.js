// @ts-check
/** What a pupil does with the mouse and the keys in the official editor. */

/** @typedef {import('playwright-core').Locator} Locator */
/** @typedef {import('playwright-core').Page} Page */

/** Size of the stage, in steps of Scratch. */
const STAGE = { width: 480, height: 360 };
/** So near to its place a block snaps. */
const NEAR = 4;

/** @param {Page} page */
export const clickFlag = (page) => page.locator('img[class*=green-flag]').first().click();

/** The stage with its sprites. @param {Page} page */
export const stageOf = (page) => page.locator('[class*=stage_stage-wrapper]').first();

/** The scripts of the sprite that is chosen. @param {Page} page */
export const scriptsOf = (page) => page.locator('[class*=gui_blocks-wrapper]').first();

/** Clicks on the stage where a sprite is. @param {Page} page @param {string} sprite */
export async function clickSprite(page, sprite) {
  const { x, y } = await page.evaluate((name) => {
    const target = /** @type {any} */ (globalThis).vm.runtime.getSpriteTargetByName(name);
    return { x: target.x, y: target.y };
  }, sprite);
  const box = await boxOf(page.locator('[class*=stage_stage] canvas').first());
  const scale = box.width / STAGE.width;
  await page.mouse.click(
    box.x + (STAGE.width / 2 + x) * scale,
    box.y + (STAGE.height / 2 - y) * scale,
  );
}

/** Chooses a sprite in the list below the stage. @param {Page} page @param {string} name */
export const chooseSprite = (page, name) =>
  page.locator('[class*=sprite-selector-item_sprite-name]', { hasText: name }).first().click();

/** A word on a block of the scripts. @param {Page} page @param {string} word */
export const onBlock = (page, word) =>
  page
    .locator('.blocklySvg .blocklyBlockCanvas .blocklyText')
    .filter({ hasText: new RegExp(`^${word}$`) })
    .first();

/** Writes another word into a block of the scripts. @param {Page} page @param {string} before @param {string} after */
export async function rewrite(page, before, after) {
  await onBlock(page, before).click();
  await page.locator('.blocklyHtmlInput').waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(after);
  await page.keyboard.press('Enter');
  await onBlock(page, after).waitFor();
}

/**
 * Drags a block of the palette above a block of the scripts, so that it snaps between this one and what is above it.
 *
 * @param {Page} page
 * @param {string} word on the block in the palette
 * @param {string} below a word on the block of the scripts
 */
export async function dragAbove(page, word, below) {
  const grip = page.locator('.blocklyFlyout .blocklyText', { hasText: word }).first();
  const at = await boxOf(grip);
  const from = await boxOf(blockOf(grip));
  const to = await boxOf(blockOf(onBlock(page, below)));
  const inBlock = { x: at.x + at.width / 2 - from.x, y: at.y + at.height / 2 - from.y };
  await page.mouse.move(from.x + inBlock.x, from.y + inBlock.y);
  await page.mouse.down();
  await page.mouse.move(to.x + inBlock.x + NEAR, to.y + inBlock.y + NEAR, { steps: 12 });
  await page.mouse.up();
}

/** The command around a text of it. @param {Locator} text */
const blockOf = (text) =>
  text.locator(
    'xpath=ancestor::*[contains(concat(" ", @class, " "), " blocklyDraggable ")][not(contains(@class, "blocklyShadow"))][1]',
  );

/** @param {Locator} locator */
async function boxOf(locator) {
  const box = await locator.boundingBox();
  if (box === null) throw new Error(`nothing is seen of ${locator}`);
  return box;
}
