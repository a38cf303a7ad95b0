// @ts-check
/** Our pages in a language that is read from right to left. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { shownIn } from '../extension/tables.js';
import { openBench } from './support/bench.js';
import { officialEditor } from './support/editors/official-editor.js';
import { uniqueTopic } from './support/names.js';
import { until } from './support/wait.js';

/** @type {import('./support/bench.js').Bench} */
let bench;

before(async () => (bench = await openBench()));
after(() => bench?.cleanup.run());

for (const path of ['/', '/class', '/board', '/editor']) {
  test(`${path} has its direction before it is painted`, async () => {
    const page = await bench.browser.newPage();
    await page.route(/\/language\.js$/, async (route) => {
      const response = await route.fetch();
      // As from a slow server: a page that waits for nothing is painted meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.fulfill({ response });
    });

    await page.goto(`${bench.start}${path}?lang=ar`);

    const { came, painted } = await page.evaluate(async () => {
      const first = () => performance.getEntriesByName('first-paint')[0]?.startTime;
      while (first() === undefined) await new Promise((resolve) => requestAnimationFrame(resolve));
      const resources = /** @type {PerformanceResourceTiming[]} */ (
        performance.getEntriesByType('resource')
      );
      const module = resources.find(({ name }) => name.endsWith('/language.js'));
      return { came: module?.responseEnd ?? Infinity, painted: Number(first()) };
    });
    assert.ok(
      painted > came,
      `painted after ${painted} ms, the language was there after ${came} ms`,
    );
    assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
    await page.close();
  });
}

test('a page begins at the right, and addresses and programs at their left', async () => {
  const page = await openStart();
  /** @param {string} selector */
  const boxOf = async (selector) => {
    const box = await page.locator(selector).boundingBox();
    assert.ok(box, selector);
    return box;
  };

  const [icon, title, language] = [
    await boxOf('header > img'),
    await boxOf('h1'),
    await boxOf('#language'),
  ];
  assert.ok(icon.x > title.x && title.x > language.x);
  for (const selector of [
    '#address',
    '#filter',
    '#topic',
    '#class-word',
    '#kit-program',
    '#local-ws',
  ]) {
    const { direction } = await page
      .locator(selector)
      .evaluate((it) => ({ direction: getComputedStyle(it).direction }));
    assert.equal(direction, 'ltr', selector);
  }
  await page.close();
});

test('in the tree of topics the left arrow key leads inward', async () => {
  const page = await openStart();
  const topic = uniqueTopic();
  const { username, password } = bench.broker.login;
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(password);
  await page.locator('#connect button[type=submit]').click();
  await page.locator('#status[data-state=connected]').waitFor();
  await page.locator('#filter').fill(`${topic}/#`);
  await page.locator('#subscribe button[type=submit]').click();
  await page.locator('#filters li').waitFor();
  await bench.native.publish(`${topic}/b/c`, '1');
  const branch = page.locator('#topics [aria-expanded]').first();
  await branch.waitFor();
  const tree = page.locator('#topics');
  await tree.press('ArrowDown');

  await tree.press('ArrowRight');
  await page.locator('#topics [aria-expanded=false]').first().waitFor();
  await tree.press('ArrowLeft');

  await page.locator('#topics [aria-level="1"][aria-expanded=true]').waitFor();
  await page.close();
});

test('buttons and titles of the palette stay in it, however long a block is', async () => {
  const page = await bench.browser.newPage();
  const editor = await officialEditor(page, { start: bench.start, language: 'ar' });
  const texts = shownIn('ar');

  await editor.showMoreBlocks(texts['palette.more']);

  await page.locator('.blocklyFlyoutButton', { hasText: texts['palette.fewer'] }).waitFor();
  await until('the editor to put them at their places', async () => (await hidden(page)) < 1, {
    seen: () => hidden(page),
  });
  await page.close();
});

/** How many pixels of the buttons and titles are behind the edge. @param {import('playwright-core').Page} page */
function hidden(page) {
  return page.evaluate(() => {
    /** @param {Element} element */
    const right = (element) => element.getBoundingClientRect().right;
    const palette = document.querySelector('.blocklyFlyoutBackground');
    const marks = [...document.querySelectorAll('.blocklyFlyoutButton, .blocklyFlyoutLabel')];
    return Math.max(...marks.map(right)) - (palette ? right(palette) : 0);
  });
}

async function openStart() {
  const page = await bench.browser.newPage();
  await page.goto(`${bench.start}/?lang=ar`);
  await page.locator('#controls:enabled').waitFor();
  return page;
}
