// @ts-check
/**
 * The lessons of `docs/learn`, step by step, by mouse and keys, in each of their languages. With `UPDATE_PICTURES=1` their
 * pictures are taken again.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { LESSON_LANGUAGES } from '../../extension/texts/languages.js';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { ensureEditor } from '../../scripts/editor.mjs';
import {
  connect,
  lastWill,
  payload,
  publishWith,
  say,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { filledIn } from './support/boards.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import {
  chooseSprite,
  clickFlag,
  clickSprite,
  dragAbove,
  onBlock,
  rewrite,
  scriptsOf,
  stageOf,
} from './support/editors/by-hand.js';
import { OfficialEditor } from './support/editors/official-editor.js';
import { wordsIn } from './support/lesson-words.js';
import { Native } from './support/native.js';
import { ensurePythonPeers, interpreter } from './support/peers.js';
import { takePart } from './support/pictures.js';
import { LOOPBACK } from './support/ports.js';
import { Program } from './support/programs.js';
import { makeProject } from './support/project.js';
import { until } from './support/wait.js';

/** @typedef {typeof takePart} Picture */

const WORD = 'kiwi-otter';
/** In seconds: a lesson waits longer. */
const QUICK = { SENSOR_EVERY: 1, KEEP_ALIVE: 5 };
/** Of the area with scripts: those of Pip, and with the palette beside them. */
const SCRIPTS = { left: 312, width: 400, height: 450 };
const WITH_PALETTE = { width: 712, height: 450 };
/** As large as the screen of a notebook in a school. */
const SCREEN = { width: 1366, height: 768 };

const cleanup = new Cleanup();
/** @type {string} */
let folder;
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {import('playwright-core').BrowserContext} */
let browser;
/** Hears everything. @type {Native} */
let witness;

before(async () => {
  ensurePythonPeers();
  await Promise.all([ensureEditor(), buildBroker()]);
  folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-lessons-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const ports = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const more = ['--class-word', WORD];
  server = cleanup.add(await startBroker({ host: LOOPBACK, ...ports, more }), (it) => it.stop());
  const client = await mqtt.connectAsync(`mqtt://${LOOPBACK}:${server.tcpPort}`);
  witness = cleanup.add(new Native(client), (it) => it.end());
  await witness.subscribe('#');
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
});
after(() => cleanup.run());

for (const language of LESSON_LANGUAGES) {
  const word = wordsIn(language);
  /** @type {Picture} */
  const picture = (part, name, inside) => takePart(part, `lessons/${language}/${name}`, inside);

  test(`the first lesson in ${language}: hello, a word of one's own, a room of one's own`, async () => {
    const one = await openSample(language, 'first.open', picture);
    const two = await openSample(language, 'first.open');
    for (const { page } of [one, two]) {
      await clickFlag(page);
      await page
        .locator('#chip', { hasText: word('state.connected', { broker: 'class' }) })
        .waitFor();
    }

    await picture(one.page.locator('body'), 'first-lesson-connected');

    await clickSprite(one.page, 'Pip');
    await bothSay('Pop', 'hello');
    await picture(stageOf(one.page), 'first-lesson-talk');
    await clickSprite(two.page, 'Pop');
    await bothSay('Pip', '👋');

    await chooseSprite(one.page, 'Pip');
    await rewrite(one.page, 'hello', 'Zoë');
    await clickSprite(one.page, 'Pip');
    await bothSay('Pop', 'Zoë');
    await picture(scriptsOf(one.page), 'first-lesson-word', SCRIPTS);
    await clickSprite(two.page, 'Pip');
    await bothSay('Pop', 'hello');
    const apples = witness.texts('apple').length;
    await rewrite(one.page, 'test', 'apple');
    await clickSprite(one.page, 'Pip');
    await witness.untilTexts('apple', apples + 1);
    assert.deepEqual([await one.said('Pop'), await two.said('Pop')], ['hello', 'hello']);
    await rewrite(one.page, 'apple', 'test');

    const inRoom = witness.texts('apple/test').length;
    await intoRoom(one);
    await clickSprite(one.page, 'Pip');
    await one.untilSaid('Pop', 'Zoë');
    assert.equal(await two.said('Pop'), 'hello');
    await picture(scriptsOf(one.page), 'first-lesson-room', WITH_PALETTE);
    await intoRoom(two);
    await clickSprite(one.page, 'Pip');
    await two.untilSaid('Pop', 'Zoë');
    await witness.untilTexts('apple/test', inRoom + 2);
    for (const it of [one, two]) await done(it);

    /** @param {string} sprite @param {string} text */
    async function bothSay(sprite, text) {
      for (const it of [one, two]) await it.untilSaid(sprite, text);
    }
  });

  test(`the lesson with a board in ${language}: button, sensor, light, and who is there`, async () => {
    const { page: start } = await openStart(language);
    let board = await startBoard(start, picture);
    const remote = await openFrom(start, word('first.remoteControl'));

    await remote.untilVariable('Lamp', 'board', /^online$/);
    await remote.untilVariable('Lamp', 'sensor', /^[\d.]+$/);
    board.write('\n');
    await remote.untilSaid('Lamp', 'pressed');
    await clickSprite(remote.page, 'On');
    await lightIs(board, 'on');
    await picture(stageOf(remote.page), 'board-remote');
    await clickSprite(remote.page, 'Off');
    await lightIs(board, 'off');

    await board.end('SIGKILL');
    await remote.untilVariable('Lamp', 'board', /^offline$/);
    await clickSprite(remote.page, 'On');
    await until('the lamp on the stage to be on', async () => (await brightness(remote)) === 0);
    board = await startBoard(start);
    await lightIs(board, 'on');
    await remote.untilVariable('Lamp', 'board', /^online$/);
    await done(remote);

    const station = await openFrom(start, word('first.weatherStation'));
    const x = Number(await station.variable('Plot', 'x'));
    await board.end();
    await clickSprite(station.page, 'Pretend board');
    await station.untilVariable('Plot', 'x', (now) => Number(now) > x + 80);
    await picture(stageOf(station.page), 'board-curve');
    await done(station);
    await start.close();
  });

  test(`the last will in ${language}: who closes the tab is offline`, async () => {
    const { page: start } = await openStart(language);
    const lamp = await openFrom(start, word('first.remoteControl'));
    const other = await openFrom(start, word('first.remoteControl'));
    await lamp.loadProject(
      makeProject({
        sprites: {
          Lamp: {
            scripts: [
              [
                whenFlag(),
                lastWill('offline', 'lamp/status', 'yes'),
                connect('class'),
                publishWith('online', 'lamp/status', '1', 'yes'),
              ],
            ],
          },
        },
      }),
    );
    await other.loadProject(
      makeProject({
        sprites: {
          Lamp: {
            scripts: [
              [whenFlag(), connect('class')],
              [whenMessage('lamp/status'), say(payload())],
            ],
          },
        },
      }),
    );
    await onBlock(lamp.page, 'lamp/status').waitFor();
    await picture(scriptsOf(lamp.page), 'board-will', { ...SCRIPTS, width: 520, height: 230 });
    for (const { page } of [lamp, other]) await clickFlag(page);
    await other.untilSaid('Lamp', 'online');

    await done(lamp);

    await other.untilSaid('Lamp', 'offline');
    await done(other);
    await start.close();
  });

  /** The room of part 4, and the flag. @param {OfficialEditor} editor */
  async function intoRoom(editor) {
    const { page } = editor;
    await chooseSprite(page, 'Pip');
    await editor.openPalette();
    const [label = ''] = word('block.setRoom').split(' [');
    // A hand that slips tries again, too.
    await until('the block in the script', async () => {
      if (await onBlock(page, word('default.room')).isVisible()) return true;
      await dragAbove(page, label, 'class');
      return false;
    });
    await rewrite(page, word('default.room'), 'apple');
    await clickFlag(page);
    assert.ok(await isAboveConnect(page));
  }
}

/**
 * The start page, on another computer than the server's: it asks for the class word.
 *
 * @param {string} language
 * @param {Picture} [picture]
 */
async function openStart(language, picture) {
  const word = wordsIn(language);
  await browser.clearCookies();
  const page = await browser.newPage();
  await page.setViewportSize(SCREEN);
  // As a proxy does.
  await page.setExtraHTTPHeaders({ 'X-Forwarded-For': '192.168.1.20' });
  await page.goto(`http://localhost:${server.pagesPort}/?lang=${language}`);
  await page.getByLabel(word('word.label')).fill(WORD);
  await picture?.(page.locator('main'), 'class-word');
  await page.getByRole('button', { name: word('word.go') }).click();
  await page.getByText(word('first.open')).waitFor();
  return { page, word };
}

/**
 * @param {string} language
 * @param {string} key of the link
 * @param {Picture} [picture]
 */
async function openSample(language, key, picture) {
  const { page, word } = await openStart(language, picture);
  const editor = await openTab(page, word(key));
  await page.close();
  return editor;
}

/** Opens a project of the start page, and starts it. @param {import('playwright-core').Page} start @param {string} link */
async function openFrom(start, link) {
  const editor = await openTab(start, link);
  await clickFlag(editor.page);
  await editor.page.locator('#chip[data-state=connected]').waitFor();
  return editor;
}

/** @param {import('playwright-core').Page} start @param {string} link */
async function openTab(start, link) {
  const [page] = await Promise.all([
    browser.waitForEvent('page'),
    start.getByRole('link', { name: link }).click(),
  ]);
  await page.setViewportSize(SCREEN);
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  return new OfficialEditor(link, page);
}

/** @param {OfficialEditor} editor */
async function done(editor) {
  assert.deepEqual(editor.errors, []);
  await editor.close();
}

/**
 * The program that the start page makes for Python, as the lesson says.
 *
 * @param {import('playwright-core').Page} start
 * @param {Picture} [picture]
 */
async function startBoard(start, picture) {
  await start.locator('#kit-board').selectOption('Python, paho-mqtt');
  const program = () => start.locator('#kit-program').inputValue();
  await until('the program', async () => (await program()).includes('import paho'));
  await picture?.(start.locator('#kit'), 'board-kit');
  const place = join(folder, 'board');
  mkdirSync(place, { recursive: true });
  const file = join(place, 'board_paho.py');
  writeFileSync(file, filledIn(await program(), { PASSWORD: WORD, ...QUICK }));
  const board = cleanup.add(new Program(interpreter, ['-u', file]), (it) => it.end('SIGKILL'));
  await until('the board to connect', () => board.output.includes('connected as board-1'), {
    seen: () => board.output,
  });
  return board;
}

/** @param {Program} board @param {string} light */
const lightIs = (board, light) =>
  until(
    `a light that is ${light}`,
    () => /(?:^|\n)led (\w+)\n*[^l]*$/.exec(board.output)?.[1] === light,
    {
      seen: () => board.output,
    },
  );

/** @param {OfficialEditor} editor @returns {Promise<number>} */
const brightness = ({ page }) =>
  page.evaluate(
    () =>
      /** @type {any} */ (globalThis).vm.runtime.getSpriteTargetByName('Lamp').effects.brightness,
  );

/** @param {import('playwright-core').Page} page @returns {Promise<boolean>} */
const isAboveConnect = (page) =>
  page.evaluate(() => {
    const { blocks } = /** @type {any} */ (globalThis).vm.editingTarget;
    const all = Object.values(blocks._blocks);
    const room = /** @type {any} */ (all).find(
      (/** @type {any} */ it) => it.opcode === 'scratchmqtt_setRoom',
    );
    return room?.parent && blocks.getBlock(room.next)?.opcode === 'scratchmqtt_connect';
  });
