// @ts-check
/** The broker name `practice`: a broker in the browser itself, which its tabs share, without any network. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { ensureEditor } from '../../scripts/editor.mjs';
import {
  add,
  connect,
  disconnect,
  join,
  lastWill,
  payload,
  publish,
  publishWith,
  set,
  status,
  topic,
  whenClicked,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { officialEditor } from './support/editors/official-editor.js';
import { turbowarp, turbowarpPlaces } from './support/editors/turbowarp.js';
import { LOOPBACK, freePorts } from './support/ports.js';
import { makeProject } from './support/project.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

/** @typedef {import('./support/editors/editor.js').Editor} Editor */

/** A computer of the network, whose pages come without https. */
const SCHOOL = 'school.example';

const file = (/** @type {string} */ name) => ({
  file: fileURLToPath(new URL(`../../dist/${name}`, import.meta.url)),
});

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
/** @type {string} */
let origin;
/** A page without a file of the broker. @type {string} */
let without;
/** @type {Editor[]} */
let tabs = [];
/** What the pages connected to. @type {string[]} */
let connections = [];

before(async () => {
  bench = await openSmallBench('practice', { hosts: { [SCHOOL]: LOOPBACK } });
  const places = { ...turbowarpPlaces, '/mqtt.js': file('mqtt.js') };
  const all = { ...places, '/practice.js': file('practice.js') };
  ({ origin } = bench.cleanup.add(await serve(all), (it) => it.close()));
  ({ origin: without } = bench.cleanup.add(await serve(places), (it) => it.close()));
});
after(() => bench?.cleanup.run());
afterEach(async () => {
  const [all, reached] = [tabs, connections];
  [tabs, connections] = [[], []];
  for (const tab of all) await tab.page.close();
  for (const tab of all) assert.deepEqual(tab.errors, []);
  assert.deepEqual(reached, [], 'nothing may be connected to');
});

const heard = () => [add(join(topic(), join('=', payload())), 'got')];

/** @param {string} extensionUrl */
const projectWith = (extensionUrl) =>
  makeProject({
    extensionUrl,
    sprites: {
      Cat: {
        variables: { done: 'no' },
        lists: { said: [], got: [] },
        scripts: [
          [
            whenFlag(),
            lastWill('gone', 'will/cat', 'no'),
            connect('practice'),
            add(status(), 'said'),
            set('done', 'yes'),
          ],
          [whenMessage('room/+/hello'), ...heard()],
          [whenMessage('will/#'), ...heard()],
        ],
      },
      Late: {
        lists: { got: [] },
        scripts: [[whenMessage('kept/#'), ...heard()]],
      },
      Speaker: { scripts: [[whenClicked(), publish('hi', 'room/1/hello')]] },
      Surely: { scripts: [[whenClicked(), publishWith('once', 'room/2/hello', '2', 'no')]] },
      Keeper: { scripts: [[whenClicked(), publishWith('this', 'kept/one', '1', 'yes')]] },
      Leaver: { scripts: [[whenClicked(), disconnect()]] },
    },
  });

/**
 * @param {{ at?: string, extension?: string, sandbox?: import('./support/editors/turbowarp.js').Sandbox }} [where]
 */
async function openTab({ at = origin, extension = `${origin}/mqtt.js`, sandbox } = {}) {
  const page = await newPage();
  return runIn(await turbowarp(page, { origin: at, sandbox }), extension);
}

async function newPage() {
  const page = await bench.browser.newPage();
  page.on('websocket', (socket) => connections.push(socket.url()));
  return page;
}

/** @param {Editor} tab @param {string} extension */
async function runIn(tab, extension) {
  tabs.push(tab);
  await tab.loadProject(projectWith(extension));
  await tab.greenFlag();
  await tab.untilVariable('Cat', 'done', /yes/, 20_000);
  return tab;
}

/** @param {Parameters<typeof openTab>[0]} [where] */
async function openConnected(where) {
  const tab = await openTab(where);
  assert.match(await lastSaid(tab), /^Connected to practice\./);
  return tab;
}

/** @param {Editor} tab */
const lastSaid = async (tab) => String((await tab.list('Cat', 'said')).at(-1));

/** @param {Editor} tab */
const statusOf = (tab) =>
  tab.page.evaluate(() =>
    /** @type {any} */ (globalThis).vm.runtime[
      Symbol.for('scratchmqtt bridge 2')
    ].status.toString(),
  );

/** @param {Editor} tab @param {RegExp} expected */
const untilStatus = (tab, expected) =>
  until(`the status ${expected}`, async () => expected.test(await statusOf(tab)), {
    seen: () => statusOf(tab),
  });

test('one tab hears what it publishes, by wildcards and with every QoS', async () => {
  const tab = await openConnected();

  await tab.click('Speaker');
  await tab.click('Surely');

  assert.deepEqual(await tab.untilLength('Cat', 'got', 2), [
    'room/1/hello=hi',
    'room/2/hello=once',
  ]);
});

test('two tabs share the broker: messages, and kept ones for who comes later', async () => {
  const first = await openConnected();
  await first.click('Keeper');
  await first.untilLength('Late', 'got', 1);

  const second = await openConnected();

  assert.deepEqual(await second.untilLength('Late', 'got', 1), ['kept/one=this']);
  await second.click('Speaker');
  assert.deepEqual(await first.untilLength('Cat', 'got', 1), ['room/1/hello=hi']);
});

test('a tab that is closed leaves its last will, and one that disconnects does not', async () => {
  const first = await openConnected();
  const second = await openConnected();
  await second.click('Leaver');
  await untilStatus(second, /^Not connected\./);
  await second.greenFlag();
  await untilStatus(second, /^Connected/);
  assert.deepEqual(await first.list('Cat', 'got'), []);

  await second.page.close();

  assert.deepEqual(await first.untilLength('Cat', 'got', 1), ['will/cat=gone']);
});

test('when the tab with the broker is closed, another one has it, and all come back', async () => {
  const first = await openConnected();
  const second = await openConnected();
  const third = await openConnected();

  await first.page.close();
  await untilStatus(second, /The practice broker ended/);
  await untilStatus(second, /^Connected/);
  await untilStatus(third, /^Connected/);

  await second.click('Speaker');
  // The broker may have had the time to publish the last will of its own tab.
  const heardHello = async () => (await third.list('Cat', 'got')).includes('room/1/hello=hi');
  await until('the message of the other tab', heardHello);
});

for (const sandbox of /** @type {const} */ (['worker', 'iframe'])) {
  test(`it is there in a sandbox: TurboWarp, ${sandbox}`, async () => {
    const tab = await openTab({ sandbox });

    assert.match(await lastSaid(tab), /^Connected to practice\./);
  });
}

test('a page of another origin has one too, which is another one', async () => {
  const elsewhere = await openConnected({ at: without });
  const also = await openConnected({ at: without });
  const here = await openConnected();

  await here.click('Speaker');
  await elsewhere.click('Surely');

  assert.deepEqual(await also.untilLength('Cat', 'got', 1), ['room/2/hello=once']);
  assert.deepEqual(await here.untilLength('Cat', 'got', 1), ['room/1/hello=hi']);
});

test('without https no tab can know of another: each has its own, and says so', async () => {
  const at = origin.replace('localhost', SCHOOL);
  const extension = `${at}/mqtt.js`;
  const first = await openConnected({ at, extension });
  const second = await openConnected({ at, extension });

  await first.click('Speaker');

  assert.deepEqual(await first.untilLength('Cat', 'got', 1), ['room/1/hello=hi']);
  assert.match(await statusOf(first), /Only this tab uses this practice broker/);
  assert.deepEqual(await second.list('Cat', 'got'), []);
});

test('where the extension has no address, the status says what to do', async () => {
  const script = readFileSync(file('mqtt.js').file).toString('base64');
  const tab = await openTab({ extension: `data:text/javascript;base64,${script}` });

  assert.match(await lastSaid(tab), /^Not connected\. There is no practice broker here/);
});

test('a file that is not there is said to be missing, and asked for again', async () => {
  const tab = await openTab({ at: without, extension: `${without}/mqtt.js` });
  assert.match(await lastSaid(tab), /^Not connected\. The practice broker could not be loaded/);

  await tab.page.route('**/practice.js', (route) =>
    route.fulfill({ path: file('practice.js').file }),
  );
  await tab.greenFlag();

  await untilStatus(tab, /^Connected to practice\./);
});

test('what other scripts of the page write on the channels does no harm', async () => {
  const tab = await openConnected();
  await tab.page.evaluate(() => {
    const channel = new BroadcastChannel('scratchmqtt practice 1');
    const odd = [null, 7, '', 'open', [], { open: 7 }, { open: 'x'.repeat(1000) }, { began: {} }];
    for (const words of odd) channel.postMessage(words);
    // Somebody without a lock, and somebody who speaks no MQTT.
    for (const id of ['nobody', 'odd']) {
      channel.postMessage({ open: id });
      const own = new BroadcastChannel(`scratchmqtt practice 1 ${id}`);
      for (const words of [...odd, NaN, -1, 1e300, new Uint8Array(4).buffer])
        own.postMessage(words);
      own.postMessage(new Uint8Array([0x30, 0xff, 0xff, 0xff, 0x7f]).buffer);
    }
  });

  await tab.click('Speaker');

  assert.deepEqual(await tab.untilLength('Cat', 'got', 1), ['room/1/hello=hi']);
  assert.match(await statusOf(tab), /^Connected to practice\./);
});

test('on the editor page of a class server it is connected to without a question', async () => {
  await ensureEditor();
  await buildBroker();
  const [tcpPort = 0, webSocketPort = 0, pagesPort = 0] = await freePorts(3);
  const started = await startBroker({ host: LOOPBACK, tcpPort, webSocketPort, pagesPort });
  const server = bench.cleanup.add(started, (it) => it.stop());
  const start = `http://localhost:${server.pagesPort}`;

  const editor = await officialEditor(await newPage(), { start, isAsked: true });
  await runIn(editor, `${start}/mqtt.js`);

  assert.match(await lastSaid(editor), /^Connected to practice\./);
  assert.equal(await editor.page.getByRole('dialog').count(), 0);
});
