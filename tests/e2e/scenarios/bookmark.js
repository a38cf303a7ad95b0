// @ts-check
/** The bookmark of the start page, in an editor that keeps no address of an extension. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, payload, whenFlag, whenMessage } from '../support/blocks.js';
import { bookmarkOf, click } from '../support/bookmark.js';
import { uniqueTopic } from '../support/names.js';
import { makeProject } from '../support/project.js';
import { connectTo } from '../support/stage.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

const NUMBERS = Array.from({ length: 20 }, (_, index) => String(index + 1));

/** @param {Stage} stage */
export function bookmark(stage) {
  test('a project that was saved without an address is opened again, and its hats run', async () => {
    const { broker, editor, native } = stage;
    const topic = uniqueTopic();
    await editor.loadProject(projectWith(broker, topic));

    const saved = await editor.saveProject();
    await editor.loadProject(saved);
    await editor.greenFlag();
    await stage.untilSubscribed(topic);
    for (const number of NUMBERS) await native.publish(topic, number);

    assert.deepEqual(await editor.untilLength('Cat', 'got', NUMBERS.length), NUMBERS);
  });

  test('a second click changes nothing: one category, one connection, each message once', async () => {
    const { bench, broker, editor, native } = stage;
    const topic = uniqueTopic();
    await editor.loadProject(projectWith(broker, topic));
    await editor.greenFlag();
    await stage.untilSubscribed(topic);
    const connections = connectionsOf(broker);
    const again = await bookmarkOf(bench);

    const loaded = editor.page.waitForResponse(/plugin\.js/);
    await click(editor.page, again);
    await (await loaded).finished();
    for (const number of NUMBERS) await native.publish(topic, number);

    assert.deepEqual(await editor.untilLength('Cat', 'got', NUMBERS.length), NUMBERS);
    await editor.loadProject(projectWith(broker, topic));
    assert.equal(await categories(editor.page), 1);
    assert.equal(connectionsOf(broker), connections);
  });

  test('the blocks are in the language of the editor', async () => {
    const { page } = stage.editor;
    const firstBlock = () =>
      page.evaluate(() => {
        const { runtime } = /** @type {any} */ (globalThis).vm;
        const ours = runtime._blockInfo.find((/** @type {any} */ { id }) => id === 'scratchmqtt');
        const named = (/** @type {any} */ { info }) => info.opcode === 'connect';
        return String(ours.blocks.find(named).info.text);
      });

    await page.evaluate(() => /** @type {any} */ (globalThis).vm.setLocale('zh-cn', {}));
    await until('Chinese blocks', async () => (await firstBlock()).startsWith('连接'), {
      seen: firstBlock,
    });
    await page.evaluate(() => /** @type {any} */ (globalThis).vm.setLocale('en', {}));
    await until('English blocks', async () => (await firstBlock()).startsWith('connect'));
  });

  test('on a page without an editor, and without the server, the bookmark says what is wrong', async () => {
    const { bench } = stage;
    const page = await bench.browser.newPage();
    await page.goto(`${bench.origin}/program`);
    const german = await bookmarkOf(bench, 'de');

    const missed = page.waitForEvent('dialog');
    await click(page, german);
    assert.match(await messageOf(missed), /kein Scratch-Editor/);

    await page.evaluate(() => Object.assign(globalThis, { vm: {} }));
    await page.route('**/plugin.js?*', (route) => route.abort());
    const lost = page.waitForEvent('dialog');
    await click(page, german);
    assert.match(await messageOf(lost), new RegExp(`von ${bench.start}/plugin.js geladen`));
    await page.close();
  });

  test('the start page lets the address of the bookmark be copied, and runs it not itself', async () => {
    const { bench } = stage;
    const page = await bench.browser.newPage();
    await bench.browser.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${bench.start}/?lang=en`);
    const link = page.getByRole('link', { name: 'MQTT', exact: true });
    const row = page.locator('.row', { has: link });

    await row.getByRole('button', { name: 'Copy' }).click();
    await row.getByText('Copied').waitFor();
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      await link.getAttribute('href'),
    );
    await link.click();

    await row.getByText('Drag it to the bookmarks bar').waitFor();
    await page.close();
  });
}

/** As this editor saves it. @param {{ wss: string }} broker @param {string} topic */
const projectWith = (broker, topic) =>
  makeProject({
    sprites: {
      Cat: {
        lists: { got: [] },
        scripts: [
          [whenFlag(), ...connectTo(broker)],
          [whenMessage(topic), add(payload(), 'got')],
        ],
      },
    },
  });

/** @param {Promise<import('playwright-core').Dialog>} event @returns {Promise<string>} what the page said */
async function messageOf(event) {
  const dialog = await event;
  await dialog.dismiss();
  return dialog.message();
}

/** How many categories of ours the palette has. @param {import('playwright-core').Page} page */
const categories = (page) =>
  page.evaluate(
    () =>
      /** @type {any} */ (globalThis).vm.runtime._blockInfo.filter(
        (/** @type {any} */ { id }) => id === 'scratchmqtt',
      ).length,
  );

/** How many connections the broker has accepted. @param {{ log: string }} broker */
const connectionsOf = ({ log }) => log.split('Sending CONNACK to ').length - 1;
