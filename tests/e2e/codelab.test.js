// @ts-check
/** The way of an old lesson: the start page changes it, the editor opens it, the login is entered there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { openBench } from './support/bench.js';
import { Lesson, guestAddress } from './support/codelab.js';
import {
  OfficialEditor,
  allowEveryBroker,
  officialEditor,
  openLogin,
} from './support/editors/official-editor.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { kept, listenTo } from './support/secrets.js';
import { until } from './support/wait.js';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('./support/bench.js').Bench} */
let bench;

before(async () => {
  bench = await openBench();
});
after(() => bench?.cleanup.run());

test('the editor page opens a project of CodeLab by its address', async () => {
  const lesson = new Lesson(guestAddress(bench.broker));
  const page = await bench.browser.newPage();
  await page.route('**/old.sb3', (route) => route.fulfill({ body: lesson.file }));

  const editor = await officialEditor(page, { start: bench.start, project: 'old.sb3' });

  await lesson.play(editor, bench);
  await editor.close();
  assert.deepEqual(editor.errors, []);
});

test('the start page changes a project, and uploads nothing', async () => {
  const lesson = new Lesson(guestAddress(bench.broker));
  const page = await openStart();
  /** @type {string[]} */
  const sent = [];
  page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`));

  await choose(page, lesson.file, 'My lesson.sb3');
  await page.getByText('Blocks that change: 9. Sprites: Cat, Dog.').waitFor();
  await page
    .getByText(`a login for localhost:${bench.broker.ports.wss}: user name guest`)
    .waitFor();
  const { file, name } = await save(page);

  assert.equal(name, 'My lesson-mqtt.sb3');
  assert.deepEqual(sent, []);
  await page.getByText('Saved as My lesson-mqtt.sb3. Without user name and password.').waitFor();
  assert.doesNotMatch(projectIn(file), /guest|iot_/);
  await page.close();
});

test('the login stays in the project for who wants that', async () => {
  const lesson = new Lesson(guestAddress(bench.broker));
  const page = await openStart();
  await choose(page, lesson.file);

  await page.getByLabel('Take the user name and the password out').uncheck();
  const { file } = await save(page);
  await page.close();

  assert.ok(projectIn(file).includes(lesson.address));
});

test('a changed project without its login runs when the login dialog has it', async () => {
  const { broker, native, browser } = bench;
  const secret = `${USER}:${encodeURIComponent(PASSWORD)}`;
  const lesson = new Lesson(broker.wss.replace('//', `//${secret}@`));
  const start = await openStart();
  await choose(start, lesson.file);
  const opening = browser.waitForEvent('page');
  await start.getByRole('link', { name: 'Open it in the editor' }).click();
  const page = await opening;
  const said = listenTo(page);
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });

  await openLogin(page);
  const dialog = page.getByRole('dialog', { name: 'Broker login on this computer' });
  assert.equal(await dialog.getByLabel('Broker').inputValue(), broker.wss);
  await dialog.getByLabel('User name').fill(USER);
  await dialog.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });

  const editor = new OfficialEditor('official editor', page);
  await allowEveryBroker(page);
  await lesson.play(editor, { broker, native });
  const saved = projectIn(await editor.saveProject());
  assert.doesNotMatch(saved, new RegExp(`${USER}|${PASSWORD}`));
  assert.doesNotMatch(said(), new RegExp(`${USER}|${PASSWORD}`));
  assert.doesNotMatch(await kept(page), new RegExp(`${USER}|${PASSWORD}`));
  await page.close();
  await start.close();
});

test('the dialog keeps a login for the tab or the computer, and forgets it', async () => {
  const page = await bench.browser.newPage();
  await officialEditor(page, { start: bench.start });
  const dialog = await openDialog(page);
  await dialog.getByLabel('Broker').fill('broker.example');
  await dialog.getByLabel('User name').fill('ada');
  await dialog.getByLabel('Password').fill('secret');
  await dialog.getByLabel('on this computer').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });

  await page.reload();
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  await openDialog(page);
  await dialog.getByLabel('Broker').fill('wss://broker.example:8084/mqtt');
  await dialog.getByText('There is a login for broker.example here.').waitFor();
  assert.equal(await dialog.getByLabel('User name').inputValue(), 'ada');
  assert.equal(await dialog.getByLabel('Password').inputValue(), '');
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await dialog.waitFor({ state: 'detached' });

  assert.equal(await page.evaluate(() => localStorage.getItem('scratchmqtt.logins')), null);
  await page.close();
});

test('the dialog takes the keys, explains a wrong address, and Esc leaves it', async () => {
  const page = await bench.browser.newPage();
  const editor = await officialEditor(page, { start: bench.start });
  // Where the editor, the player and the other parts of the page listen.
  await page.evaluate(() => {
    /** @type {string[]} */
    const heard = [];
    Object.assign(globalThis, { heard });
    for (const type of ['keydown', 'keyup', 'paste']) {
      document.addEventListener(type, (event) => heard.push(event.type));
    }
  });
  const dialog = await openDialog(page);

  await dialog.getByLabel('Broker').fill('http://broker.example');
  await dialog.getByLabel('User name').fill('ada');
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  assert.equal(await dialog.getByLabel('User name').inputValue(), '');
  assert.deepEqual(await page.evaluate('heard'), []);
  await dialog.getByLabel('User name').fill('ada');
  await page.keyboard.press('Enter');

  await dialog.getByText('The address starts with http, which is for web pages.').waitFor();
  assert.ok(await dialog.getByLabel('Broker').evaluate((field) => field.matches(':focus')));
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const chip = page.locator('#chip');
  assert.ok(await chip.evaluate((element) => element === document.activeElement));
  await page.close();
  assert.deepEqual(editor.errors, []);
});

test('the buttons in the palette of TurboWarp show all blocks, open the dialog, and lead to the page of the blocks', async () => {
  const page = await bench.browser.newPage();
  await page.goto(`${bench.origin}/turbowarp/?sandbox=unsandboxed`);
  await page.waitForFunction('globalThis.vm');
  const palette = () =>
    page.evaluate(() => {
      const { vm } = /** @type {any} */ (globalThis);
      const ours = vm.runtime
        .getBlocksXML()
        .find((/** @type {any} */ { id }) => id === 'scratchmqtt');
      return String(ours.xml);
    });
  /** @param {string} text */
  const press = async (text) => {
    const [, data] =
      new RegExp(`text="${text}"[^>]*callbackData="([^"]+)"`).exec(await palette()) ?? [];
    await page.evaluate((button) => {
      /** @type {any} */ (globalThis).vm.handleExtensionButtonPress(button);
    }, data);
  };
  await page.evaluate(
    (url) => /** @type {any} */ (globalThis).vm.extensionManager.loadExtensionURL(url),
    bench.extensionUrl,
  );

  const { href } = new URL('docs/reference/blocks.html', bench.extensionUrl);
  assert.ok((await palette()).includes(`callbackData="${href}"`));
  assert.ok(!(await palette()).includes('type="scratchmqtt_disconnect"'));
  await press('More blocks');
  await until('all blocks to be shown', async () => {
    return (await palette()).includes('type="scratchmqtt_disconnect"');
  });
  await press('Broker login…');

  const dialog = page.getByRole('dialog', { name: 'Broker login on this computer' });
  await dialog.getByLabel('User name').waitFor();
  await page.close();
});

for (const [what, file, sentence] of /** @type {[string, () => Buffer, string][]} */ ([
  [
    'a picture',
    () => readFileSync(new URL('../../www/icon.svg', import.meta.url)),
    'not a Scratch project',
  ],
  ['an empty file', () => Buffer.alloc(0), 'This file is empty.'],
  ['half of a project', () => half(new Lesson('').file), 'This file is damaged.'],
  [
    'a project of Scratch 2',
    () => zip('project.json', '{"objName":"Stage"}'),
    'of an older Scratch',
  ],
  ['a sprite', () => zip('sprite.json', '{}'), 'a single sprite'],
  [
    'a project without such blocks',
    () => zip('project.json', '{"targets":[]}'),
    'There are no IoT blocks',
  ],
])) {
  test(`the start page says what ${what} is`, async () => {
    const page = await openStart();

    await choose(page, file());

    await page.getByText(sentence).waitFor();
    assert.equal(await page.getByText('Save the new project').isVisible(), false);
    await page.close();
  });
}

test('a project that takes too long is stopped, and the next one is changed', async () => {
  const page = await bench.browser.newPage();
  await page.clock.install();
  // What the page would have to wait for, if it waited.
  await page.route('**/convert/worker.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'onmessage = () => { for (;;); };' }),
  );
  await page.goto(`${bench.start}/?lang=en`);
  await page.locator('#old-project:enabled').waitFor();
  await choose(page, new Lesson('wss://broker.example').file);
  await page.getByText('Reading the project').waitFor();

  await page.clock.fastForward(20_001);

  await page.getByText('This takes too long and was stopped.').waitFor();
  await page.unroute('**/convert/worker.js');
  await choose(page, new Lesson('wss://broker.example').file);
  await page.getByText('Blocks that change: 9.').waitFor();
  await page.close();
});

test('of a project with very many sprites and logins the first are named', async () => {
  const page = await openStart();
  const targets = Array.from({ length: 60_000 }, (_, index) => ({
    name: `${index}`.padStart(100, 'x'),
    blocks: {
      a: {
        opcode: 'iot_connect_to_mqtt',
        inputs: { mqtt_uri: [1, [10, `wss://u${index}:p@b`]] },
      },
    },
  }));

  await choose(page, zip('project.json', JSON.stringify({ targets })));

  await page.getByText('Blocks that change: 60000.').waitFor();
  assert.ok(((await page.locator('#convert-status').textContent()) ?? '').length < 1_000);
  assert.equal(await page.locator('#convert-logins p').count(), 11);
  await page.close();
});

test('while a new file is made the old one, which may hold a login, cannot be saved', async () => {
  const page = await openStart();
  await choose(page, new Lesson('wss://anna:secret@broker.example').file);
  await page.getByRole('link', { name: 'Save the new project' }).waitFor();

  await page.evaluate(() => {
    const strip = /** @type {HTMLInputElement} */ (document.querySelector('#strip'));
    // Faster than anybody: the answers to all but the last are too late.
    for (let times = 0; times < 5; times++) strip.click();
  });
  assert.equal(await page.getByLabel('Take the user name').isChecked(), false);
  const withLogin = await save(page);
  await page.getByLabel('Take the user name').check();
  const stripped = await save(page);

  assert.match(projectIn(withLogin.file), /anna:secret@/);
  assert.doesNotMatch(projectIn(stripped.file), /secret/);
  await page.close();
});

test('a project that is chosen after a wrong file is changed all the same', async () => {
  const page = await openStart();
  await choose(page, Buffer.from('hello'));
  await page.getByText('not a Scratch project').waitFor();

  await choose(page, new Lesson('wss://broker.example').file);

  await page.getByText('Blocks that change: 9.').waitFor();
  assert.equal(await page.getByLabel('Take the user name').isVisible(), false);
  await page.close();
});

async function openStart() {
  const page = await bench.browser.newPage();
  await page.goto(`${bench.start}/?lang=en`);
  await page.locator('#old-project:enabled').waitFor();
  await page.getByText('Not connected.').waitFor();
  return page;
}

/** @param {Page} page @param {Buffer} buffer @param {string} [name] */
async function choose(page, buffer, name = 'lesson.sb3') {
  await page.setInputFiles('#old-project', { name, mimeType: 'application/x.scratch.sb3', buffer });
}

/** @param {Page} page */
async function save(page) {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save the new project' }).click();
  const download = await downloading;
  return { file: readFileSync(await download.path()), name: download.suggestedFilename() };
}

/** @param {Page} page */
async function openDialog(page) {
  await openLogin(page);
  const dialog = page.getByRole('dialog', { name: 'Broker login on this computer' });
  await dialog.getByLabel('User name').waitFor();
  return dialog;
}

/** @param {Buffer} sb3 */
const projectIn = (sb3) => strFromU8(unzipSync(sb3)['project.json'] ?? new Uint8Array());

/** @param {Buffer} bytes */
const half = (bytes) => bytes.subarray(0, bytes.length / 2);

/** @param {string} name @param {string} text */
const zip = (name, text) => Buffer.from(zipSync({ [name]: Buffer.from(text) }));
