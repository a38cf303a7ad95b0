// @ts-check
/** The first five minutes: the start page opens each sample project, which talks to the console, and to a board. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { ensureEditor } from '../../scripts/editor.mjs';
import { SAMPLES } from '../../scripts/samples.mjs';
import { shownIn } from '../extension/tables.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { OfficialEditor, allowEveryBroker } from './support/editors/official-editor.js';
import { connect, whenFlag } from './support/blocks.js';
import { Native } from './support/native.js';
import { LOOPBACK, freePorts } from './support/ports.js';
import { makeProject } from './support/project.js';
import { connectMicrobit } from './support/scratch-link.js';
import { until } from './support/wait.js';

/** As the programs in `examples/` for boards have it. */
const BOARD = 'board-1';

const cleanup = new Cleanup();
/** @type {import('playwright-core').BrowserContext} */
let browser;
/** @type {{ host: string, tcpPort: number, webSocketPort: number, pagesPort: number }} */
let ports;
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
let folder = '';
/** What a board does. @type {Native} */
let board;
/** @type {import('playwright-core').Page} */
let startPage;
/** What a test opened. @type {OfficialEditor[]} */
let editors = [];

before(async () => {
  await ensureEditor();
  await buildBroker();
  folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-samples-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const [tcpPort = 0, webSocketPort = 0, pagesPort = 0] = await freePorts(3);
  ports = { host: LOOPBACK, tcpPort, webSocketPort, pagesPort };
  await startServer();
  cleanup.add(undefined, () => server.stop());
  const client = await mqtt.connectAsync(`mqtt://${LOOPBACK}:${tcpPort}`, { reconnectPeriod: 200 });
  client.on('error', () => {});
  board = cleanup.add(new Native(client), (it) => it.end());
  await board.subscribe('#');
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
  startPage = await browser.newPage();
  await startPage.goto(`http://localhost:${pagesPort}/?lang=en`);
});
after(() => cleanup.run());
afterEach(async () => {
  const [...all] = editors;
  editors = [];
  for (const one of all) await one.close();
  assert.deepEqual(
    all.flatMap(({ errors }) => errors),
    [],
  );
});

async function startServer() {
  server = await startBroker(ports);
}

/** As after a power cut: everything that the broker had is gone, too. */
async function restartServer() {
  server.stop();
  await server.ended;
  await startServer();
  await until('the board to be back', () => board.client.connected);
}

/**
 * Opens a sample by its link, starts it, and waits for its connection.
 *
 * @param {string} link
 * @param {(sample: OfficialEditor) => Promise<void>} [tell] what it asks for before it connects
 */
async function openSample(link, tell = async () => {}) {
  const [page] = await Promise.all([
    browser.waitForEvent('page'),
    startPage.getByRole('link', { name: link }).click(),
  ]);
  const editor = new OfficialEditor(link, page);
  editors.push(editor);
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  await editor.greenFlag();
  await tell(editor);
  await untilConnected(page);
  return editor;
}

/**
 * Starts the server anew, and waits until the project hears again.
 *
 * @param {OfficialEditor} project
 * @param {string} topic
 * @param {(word: string) => Promise<boolean>} isHeard
 */
async function restarted(project, topic, isHeard) {
  await restartServer();
  await untilConnected(project.page);
  await until('the project to hear again', async () => {
    await board.publish(topic, '0');
    return isHeard('0');
  });
}

/** The chip says it. @param {import('playwright-core').Page} page */
const untilConnected = (page) =>
  page.locator('#chip', { hasText: 'Connected to class.' }).waitFor();

test('the first project: its sprites talk to each other and to the console, also after a restart', async () => {
  const messages = startPage.locator('#messages');
  const first = await openSample('Open the first project');
  await startPage.getByText('Listening to # with QoS 2.').waitFor();

  for (const word of ['before', 'after']) {
    if (word === 'after') {
      await restarted(first, 'test', async (zero) => (await first.said('Pop')) === zero);
    }
    await first.click('Pip');
    await first.untilSaid('Pop', 'hello');
    await first.click('Pop');
    await first.untilSaid('Pip', '👋');
    await messages.getByText('👋').first().waitFor();
    await startPage.getByLabel('Message', { exact: true }).fill(word);
    await startPage.getByRole('button', { name: 'Publish' }).click();
    await first.untilSaid('Pop', word);
  }
});

for (const language of /** @type {const} */ (['en', 'nl', 'ja-Hira'])) {
  test(`what the stages of the samples show in ${language} covers nothing else that they show`, async () => {
    const page = await browser.newPage();
    for (const name of Object.keys(SAMPLES)) {
      const project = `examples/projects/${name}.sb3`;
      const query = new URLSearchParams({ lang: language, project });
      await page.goto(`http://localhost:${ports.pagesPort}/editor?${query}`);
      await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
      const shown = page.locator('[class*=monitor_monitor-container]:visible');
      await shown.filter({ hasText: shownIn(language)['hint.connect'] }).waitFor();
      for (const width of [1366, 1024]) {
        await page.setViewportSize({ width, height: 768 });
        const boxes = await shown.evaluateAll((all) =>
          all.map((one) => one.getBoundingClientRect()),
        );
        const [...tops] = boxes.map(({ top }) => top).sort((a, b) => a - b);
        const [...bottoms] = boxes.map(({ bottom }) => bottom).sort((a, b) => a - b);
        const covered = tops.filter((top, index) => index > 0 && top < (bottoms[index - 1] ?? 0));
        assert.deepEqual(covered, [], `${name}, ${width} pixels`);
      }
    }
    await page.close();
  });
}

test('a chip says what is wrong without being asked, and helps; its words follow the language of the editor', async () => {
  const [nobody = 0] = await freePorts(1);
  const first = await openSample('Open the first project');
  const chip = first.page.locator('#chip');
  const panel = first.page.getByRole('dialog', { name: 'Connection' });
  await chip.getByText('Connected to class.').waitFor();
  assert.equal(await nameOfSaved(first.page), 'two-sprites.sb3');
  await allowEveryBroker(first.page);
  const scripts = [[whenFlag(), connect(`ws://localhost:${nobody}/mqtt`)]];
  await first.loadProject(makeProject({ sprites: { Cat: { scripts } } }));
  await first.greenFlag();

  await chip.and(first.page.locator('[data-state=problem]')).waitFor();
  await chip.click();
  await panel.getByText(`localhost:${nobody}`).waitFor();
  const help = panel.getByRole('link', { name: 'What helps' });
  assert.match(
    String(await help.getAttribute('href')),
    /\/docs\/teachers\/when-it-does-not-work\.html#nothing$/,
  );
  await panel.getByRole('button', { name: 'Connect to the class server' }).click();
  await chip.getByText('Connected to class.').waitFor();
  await chooseLanguage(first.page, 'Nederlands');
  await chip.getByText('Verbonden met class.').waitFor();
  await chip.click();
  const dutch = first.page.getByRole('dialog', { name: 'Verbinding' });
  const trouble = dutch.getByRole('link', { name: 'Als het niet werkt' });
  assert.match(
    String(await trouble.getAttribute('href')),
    /\/docs\/teachers\/nl\/when-it-does-not-work\.html$/,
  );
});

test('the chip leads to the page on which a browser is made to trust a home-made certificate', async () => {
  const strange = makeCertificates(join(folder, 'strange'), ['localhost']);
  const [cert, key] = [strange.certificate, strange.key].map((file) => readFileSync(file));
  const secure = cleanup.add(createServer({ cert, key }), (it) => it.close());
  secure.listen(0, LOOPBACK);
  await once(secure, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (secure.address());
  const first = await openSample('Open the first project');
  const chip = first.page.locator('#chip');
  const link = first.page.locator('#certificate');
  await chip.click();
  await first.page.locator('#connection-status').waitFor();
  assert.ok(await link.isHidden());
  await allowEveryBroker(first.page);
  const scripts = [[whenFlag(), connect(`wss://localhost:${port}/mqtt`)]];
  await first.loadProject(makeProject({ sprites: { Cat: { scripts } } }));
  await first.greenFlag();

  await chip.and(first.page.locator('[data-state=problem]')).waitFor();
  await chip.click();
  await link.getByText('Open the page of the certificate').waitFor();

  assert.equal(await link.getAttribute('href'), `https://localhost:${port}/`);
});

test('a project that cannot be opened is said in a bar that covers nothing and can be closed', async () => {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${ports.pagesPort}/editor?lang=en&project=missing.sb3`);
  const bar = page.locator('#notice.problem');
  await bar.getByText('The project could not be opened: missing.sb3').waitFor();
  const top = async () => (await page.locator('#editor').boundingBox())?.y;
  const height = (await bar.boundingBox())?.height;
  assert.equal(await top(), height);

  await bar.getByRole('button', { name: 'Close' }).click();

  assert.equal(await top(), 0);
  await page.close();
});

test('a program for a board has the port of the broker, the name and the topics', async () => {
  const program = startPage.getByLabel('The program');
  const shown = () => program.inputValue();
  await startPage.getByLabel('Board and library').selectOption('Python, paho-mqtt');
  await startPage.getByLabel('Name of the board').fill('Ada\'s "board" 1');
  await until('a program in Python', async () => (await shown()).includes('Adas board 1'), {
    seen: shown,
  });
  const python = await shown();
  assert.match(python, /^BROKER = "localhost"/m);
  assert.match(python, new RegExp(`^PORT = ${ports.tcpPort}$`, 'm'));
  assert.match(python, /^TOPIC = "Adas board 1"/m);

  const saving = startPage.waitForEvent('download');
  await startPage.locator('#kit-save').click();
  assert.equal((await saving).suggestedFilename(), 'board_paho.py');
  await startPage.getByLabel('Board and library').selectOption(/** @type {any} */ ({ index: 0 }));
  await until('a sketch', async () => (await shown()).includes('#include <PubSubClient.h>'));
  assert.match(await shown(), /^const char BROKER\[\] = "192\.168\.1\.10";/m);
});

test('the remote control: a board gets its lamp, and its button, sensor and state are seen', async () => {
  const remote = await openSample('A remote control for a board');
  const brightness = () => brightnessOf(remote.page, 'Lamp');

  const hears = async (/** @type {string} */ word) =>
    String(await remote.variable('Lamp', 'sensor')) === word;
  for (const isAgain of [false, true]) {
    if (isAgain) await restarted(remote, `${BOARD}/sensor`, hears);
    const sent = board.texts(`${BOARD}/led`).length;
    await remote.click('On');
    await until('a lamp that is on', async () => (await brightness()) === 0);
    await remote.click('Off');
    await until('a lamp that is off', async () => (await brightness()) < 0);
    assert.deepEqual((await board.untilTexts(`${BOARD}/led`, sent + 2)).slice(sent), ['on', 'off']);
    await board.publish(`${BOARD}/button`, 'pressed');
    await remote.untilSaid('Lamp', 'pressed');
    await board.publish(`${BOARD}/sensor`, '4711');
    await remote.untilVariable('Lamp', 'sensor', /^4711$/);
    await board.publish(`${BOARD}/status`, 'online', { retain: true });
    await remote.untilVariable('Lamp', 'board', /^online$/);
    await until('the lamp to be silent', async () => (await remote.said('Lamp')) === '');
  }
});

test('the weather station: what a board measures is a curve; without one it pretends', async () => {
  const station = await openSample('A weather station that draws a curve');
  const x = async () => Number(await station.variable('Plot', 'x'));
  const start = await x();

  await board.publish(`${BOARD}/sensor`, '65535');
  await station.untilVariable('Plot', 'sensor', /^65535$/);
  await restarted(
    station,
    `${BOARD}/sensor`,
    async (word) => String(await station.variable('Plot', 'sensor')) === word,
  );
  const drawn = await x();
  assert(drawn >= start + 10, `${drawn}`);
  await station.click('Pretend board');

  await until('a curve that goes on', async () => (await x()) > drawn);
});

test('a micro:bit is a board by the official extension beside ours', async () => {
  const bridge = await openSample('A micro:bit as a board');
  const { page } = bridge;
  assert.deepEqual(
    await page.evaluate(() =>
      ['microbit', 'scratchmqtt'].map((id) =>
        /** @type {any} */ (globalThis).vm.extensionManager.isExtensionLoaded(id),
      ),
    ),
    [true, true],
  );
  await page.getByText('micro:bit', { exact: true }).first().waitFor();
  await picture(page, 'sample-microbit');
  await board.untilTexts(`${BOARD}/status`, 1);
  const microbit = await connectMicrobit(page);
  const [showLights, showText] = [0x82, 0x81];
  const brightness = () => brightnessOf(page, 'micro:bit');

  for (const isAgain of [false, true]) {
    if (isAgain) {
      await board.publish(`${BOARD}/led`, 'on');
      await until('a light that is on', async () => (await brightness()) === 0);
      await restarted(bridge, `${BOARD}/led`, async () => (await brightness()) < 0);
    }
    const [presses, shown] = [
      board.texts(`${BOARD}/button`).length,
      (await microbit.written()).length,
    ];
    const wrote = async (/** @type {number[]} */ bytes) =>
      (await microbit.written()).slice(shown).some((one) => `${one}` === `${bytes}`);

    await microbit.press(true);
    await board.untilTexts(`${BOARD}/button`, presses + 1);
    await microbit.press(false);
    await board.publish(`${BOARD}/led`, 'on');
    await until('a heart', () => wrote([showLights, 0b01010, 0b11111, 0b11111, 0b01110, 0b00100]));
    await board.publish(`${BOARD}/led`, 'off');
    await until('dark lights', () => wrote([showLights, 0, 0, 0, 0, 0]));
    await board.publish(`${BOARD}/text`, 'Hi');
    await until('a text', () => wrote([showText, ...Buffer.from('Hi')]));
    await bridge.click('micro:bit');
    const all = await board.untilTexts(`${BOARD}/button`, presses + 2);
    assert.deepEqual(all.slice(presses), ['pressed', 'pressed']);
  }
});

test('the quiz: one asks, the others answer, and everybody sees who is here', async () => {
  const link = 'A quiz for a class';
  const quizmaster = await openSample(link, (it) => answers(it, 'Ann'));
  const pupil = await openSample(link, (it) => answers(it, 'Ben'));
  const late = 'Cleo';
  const seen = () => quizmaster.list('Quizmaster', 'answers');

  for (const question of ['2 + 2?', '3 + 3?']) {
    const points = Number(await pupil.variable('Quizmaster', 'points'));
    if (points > 0) {
      await restartServer();
      for (const { page } of [quizmaster, pupil]) await untilConnected(page);
    }
    for (const it of [quizmaster, pupil]) {
      const names = () => it.list('Quizmaster', 'names');
      await until('both to be here', async () => `${await names()}` === 'Ann,Ben', { seen: names });
      await it.page.getByText('Ben', { exact: true }).first().waitFor();
    }
    await quizmaster.click('Quizmaster');
    await answers(quizmaster, question);
    await pupil.untilSaid('Quizmaster', question);
    await pupil.click('B');
    // A Python program may play too.
    await until('the pupil’s answer', async () => (await seen()).length === 1, { seen });
    await board.publish(`quiz/answer/${late}`, 'A');
    await until('two answers', async () => (await seen()).length === 2, { seen });
    assert.deepEqual(await seen(), ['Ben: B', `${late}: A`]);
    await quizmaster.page.getByText('Ben: B').waitFor();
    await picture(quizmaster.page, 'sample-quiz');
    assert.equal(await pupil.page.getByText('Ben: B').count(), 0);
    await quizmaster.click('B');
    await pupil.untilSaid('Quizmaster', 'B 😀');
    assert.equal(await pupil.variable('Quizmaster', 'points'), points + 1);
    await quizmaster.untilSaid('Quizmaster', 'B ✔️');
  }
  // Whoever asks is the quizmaster.
  await pupil.click('Quizmaster');
  await answers(pupil, 'Who is it?');
  await quizmaster.untilSaid('Quizmaster', 'Who is it?');
  await quizmaster.click('C');
  await pupil.page.getByText('Ann: C').waitFor();
});

/** @param {import('playwright-core').Page} page @param {string} sprite @returns {Promise<number>} */
const brightnessOf = (page, sprite) =>
  page.evaluate((name) => {
    const { runtime } = /** @type {any} */ (globalThis).vm;
    return runtime.getSpriteTargetByName(name).effects.brightness;
  }, sprite);

/** What somebody types on the stage. @param {OfficialEditor} project @param {string} words */
async function answers({ page }, words) {
  const field = page.locator('[class*=question] input');
  await field.fill(words);
  await field.press('Enter');
  await field.waitFor({ state: 'detached' });
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function picture(page, name) {
  if (process.env.PICTURES)
    await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) });
}

/** What the project is saved as. @param {import('playwright-core').Page} page */
async function nameOfSaved(page) {
  const downloading = page.waitForEvent('download');
  await page.getByText('File', { exact: true }).click();
  await page.getByText('Save to your computer').click();
  return (await downloading).suggestedFilename();
}

/** @param {import('playwright-core').Page} page @param {string} language */
async function chooseLanguage(page, language) {
  await page.getByText('Settings').click();
  await page.getByText('Language').hover();
  await page.getByText(language).click();
}
