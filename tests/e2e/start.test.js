// @ts-check
/** `npm start` as a new user meets it: its own broker, its start page, its editor. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { officialEditor } from './support/editors/official-editor.js';
import { Program, run } from './support/programs.js';
import { PROJECT, begin, joined } from './support/pupils.js';
import { until } from './support/wait.js';

/** What is not built yet is built first, the broker too. */
const START_LIMIT_MS = 600_000;
const LOOPBACK = '127.0.0.1';
const MB = 1024 * 1024;
const FREE_PORTS = { HTTP_PORT: '0', MQTT_PORT: '0', WS_PORT: '0' };

const cleanup = new Cleanup();
/** @type {Program} */
let start;
/** @type {{ page: string, webSocket: string, tcpPort: string }} */
let addresses;
/** @type {import('playwright-core').BrowserContext} */
let browser;

before(
  async () => {
    const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-start-')), (path) =>
      rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
    );
    start = cleanup.add(startWith(FREE_PORTS), (it) => it.end());
    addresses = await until('npm start to print its addresses', () => printed(start), {
      withinMs: START_LIMIT_MS,
      seen: () => start.output,
    });
    const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
    browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
  },
  { timeout: START_LIMIT_MS },
);
after(() => cleanup.run());

test('the console of the start page hears a program over TCP', async () => {
  const page = await openConsole();

  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText(`Connected to ${addresses.webSocket}.`).waitFor();
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.getByText('Listening to # with QoS 2.').waitFor();
  publish('scratch/desk', 'é 中文 😀');

  await messages(page).getByText('é 中文 😀').waitFor();
  await page.close();
});

test('the console of the start page hears itself, retained messages and wildcards included', async () => {
  const page = await openConsole();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();

  await page.getByLabel('Topic', { exact: true }).fill('scratch/kept');
  await page.getByLabel('Message', { exact: true }).fill('stays');
  await page.getByLabel('Keep').check();
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Published to scratch/kept.').or(page.getByText('is sent when')).waitFor();
  await page.getByRole('button', { name: 'Subscribe' }).click();

  await messages(page).getByText('stays').waitFor();
  await page.close();
});

test('the console shows the head of a long message, and how much follows', async () => {
  const page = await openConsole();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.getByText('Listening to # with QoS 2.').waitFor();

  await page.getByLabel('Topic', { exact: true }).fill(`scratch/${'t'.repeat(1_000)}`);
  // The last letter of the head is cut in two.
  await page.getByLabel('Message', { exact: true }).fill(`x${'é'.repeat(20_000)}`);
  await page.getByRole('button', { name: 'Publish' }).click();

  await messages(page).getByText('xéé').click();
  const shown = page.locator('#detail-text', { hasText: '38001 more bytes' });
  await shown.waitFor();
  assert.equal(await shown.textContent(), `x${'é'.repeat(999)}… 38001 more bytes`);
  const all = (await page.locator('#console-section').textContent()) ?? '';
  assert.ok(all.length < 10_000, `${all.length}`);
  await page.close();
});

test('a wrong password and a wrong topic are explained', async () => {
  const page = await openConsole();

  await page.getByLabel('User name', { exact: true }).fill('guest');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('The broker refused the user name or password.').waitFor();
  await page.getByLabel('Topic', { exact: true }).fill('scratch/#');
  await page.getByRole('button', { name: 'Publish' }).click();

  await page.getByText('You cannot publish to scratch/#').waitFor();
  await page.close();
});

test('the start page and the page of the class say which build they are', async () => {
  const { build } = JSON.parse(readFileSync(join(root, 'dist', 'build.json'), 'utf8'));
  const page = await browser.newPage();

  for (const path of ['', 'class']) {
    await page.goto(`${new URL(path, addresses.page)}?lang=en`);
    await page.getByText(`This is version ${build}`, { exact: true }).waitFor();
  }
  await page.close();
});

test('the start page fits on a phone', async () => {
  const page = await openConsole();

  await page.setViewportSize({ width: 360, height: 740 });

  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 360);
  await page.close();
});

test('the connect block of the editor points at the local broker, by its name', async () => {
  const page = await browser.newPage();

  const editor = await officialEditor(page, { start: addresses.page });
  await editor.openPalette();

  assert.match(await editor.paletteText(), /MQTTclassconnect to broker/);
  await page.close();
});

test('opening the editor sends at most 6 MB the first time, and 100 kB after that', async () => {
  const page = await browser.newPage();
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.clearBrowserCache');
  let sent = 0;
  network.on('Network.loadingFinished', ({ encodedDataLength }) => (sent += encodedDataLength));

  await officialEditor(page, { start: addresses.page });
  const first = sent;
  sent = 0;
  await officialEditor(page, { start: addresses.page });

  assert.ok(first < 6 * MB, `${first} bytes`);
  assert.ok(sent < 100_000, `${sent} bytes`);
  await page.close();
});

test('two pupils of two groups join with one project, and their teacher sees both', async () => {
  const teacher = await browser.newPage();
  await teacher.goto(new URL('class?lang=en', addresses.page).href);
  await teacher.getByLabel('Groups, with commas between them').fill('Red, a/b');
  await teacher.getByRole('button', { name: 'Save the groups' }).click();
  await teacher.getByText('Not saved: at most 20 groups').waitFor();
  await teacher.getByLabel('Groups, with commas between them').fill('Red, Blue');
  await teacher.getByRole('button', { name: 'Save the groups' }).click();
  await teacher.getByText('Saved. Whoever opens').waitFor();
  const given = { name: 'chat.sb3', mimeType: '', buffer: PROJECT };
  await teacher.getByLabel('The lesson’s project (.sb3)').setInputFiles(given);
  await teacher.getByText(/The lesson’s project: chat\.sb3 \(.* MQTT blocks: 4\)/).waitFor();
  const isGiven = true;
  const ada = await joined(browser, addresses.page, { name: 'Ada', group: 'Red', isGiven });
  const grace = await joined(browser, addresses.page, { name: 'Grace', group: 'Blue', isGiven });
  const tile = (/** @type {string} */ name) => teacher.locator('#tiles b', { hasText: name });
  await tile('Ada · Red').waitFor();
  await tile('Grace · Blue').waitFor();

  await ada.click('Cat');
  await ada.untilSaid('Cat', 'hello');
  assert.equal(await grace.said('Cat'), '');
  await grace.click('Cat');
  await grace.untilSaid('Cat', 'hello');

  await ada.page.reload();
  await begin(ada, isGiven);
  await until('Ada to be there once', async () => (await tile('Ada · Red').count()) === 1);
  await teacher.getByRole('button', { name: 'Remove the project' }).click();
  await teacher.getByText('Removed. Whoever joins now').waitFor();
  await ada.click('Cat');
  await ada.untilSaid('Cat', 'hello');
  for (const { page } of [ada, grace]) await page.close();
  await teacher.close();
});

test('a port that is taken is named, with what to do', async () => {
  const HTTP_PORT = new URL(addresses.page).port;
  const second = cleanup.add(startWith({ ...FREE_PORTS, HTTP_PORT }), (it) => it.end());

  assert.equal(await second.ended, 1);
  assert.match(
    second.output,
    new RegExp(`Port ${HTTP_PORT} .* is taken .* npm start -- --http-port \\d+`),
  );
});

test('a broker that ends by itself is started again, on its ports, and that is said', async () => {
  const page = await openConsole();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText(`Connected to ${addresses.webSocket}.`).waitFor();

  process.kill(brokerOf(start.pid), 'SIGKILL');

  await until('the sentence', () => start.output.includes('ended by itself. It is started again'));
  await until('npm start to say that it runs', () => start.output.includes('runs again'));
  await page.getByText(`Connected to ${addresses.webSocket}.`).waitFor();
  assert.equal((await fetch(`${addresses.page}/`)).status, 200);
  assert.equal(isBrokerUp(), true);
  await page.close();
});

test('everything ends with npm start', async () => {
  assert.equal(isBrokerUp(), true);

  await start.end();

  await until('the broker to end', () => !isBrokerUp());
});

/** @param {Record<string, string>} env */
function startWith(env) {
  const script = join(root, 'scripts', 'start.mjs');
  return new Program(process.execPath, [script], { env: { ...process.env, ...env } });
}

/** The addresses that were printed, when they were. @param {Program} program */
function printed({ output, isRunning }) {
  if (!isRunning) throw new Error(`npm start ended: ${output}`);
  const [, page] = /Start page +(http:\/\/\S+?)\/$/m.exec(output) ?? [];
  const [, webSocket, tcpPort] = /Broker +(ws:\S+) .* mqtt:\S+:(\d+)$/m.exec(output) ?? [];
  return page && webSocket && tcpPort ? { page, webSocket, tcpPort } : undefined;
}

async function openConsole() {
  const page = await browser.newPage();
  await page.goto(addresses.page);
  await page.getByText('Not connected.').waitFor();
  return page;
}

/** @param {import('playwright-core').Page} page */
const messages = (page) => page.getByRole('grid', { name: 'Messages' });

/** @param {string} topic @param {string} text */
function publish(topic, text) {
  run('mosquitto_pub', ['-h', LOOPBACK, '-p', addresses.tcpPort, '-t', topic, '-m', text]);
}

/** The program that npm start runs. @param {number} parent */
function brokerOf(parent) {
  const [pid] = run('pgrep', ['-P', String(parent), '-f', 'scratch-mqtt-server']).split('\n');
  return Number(pid);
}

function isBrokerUp() {
  try {
    publish('test/up', 'up');
    return true;
  } catch {
    return false;
  }
}
