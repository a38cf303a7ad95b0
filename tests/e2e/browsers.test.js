// @ts-check
/** Firefox and WebKit: what depends on the engine of a browser, and not on the engine of Scratch. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { staysAwayWhileRobbed, storesWhatWasPublished } from './scenarios/robbed.js';
import { openBench } from './support/bench.js';
import {
  add,
  connect,
  lastWill,
  login,
  payload,
  publish,
  set,
  whenClicked,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { launchFirefox } from './support/browsers/firefox.js';
import { launchWebKit } from './support/browsers/webkit.js';
import { Editor } from './support/editors/editor.js';
import { KeptPage } from './support/kept-page.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { makeProject } from './support/project.js';
import { Stage, watcher } from './support/stage.js';
import { until } from './support/wait.js';

/** How long a client may take to be back after an outage, in milliseconds: it waits longer after each attempt. */
const BACK_MS = 60_000;
const TEN = Array.from({ length: 10 }, (_, index) => `message ${index}`);

for (const [name, launch] of /** @type {const} */ ([
  ['Firefox', launchFirefox],
  ['WebKit', launchWebKit],
])) {
  describe(name, () => inBrowser(name, launch));
}

/**
 * @param {string} name
 * @param {typeof launchFirefox} launch
 */
function inBrowser(name, launch) {
  /** @type {import('./support/bench.js').Bench} */
  let bench;
  /** The same, with this browser. @type {import('./support/bench.js').Bench} */
  let here;
  /** @type {import('./support/browsers/page.js').Engine} */
  let engine;
  const stage = new Stage({ name, open: () => openEditor(engine, bench.start) });

  before(async () => {
    bench = await openBench();
    engine = await launch({ folder: join(bench.folder, name) });
    bench.cleanup.add(engine, (it) => it.close());
    here = { ...bench, browser: /** @type {any} */ (engine) };
    await stage.open(bench);
  });
  after(async () => {
    await stage.close().finally(() => bench?.cleanup.run());
  });

  test('the editor delivers 300 messages at once to every hat, in order', async () => {
    const room = uniqueTopic();
    const scripts = [[whenMessage(`${room}/#`), add(payload(), 'got')]];
    const start = [whenFlag(), login(USER, PASSWORD), connect(bench.broker.ws)];
    await stage.play({
      Cat: { lists: { got: [] }, scripts: [...scripts, start] },
      Dog: { lists: { got: [] }, scripts },
    });
    await stage.untilSubscribed(`${room}/#`);
    const expected = Array.from({ length: 300 }, (_, index) => `message ${index}`);

    await Promise.all(
      expected.map((text, index) => bench.native.publish(`${room}/${index % 7}`, text)),
    );

    for (const sprite of ['Cat', 'Dog']) {
      assert.deepEqual(await stage.editor.untilLength(sprite, 'got', 300), expected);
    }
  });

  test('two pages share the broker of the browser, and the last will of one that is closed', async () => {
    const project = makeProject({
      sprites: {
        Cat: {
          lists: { got: [] },
          scripts: [
            [
              whenFlag(),
              lastWill('gone', 'will/cat', 'no'),
              connect('practice'),
              set('is', 'there'),
            ],
            [whenMessage('#'), add(payload(), 'got')],
          ],
          variables: { is: '' },
        },
        Speaker: { scripts: [[whenClicked(), publish('hi', 'room')]] },
      },
    });
    const editors = [await openEditor(engine, bench.start), await openEditor(engine, bench.start)];
    for (const editor of editors) {
      await editor.loadProject(project);
      await editor.greenFlag();
      await editor.untilVariable('Cat', 'is', /there/);
    }
    const [first, second] = /** @type {[Editor, Editor]} */ (editors);

    await second.click('Speaker');

    assert.deepEqual(await first.untilLength('Cat', 'got', 1), ['hi']);
    await second.close();
    assert.deepEqual(await first.untilLength('Cat', 'got', 2), ['hi', 'gone']);
    await first.close();
  });

  test('the console of the start page publishes and shows what comes', async () => {
    const topic = uniqueTopic('console');
    const page = await engine.newPage();
    await page.goto(`${bench.start}/`);
    await until('the console', () =>
      page.evaluate(() => document.querySelector('#controls:enabled') !== null),
    );

    await fill(page, { address: bench.broker.ws, username: USER, password: PASSWORD }, 'connect');
    await until('the connection', () => stateOf(page, 'connected'));
    await fill(page, { filter: topic }, 'subscribe');
    await stage.untilSubscribed(topic);
    await fill(page, { topic, payload: 'héllo 😀', qos: '2' }, 'publish');

    const shown = () => page.evaluate(() => document.querySelector('#messages')?.textContent ?? '');
    await until('the message', async () => (await shown()).includes('héllo 😀'), { seen: shown });
    await page.close();
  });

  test('a project lives through a broker that is killed and started again', async () => {
    const [question, answer] = [uniqueTopic('question'), uniqueTopic('answer')];
    await bench.native.subscribe(answer);
    await stage.play({
      Cat: {
        scripts: [
          [whenFlag(), login(USER, PASSWORD), connect(bench.broker.ws)],
          [whenMessage(question), publish(payload(), answer)],
        ],
      },
      Watcher: watcher(),
    });
    await stage.untilSubscribed(question);

    await bench.broker.kill();
    await stage.editor.untilVariable('Watcher', 'status', /Trying again in \d+ s/);
    await bench.broker.start();

    await stage.editor.untilVariable('Watcher', 'connected', /true/, BACK_MS);
    await stage.untilSubscribed(question, 2);
    await bench.native.publish(question, 'still there');
    assert.deepEqual(await bench.native.untilTexts(answer, 1), ['still there']);
  });

  for (const qos of /** @type {const} */ ([1, 2])) {
    test(`what a page published while it was away with QoS ${qos} is sent by the next page`, async () => {
      const topic = uniqueTopic('kept');
      const kept = new KeptPage(here, 'ws://127.0.0.1:9/mqtt', {
        clientId: uniqueClientId('kept'),
      });
      await bench.native.subscribe(topic);
      await kept.open();
      await kept.untilEvent('connecting');
      await kept.publish(topic, TEN, qos);
      await kept.stored();
      await kept.reload();
      await kept.untilEvent('sessionRestored');
      assert.equal(await kept.waiting(), TEN.length);

      await kept.connectTo(bench.broker.ws);

      assert.deepEqual(await bench.native.untilTexts(topic, TEN.length), TEN);
      await kept.close();
    });
  }

  test('a page that the browser brings back still keeps its session', async () => {
    const topic = uniqueTopic('back');
    const kept = new KeptPage(here, bench.broker.ws, { clientId: uniqueClientId('back') });
    await bench.native.subscribe(topic);
    await kept.open();
    await kept.untilEvent('connected');

    await kept.page.goto(`${bench.origin}/mqtt.js`);
    await kept.page.goBack();
    await kept.startAgainIfGone();
    await kept.publish(topic, TEN, 2);
    await kept.stored();
    await kept.reload();

    assert.deepEqual(await bench.native.untilTexts(topic, TEN.length), TEN);
    const warnings = (await kept.events()).filter(({ type }) => type === 'warning');
    assert.deepEqual(warnings, []);
    await kept.close();
  });

  test('a page whose lock is taken by force keeps its session when it has it again', () =>
    storesWhatWasPublished(here));

  test('a page that does not get its lock back stays away until it is free', () =>
    staysAwayWhileRobbed(here));

  test('a page behind another one gets every message', async () => {
    const topic = uniqueTopic('hidden');
    const behind = { ...here, browser: /** @type {any} */ ({ newPage: engine.newHiddenPage }) };
    const kept = new KeptPage(behind, bench.broker.ws, { clientId: uniqueClientId('hidden') });
    await kept.open();
    await kept.untilEvent('connected');
    await kept.subscribe(topic);
    assert.equal(await kept.page.evaluate(() => document.visibilityState), 'hidden');

    for (const text of TEN) await bench.native.publish(topic, text, { qos: 1 });

    await until('all messages', async () => (await kept.texts()).length >= TEN.length, {
      seen: () => kept.texts(),
    });
    assert.deepEqual(await kept.texts(), TEN);
    await kept.close();
  });
}

/**
 * @param {import('./support/browsers/page.js').Engine} engine
 * @param {string} start
 */
async function openEditor(engine, start) {
  const page = await engine.newPage();
  await page.goto(`${start}/editor?lang=en`);
  await until('the editor', () => page.evaluate(() => document.body.dataset.ready === 'true'), {
    withinMs: 60_000,
  });
  return new Editor(`editor in ${engine.name}`, /** @type {any} */ (page));
}

/**
 * Fills in fields of a form, and sends it.
 *
 * @param {import('./support/browsers/page.js').Page} page
 * @param {Record<string, string>} values by the id of each field
 * @param {string} form its id
 */
function fill(page, values, form) {
  return page.evaluate(
    (given) => {
      for (const [id, value] of Object.entries(given.values)) {
        /** @type {HTMLInputElement} */ (document.getElementById(id)).value = String(value);
      }
      /** @type {HTMLFormElement} */ (document.getElementById(given.form)).requestSubmit();
    },
    { values, form },
  );
}

/** @param {import('./support/browsers/page.js').Page} page @param {string} state of the console */
const stateOf = (page, state) =>
  page.evaluate(
    (wanted) =>
      /** @type {HTMLElement | null} */ (document.getElementById('status'))?.dataset.state ===
      wanted,
    state,
  );
