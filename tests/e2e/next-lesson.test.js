// @ts-check
/** A pupil on another computer, whose editor is open while the teacher begins a new lesson. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { ensureEditor } from '../../scripts/editor.mjs';
import { violations } from './support/axe.js';
import { connect, whenFlag } from './support/blocks.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { OfficialEditor } from './support/editors/official-editor.js';
import { LOOPBACK } from './support/ports.js';
import { makeProject } from './support/project.js';

const WORD = 'kiwi-otter';
const NEW_LESSON = 'A new lesson has begun: type its class word.';

const cleanup = new Cleanup();
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {import('playwright-core').BrowserContext} */
let browser;
/** What another computer opens. */
let elsewhere = '';
/** The same in a browser that keeps no cookies. */
let forgetful = '';

before(async () => {
  await ensureEditor();
  await buildBroker();
  const ports = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const more = ['--class-word', WORD];
  server = cleanup.add(await startBroker({ host: LOOPBACK, ...ports, more }), (it) => it.stop());
  elsewhere = await startProxy(server.pagesPort);
  forgetful = await startProxy(server.pagesPort, ['set-cookie']);
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-lesson-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
});
after(() => cleanup.run());

test('the editor asks for the new word, and goes on with the same project', async () => {
  const page = await browser.newPage();
  await page.goto(`${elsewhere}/editor/?lang=en`);
  await sayWord(page, 'Go on');
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  const editor = new OfficialEditor('editor', page);
  const scripts = [[whenFlag(), connect('class')]];
  await editor.loadProject(makeProject({ sprites: { Robot: { scripts } } }));
  await editor.greenFlag();
  const chip = page.locator('#chip');
  await chip.getByText('Connected to class.').waitFor();

  await beginNewLesson();
  const dialog = page.getByRole('dialog', { name: 'Connection' });
  await dialog.getByText(NEW_LESSON).waitFor();
  await chip.getByText(NEW_LESSON).waitFor();
  assert.equal(await dialog.getByRole('button').count(), 1);
  assert.deepEqual(await violations(page, ['#app', '.blocklyComputeCanvas']), []);
  if (process.env.PICTURES)
    await page.screenshot({ path: join(process.env.PICTURES, 'next-lesson.png') });

  await dialog.getByLabel('Class word').fill('fox-otter');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await dialog.getByText('That is not the word.').waitFor();
  await dialog.getByLabel('Class word').fill(WORD);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await chip.getByText('Connected to class.').waitFor();
  await dialog.waitFor({ state: 'hidden' });
  assert.ok(await page.getByText('Robot').first().isVisible());
  await page.close();
});

test('the console of the start page asks for the new word, and goes on listening', async () => {
  const page = await browser.newPage();
  await page.context().clearCookies();
  await page.goto(`${elsewhere}/?lang=en`);
  await sayWord(page, 'Go on');
  await page.locator('#controls:enabled').waitFor();
  await page.locator('#address').fill(`${elsewhere.replace('http', 'ws')}/mqtt`);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  const status = page.locator('#status');
  await status.getByText('Connected to ').waitFor();
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
  await status.getByText('Listening to #').waitFor();

  await beginNewLesson();
  await status.getByText(NEW_LESSON).waitFor();
  assert.deepEqual(await violations(page), []);
  if (process.env.PICTURES)
    await page.screenshot({ path: join(process.env.PICTURES, 'console-next-lesson.png') });

  await page.locator('#class-word').fill('fox-otter');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('That is not the word.').waitFor();
  await sayWord(page, 'Go on');
  await status.getByText('Listening to #').waitFor();
  await page.locator('#next-lesson').waitFor({ state: 'hidden' });
  await page.close();
});

test('the class page on another device asks for its word, when the lesson begins elsewhere', async () => {
  const page = await browser.newPage();
  await page.goto(`${elsewhere}/class?lang=en`);
  const word = page.getByLabel('Teacher’s word');
  const here = await fetch(`http://${LOOPBACK}:${server.pagesPort}/class/where.json`);
  await word.fill((await here.json()).teacher);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'The class' }).waitFor();

  await beginNewLesson();
  await word.waitFor();
  await page.close();
});

test('where the browser keeps no cookies, the page says so', async () => {
  const page = await browser.newPage();
  await page.context().clearCookies();
  await page.goto(`${forgetful}/?lang=en`);
  await sayWord(page, 'Go on');
  await page.getByText('this browser keeps no cookies').waitFor();
  await page.close();
});

/** @param {import('playwright-core').Page} page @param {string} button */
async function sayWord(page, button) {
  await page.getByLabel('Class word').fill(WORD);
  await page.getByRole('button', { name: button }).click();
}

/** At the computer itself. */
async function beginNewLesson() {
  const begun = `http://${LOOPBACK}:${server.pagesPort}/class/new-lesson`;
  const { status } = await fetch(begun, { method: 'POST' });
  assert.equal(status, 200);
}

/**
 * Passes on what comes, and says that it comes from another computer.
 *
 * @param {number} port
 * @param {string[]} lost headers of answers
 * @returns {Promise<string>} its address
 */
async function startProxy(port, lost = []) {
  /** @param {import('node:http').IncomingMessage} asked */
  const options = ({ method, url, headers }) => ({
    host: LOOPBACK,
    port,
    method,
    path: url,
    headers: { ...headers, 'x-forwarded-for': '192.168.1.20' },
  });
  const proxy = createServer((asked, answer) => {
    const passed = request(options(asked), (response) => {
      for (const name of lost) delete response.headers[name];
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  });
  proxy.on('upgrade', (asked, socket) => {
    const { method, path, headers } = options(asked);
    const passed = connectSocket(port, LOOPBACK);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    passed.write([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    for (const end of [passed, socket]) end.on('error', () => {});
    passed.pipe(socket).pipe(passed);
  });
  await new Promise((resolve) => proxy.listen(0, LOOPBACK, () => resolve(undefined)));
  cleanup.add(proxy, (it) => {
    it.closeAllConnections();
    it.close();
  });
  const address = proxy.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://localhost:${address.port}`;
}
