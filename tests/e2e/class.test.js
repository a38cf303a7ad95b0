// @ts-check
/** The page of the class, as a teacher uses it while a lesson goes on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { violations } from './support/axe.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { LOOPBACK } from './support/ports.js';

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
  await dialog.getByText('The groups end too.').waitFor();
  await dialog.getByRole('button', { name: 'New lesson' }).click();
  await page.getByText(/Cleared: kept messages \d+, groups 2\./).waitFor();
  assert.deepEqual(await kept('lesson/kept', 'after a new lesson'), []);
  await page.getByText('Pupils choose one on the start page').waitFor();
  assert.equal(await groups.inputValue(), '');
  pupil.end(true);
  await page.close();
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

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds nothing, ${colorScheme}`, async () => {
    const page = await openClass('en');
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
