// @ts-check
/** Our pages for people who do not see them, or not well: axe-core finds nothing on any of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { shownIn } from '../extension/tables.js';
import { violations } from './support/axe.js';
import { openBench } from './support/bench.js';
import { Lesson } from './support/codelab.js';
import { officialEditor } from './support/editors/official-editor.js';
import { uniqueTopic } from './support/names.js';

/** @typedef {import('playwright-core').Page} Page */

/** The editor itself, which is not ours, and what it adds to the body. */
const SCRATCH = ['#app', '.blocklyComputeCanvas'];

/** @type {import('./support/bench.js').Bench} */
let bench;

before(async () => (bench = await openBench()));
after(() => bench?.cleanup.run());

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const lang of ['en', 'ja', 'ar']) {
    test(`the start page, ${colorScheme}, in ${lang}`, async () => {
      const page = await openStart(lang);
      await page.emulateMedia({ colorScheme });

      assert.deepEqual(await violations(page), []);
      await page.close();
    });
  }

  test(`the console with everything in it, ${colorScheme}`, async () => {
    const page = await openStart('en');
    await page.emulateMedia({ colorScheme });
    const { username, password } = bench.broker.login;
    await page.getByLabel('User name', { exact: true }).fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    const topic = uniqueTopic();
    await page.getByLabel('Topic to listen to').fill(`${topic}/#`);
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.locator('#status', { hasText: 'Listening to' }).waitFor();
    await page.getByRole('button', { name: 'Save broker' }).click();
    for (let number = 0; number < 210; number++) {
      const payload = number % 2 ? Buffer.from([0xff, 0]) : JSON.stringify({ temp: number });
      await bench.native.publish(`${topic}/${number}`, payload, { retain: number === 0 });
    }
    await page.getByText('Messages: 210').first().waitFor();
    await page.locator('#topics .kept:visible').click();
    await page.getByRole('button', { name: 'Plot temp' }).click();
    await page.locator('#plot-chart canvas').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();

    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  test(`the converter with a project, and with what is none, ${colorScheme}`, async () => {
    const page = await openStart('en');
    await page.emulateMedia({ colorScheme });
    const file = page.locator('#old-project');

    await file.setInputFiles({ name: 'x', mimeType: '', buffer: Buffer.from('no project') });
    await page.getByText('This is not a Scratch project.').waitFor();
    const withoutProject = await violations(page);
    const buffer = new Lesson('wss://anna:secret@broker.example').file;
    await file.setInputFiles({ name: 'x.sb3', mimeType: '', buffer });
    await page.getByRole('link', { name: 'Save the new project' }).waitFor();

    assert.deepEqual(withoutProject, []);
    assert.deepEqual(await violations(page), []);
    await page.close();
  });
}

for (const language of /** @type {const} */ (['en', 'ar'])) {
  test(`what our page adds to the editor, in ${language}`, async () => {
    const page = await bench.browser.newPage();
    const texts = shownIn(language);
    await officialEditor(page, { start: bench.start, language });
    await page.locator('#chip').waitFor();

    assert.deepEqual(await violations(page, SCRATCH), []);
    await page.locator('#chip').click();
    assert.deepEqual(await violations(page, SCRATCH), []);
    await page.getByRole('button', { name: texts['login.button'] }).click();
    await page.getByRole('dialog', { name: texts['login.title'] }).waitFor();
    assert.deepEqual(await violations(page, SCRATCH), []);
    await page.close();
  });
}

/** @param {string} lang */
async function openStart(lang) {
  const page = await bench.browser.newPage();
  await page.goto(`${bench.start}/?lang=${lang}`);
  await page.locator('#old-project:enabled').waitFor();
  await page.locator('#controls:enabled').waitFor();
  return page;
}
