// @ts-check
/** Where the page has no place of its own for it, the stage says why the first attempt to connect failed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, forever, isConnected, set, setRoom, whenFlag } from '../support/blocks.js';
import { freePorts } from '../support/ports.js';
import { connectTo } from '../support/stage.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** So many attempts in vain say no more than the first. */
const ATTEMPTS = 3;

/** @param {import('playwright-core').Page} page @param {string} words */
export const noticeOn = (page, words) => page.locator('div[role=status] p', { hasText: words });

/** @param {Stage} stage */
export function notices(stage) {
  test('the first attempt of a run that fails is said over the stage, once, and a click ends that', async () => {
    const { page } = stage.editor;
    const [nobody = 0] = await freePorts(1);
    const address = `ws://localhost:${nobody}/mqtt`;
    const tried = attempts(page, address);
    await stage.play({ Cat: { scripts: [[whenFlag(), connect(address)]] } });
    const notice = noticeOn(page, `localhost:${nobody}`);

    await notice.waitFor();

    await coversStageOnly(stage.editor);
    await picture(stage);
    await notice.click();
    await notice.waitFor({ state: 'detached' });
    const before = tried();
    await until('more attempts', () => tried() >= before + ATTEMPTS);
    assert.equal(await notice.count(), 0);

    await stage.editor.greenFlag();
    await notice.waitFor();
    await stage.editor.greenFlag();
    await until('one notice', async () => (await notice.count()) === 1);
  });

  test('an address that leads nowhere is said too; the project stays as it is', async () => {
    const { editor } = stage;
    const scripts = [[whenFlag(), setRoom('red'), connect('http://localhost/')]];
    await stage.play({ Cat: { scripts } });
    const notice = noticeOn(editor.page, 'http');

    await notice.waitFor();

    assert.equal(await editor.said('Cat'), '');
    assert.equal(await editor.page.evaluate('vm.runtime.targets.length'), 2);
    await notice.click();
  });

  test('a connection that is lost later is not said over the stage', async () => {
    const { editor, broker } = stage;
    await stage.play({
      Cat: {
        variables: { connected: '' },
        scripts: [[whenFlag(), ...connectTo(broker), forever(set('connected', isConnected()))]],
      },
    });
    await editor.untilVariable('Cat', 'connected', /^true$/);
    const tried = attempts(editor.page, broker.wss);
    await broker.kill();
    try {
      await until('attempts in vain', () => tried() >= ATTEMPTS);

      assert.equal(await editor.page.locator('div[role=status] p').count(), 0);
    } finally {
      await broker.start();
    }
  });
}

/** @param {Stage} stage */
export function noNotices(stage) {
  test('no stage is covered', async () => {
    const { page } = stage.editor;
    const [nobody = 0] = await freePorts(1);
    const address = `ws://localhost:${nobody}/mqtt`;
    const tried = attempts(page, address);

    await stage.play({ Cat: { scripts: [[whenFlag(), connect(address)]] } });

    await until('attempts in vain', () => tried() >= ATTEMPTS);
    for (const frame of page.frames())
      assert.equal(await frame.locator('div[role=status][style*="z-index"]').count(), 0);
  });
}

/** @param {import('playwright-core').Page} page @param {string} address @returns {() => number} */
function attempts(page, address) {
  let count = 0;
  page.on('websocket', (socket) => {
    if (socket.url().startsWith(address)) count += 1;
  });
  return () => count;
}

/** @param {import('../support/editors/editor.js').Editor} editor */
async function coversStageOnly({ page }) {
  const [stage, notice] = await page.evaluate(() => {
    const { canvas } = /** @type {any} */ (globalThis).vm.runtime.renderer;
    const shown = document.querySelector('div[role=status][style*="z-index"]');
    return [canvas, shown].map((one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      return { left, right, top, bottom };
    });
  });
  assert(stage && notice);
  assert(notice.left >= stage.left && notice.right <= stage.right + 1);
  assert(notice.top >= stage.top && notice.bottom <= stage.bottom + 1);
}

/** @param {Stage} stage */
async function picture({ editor }) {
  const name = editor.name.replace(/\W+/g, '-');
  if (process.env.PICTURES)
    await editor.page.screenshot({ path: join(process.env.PICTURES, `notice-${name}.png`) });
}
