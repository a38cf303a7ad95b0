// @ts-check
/** The class page, as a teacher uses it while a lesson goes on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { violations } from './support/axe.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { connect, whenFlag } from './support/blocks.js';
import { Cleanup } from './support/cleanup.js';
import { LOOPBACK } from './support/ports.js';
import { makeProject } from './support/project.js';

/** Connects when the flag is pressed. */
const PROJECT = Buffer.from(
  makeProject({ sprites: { Lesson: { scripts: [[whenFlag(), connect('class')]] } } }),
);

const cleanup = new Cleanup();
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {import('playwright-core').BrowserContext} */
let browser;

before(async () => {
  await buildBroker();
  const ports = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  server = cleanup.add(await startBroker({ host: LOOPBACK, ...ports }), (it) => it.stop());
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-class-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
});
after(() => cleanup.run());

test('a pupil and a board are here, show what they send, and go', async () => {
  const page = await openClass('en');
  await page.getByText('Nobody has connected yet.').waitFor();
  await page.getByText('Only this computer can connect. For the class').waitFor();
  const pupil = await client(`ws://${LOOPBACK}:${server.webSocketPort}/mqtt`, 'Ada');
  const board = await client(`mqtt://${LOOPBACK}:${server.tcpPort}`, 'board-1');
  await page.getByRole('button', { name: /Ada.*here.*Scratch/ }).waitFor();
  const tile = page.getByRole('button', { name: /board-1.*here.*board/ });

  await pupil.subscribeAsync('room/#');
  await board.publishAsync('room/temperature', '21.5', { retain: true });
  await tile.click();
  const dialog = page.getByRole('dialog', { name: 'board-1' });
  await dialog.getByRole('row', { name: /room\/temperature 21.5/ }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  board.stream.destroy();
  await page.getByRole('button', { name: /board-1.*connection lost/ }).waitFor();
  await pupil.endAsync();
  await page.getByRole('button', { name: /Ada.*has left/ }).waitFor();

  await page.getByRole('button', { name: 'Forget who is not here' }).click();
  await page.getByText('Nobody has connected yet.').waitFor();
  await page.close();
});

test('a new lesson begins without kept messages, and only when that is meant', async () => {
  const page = await openClass('en');
  const pupil = await client(`ws://${LOOPBACK}:${server.webSocketPort}/mqtt`, 'Grace');
  await pupil.publishAsync('lesson/kept', 'of the last lesson', { retain: true, qos: 1 });
  const begin = page.getByRole('button', { name: 'New lesson' });
  const groups = page.getByLabel('Groups, with commas between them');
  await groups.fill('Red, Blue');
  await page.getByRole('button', { name: 'Save the groups' }).click();
  await page.getByText('Saved. Whoever opens').waitFor();

  await begin.click();
  const dialog = page.getByRole('dialog', { name: 'Begin a new lesson?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(await kept('lesson/kept', 'after Cancel'), ['of the last lesson']);

  await begin.click();
  await dialog.getByText('The groups and the lesson’s project end too.').waitFor();
  await dialog.getByRole('button', { name: 'New lesson' }).click();
  await page.getByText(/Cleared: kept messages \d+, groups 2\./).waitFor();
  assert.deepEqual(await kept('lesson/kept', 'after a new lesson'), []);
  await page.getByText('Pupils choose one on the start page').waitFor();
  assert.equal(await groups.inputValue(), '');
  pupil.end(true);
  await page.close();
});

test('a project that is chosen or dropped is opened by everybody who joins, and ends with the lesson', async () => {
  const page = await openClass('en');
  const field = page.getByLabel('The lesson’s project (.sb3)');
  for (const [name, bytes, sentence] of /** @type {[string, Buffer, string][]} */ ([
    ['photo.png', Buffer.from('no project'), 'This is not a Scratch project.'],
    ['cut.sb3', PROJECT.subarray(0, PROJECT.length / 2), 'This file is damaged.'],
    ['bomb.sb3', bomb(), 'This project is too large for a class: 100 MB is the most.'],
  ])) {
    await field.setInputFiles({ name, mimeType: '', buffer: bytes });
    await page.getByText(sentence).waitFor();
  }
  await drop(page, 'large.sb3', 50_000_001);
  await page.getByText('This project is too large for a class: 50 MB').waitFor();
  const remove = page.getByRole('button', { name: 'Remove the project' });
  assert.equal(await remove.isVisible(), false);

  await drop(page, '<b>room</b>.sb3', PROJECT);
  await page
    .getByText(/The lesson’s project: <b>room<\/b>\.sb3 \(\d\.\d kB, MQTT blocks: 1\)/)
    .waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'class-project');
  await page.reload();
  await remove.waitFor();

  const pupil = await browser.newPage();
  await pupil.goto(`http://localhost:${server.pagesPort}/?lang=en`);
  await pupil.getByText('The lesson’s project opens in the editor: <b>room</b>.sb3').waitFor();
  await picture(pupil, 'join-project');
  await pupil.close();
  await page.getByRole('button', { name: 'New lesson' }).click();
  const dialog = page.getByRole('dialog', { name: 'Begin a new lesson?' });
  await dialog.getByRole('button', { name: 'New lesson' }).click();
  await page.getByText('The lesson’s project is removed.').waitFor();
  await page.getByText('Choose a file, or drop it on this page.').waitFor();
  await page.close();
});

test('another device asks for the class word once, and for the teacher’s', async () => {
  const ports = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const more = ['--class-word', 'Kiwi-Otter'];
  const open = await startBroker({ host: LOOPBACK, ...ports, more });
  const start = `http://localhost:${open.pagesPort}`;
  const page = await browser.newPage();
  // As a proxy does; this computer would be let in without a word.
  await page.setExtraHTTPHeaders({ 'X-Forwarded-For': '192.168.1.20' });

  await page.goto(`${start}/?lang=en#fox-otter`);
  await page.getByText('That is not the word.').waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'word');
  await page.getByLabel('Class word').fill('kiwi otter');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByLabel('Your name').waitFor();
  assert.equal(page.url(), `${start}/?lang=en`);
  await page.getByText('log in with the user name class and the class word').waitFor();

  await page.goto(`${start}/class?lang=en`);
  const { teacher } = await (await fetch(`${start}/class/where.json`)).json();
  await page.getByLabel('Teacher’s word').fill(teacher);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Nobody has connected yet.').waitFor();
  await page.close();
  open.stop();
  await open.ended;
});

test('kept messages are cleared by their topics', async () => {
  const page = await openClass('en');
  const pupil = await client(`ws://${LOOPBACK}:${server.webSocketPort}/mqtt`, 'Marie');
  for (const topic of ['shelf/a', 'shelf/b/c', 'desk']) {
    await pupil.publishAsync(topic, 'old', { retain: true, qos: 1 });
  }
  const filter = page.getByLabel('Topic of the kept messages');
  const clear = page.getByRole('button', { name: 'Clear kept messages' });

  await filter.fill('shelf/#/b');
  await clear.click();
  await page.getByText('Nothing cleared: this is no topic.').waitFor();
  await filter.fill(' shelf/# ');
  await filter.press('Enter');
  await page.getByText('Kept messages cleared: 2').waitFor();
  assert.deepEqual(await kept('shelf/a', 'after clearing'), []);
  assert.deepEqual(await kept('desk', 'still'), ['old']);

  await filter.fill('');
  await clear.click();
  await page.getByText('Kept messages cleared: 1').waitFor();
  await pupil.endAsync();
  await page.close();
});

test('everyone is paused, which a page that is opened anew says, and goes on', async () => {
  const page = await openClass('en');
  const pupil = await client(`ws://${LOOPBACK}:${server.webSocketPort}/mqtt`, 'Emmy');
  const watcher = await client(`mqtt://${LOOPBACK}:${server.tcpPort}`, 'watcher');
  /** @type {string[]} */
  const seen = [];
  watcher.on('message', (_, payload) => seen.push(String(payload)));
  await watcher.subscribeAsync('paused');

  await page.getByRole('button', { name: 'Pause everyone' }).click();
  await page.getByText('The class is paused').waitFor();
  await pupil.publishAsync('paused', 'later');
  await pupil.subscribeAsync('anything');
  await watcher.subscribeAsync('anything');
  assert.deepEqual(seen, []);
  await page.reload();
  await page.getByText('The class is paused').waitFor();
  assert.deepEqual(await violations(page), []);

  const came = new Promise((resolve) => watcher.once('message', resolve));
  await page.getByRole('button', { name: 'Let everyone go on' }).click();
  await page.getByText('The class is paused').waitFor({ state: 'hidden' });
  await came;
  assert.deepEqual(seen, ['later']);
  await pupil.endAsync();
  await watcher.endAsync();
  await page.close();
});

test('a new lesson ends the pause', async () => {
  const page = await openClass('en');
  await page.getByRole('button', { name: 'Pause everyone' }).click();
  await page.getByText('The class is paused').waitFor();

  await page.getByRole('button', { name: 'New lesson' }).click();
  const dialog = page.getByRole('dialog', { name: 'Begin a new lesson?' });
  await dialog.getByRole('button', { name: 'New lesson' }).click();

  await page.getByRole('button', { name: 'Pause everyone' }).waitFor();
  assert.deepEqual(await kept('lesson/kept', 'goes on'), []);
  await page.close();
});

test('a name that two use, in the language of the page', async () => {
  const page = await openClass('de');
  const all = [];
  for (let round = 0; round < 6; round += 1) {
    all.push(await client(`mqtt://${LOOPBACK}:${server.tcpPort}`, 'twin'));
  }

  await page.getByRole('button', { name: /twin.*zwei mit diesem Namen/ }).click();
  await page.getByText('Gib einem davon einen anderen Namen.').waitFor();
  for (const one of all) await one.endAsync(true);
  await page.close();
});

test('names and messages are shown and not run', async () => {
  const page = await openClass('en');
  const hostile = '<img src=x onerror="document.title=1">';
  const pupil = await client(`ws://${LOOPBACK}:${server.webSocketPort}/mqtt`, hostile);
  await pupil.publishAsync('room', hostile);

  await page.getByRole('button', { name: hostile }).click();
  await page.getByRole('cell', { name: hostile }).waitFor();
  assert.notEqual(await page.title(), '1');
  await pupil.endAsync();
  await page.close();
});

for (const [colorScheme, lang] of /** @type {const} */ ([
  ['light', 'en'],
  ['dark', 'en'],
  ['light', 'ar'],
])) {
  test(`axe finds nothing, ${colorScheme}, in ${lang}`, async () => {
    const page = await openClass(lang);
    await page.emulateMedia({ colorScheme });
    const pupil = await client(`ws://${LOOPBACK}:${server.webSocketPort}/mqtt`, 'axe');
    await pupil.publishAsync('room', 'x');
    await page.getByRole('button', { name: /^axe/ }).waitFor();

    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: /^axe/ }).click();
    await page.getByRole('cell', { name: 'room' }).first().waitFor();
    assert.deepEqual(await violations(page), []);
    await pupil.endAsync();
    await page.close();
  });
}

/** A small file that says it is one project, and unpacks to more than a phone can hold. */
function bomb() {
  return Buffer.from(zipSync({ 'project.json': new Uint8Array(100_000_001) }, { level: 1 }));
}

/** @param {import('playwright-core').Page} page @param {string} name @param {Buffer | number} content Or how many zeros. */
async function drop(page, name, content) {
  const bytes = typeof content === 'number' ? content : [...content];
  const dataTransfer = await page.evaluateHandle(
    (file) => {
      const transfer = new DataTransfer();
      // From a number, as many zeros.
      const all = new Uint8Array(/** @type {any} */ (file.bytes));
      transfer.items.add(new File([all], file.name));
      return transfer;
    },
    { name, bytes },
  );
  await page.locator('#tiles').dispatchEvent('drop', { dataTransfer });
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function picture(page, name) {
  if (process.env.PICTURES)
    await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: true });
}

/** What a new subscriber gets before the message with this text. @param {string} topic @param {string} marker */
async function kept(topic, marker) {
  const one = await client(`mqtt://${LOOPBACK}:${server.tcpPort}`, `kept-${marker.length}`);
  /** @type {string[]} */
  const texts = [];
  const all = new Promise((resolve) => {
    one.on('message', (_, payload) => {
      if (String(payload) === marker) resolve(texts);
      else texts.push(String(payload));
    });
  });
  await one.subscribeAsync(topic);
  await one.publishAsync(topic, marker);
  await all;
  await one.endAsync();
  return texts;
}

/** @param {string} lang */
async function openClass(lang) {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.pagesPort}/class?lang=${lang}`);
  return page;
}

/** @param {string} url @param {string} clientId */
async function client(url, clientId) {
  const one = await mqtt.connectAsync(url, { clientId, reconnectPeriod: 0 });
  one.on('error', () => {});
  return one;
}
