// @ts-check
/** The broker name `class`: the same project on the page of a class server, beside it, and where nobody knows it. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { ensureEditor } from '../../scripts/editor.mjs';
import { add, connect, set, status, whenFlag } from './support/blocks.js';
import { officialEditor } from './support/editors/official-editor.js';
import { turbowarp, turbowarpPlaces } from './support/editors/turbowarp.js';
import { LOOPBACK, freePorts } from './support/ports.js';
import { makeProject } from './support/project.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

const EXTENSION = fileURLToPath(new URL('../../dist/mqtt.js', import.meta.url));

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** The pages of the class server. @type {string} */
let start;
/** Pages of somebody else's, with a copy of the extension. @type {string} */
let elsewhere;
/** @type {import('./support/editors/editor.js').Editor | undefined} */
let editor;

before(async () => {
  bench = await openSmallBench('class');
  await ensureEditor();
  await buildBroker();
  server = await startServer();
  start = `http://localhost:${server.pagesPort}`;
  const places = { ...turbowarpPlaces, '/mqtt.js': { file: EXTENSION } };
  ({ origin: elsewhere } = bench.cleanup.add(await serve(places), (it) => it.close()));
});
after(() => bench?.cleanup.run());
afterEach(async () => {
  assert.deepEqual(editor?.errors, []);
  await editor?.page.close();
});

async function startServer() {
  const [tcpPort = 0, webSocketPort = 0, pagesPort = 0] = await freePorts(3);
  const started = await startBroker({ host: LOOPBACK, tcpPort, webSocketPort, pagesPort });
  return bench.cleanup.add(started, (it) => it.stop());
}

/** @param {string} extensionUrl */
const projectWith = (extensionUrl) =>
  makeProject({
    extensionUrl,
    sprites: {
      Cat: {
        variables: { done: 'no' },
        lists: { said: [] },
        scripts: [[whenFlag(), connect('class'), add(status(), 'said'), set('done', 'yes')]],
      },
    },
  });

/** @param {import('./support/editors/editor.js').Editor} where */
const lastSaid = async (where) => String((await where.list('Cat', 'said')).at(-1));

test('on the editor page of the server it is connected to without a question, and saved as a word', async () => {
  editor = await officialEditor(await bench.browser.newPage(), { start, isAsked: true });
  await editor.loadProject(projectWith(`${start}/mqtt.js`));

  await editor.greenFlag();
  await editor.untilVariable('Cat', 'done', /yes/);

  assert.equal(await lastSaid(editor), 'Connected to class.');
  assert.equal(await editor.page.getByRole('dialog').count(), 0);
});

for (const sandbox of /** @type {const} */ (['unsandboxed', 'worker'])) {
  test(`an editor elsewhere finds it by the address of the extension: TurboWarp, ${sandbox}`, async () => {
    editor = await turbowarp(await bench.browser.newPage(), { origin: elsewhere, sandbox });
    await editor.loadProject(projectWith(`${start}/mqtt.js`));

    await editor.greenFlag();
    await editor.untilVariable('Cat', 'done', /yes/);

    assert.match(await lastSaid(editor), /^Connected to class\./);
  });
}

test('elsewhere it is asked for once, and asked again only when nobody is there any more', async () => {
  const other = await startServer();
  const address = `localhost:${other.pagesPort}`;
  editor = await openElsewhere();
  await editor.greenFlag();
  const form = () =>
    /** @type {import('./support/editors/editor.js').Editor} */ (editor).page.getByRole('dialog', {
      name: 'Where is the class server?',
    });
  await form().waitFor();
  await form().getByLabel('Address of the class server').fill('localhost:1883');
  await form().getByRole('button', { name: 'Save' }).click();
  await form().getByText('Port 1883 is for boards').waitFor();
  await form().getByLabel('Address of the class server').fill(`http://${address}/editor`);
  await form().getByRole('button', { name: 'Save' }).click();
  await editor.untilVariable('Cat', 'done', /yes/);
  await until('the project to be connected', async () =>
    (await statusOf(editor)).startsWith('Connected to class.'),
  );
  await editor.page.close();

  editor = await openElsewhere();
  await editor.greenFlag();
  await editor.untilVariable('Cat', 'done', /yes/);
  assert.equal(await lastSaid(editor), 'Connected to class.');
  assert.equal(await form().count(), 0);
  other.stop();
  await other.ended;
  await until('the class server to be missed', async () =>
    (await statusOf(editor)).startsWith('The class server does not answer'),
  );

  await editor.greenFlag();
  await form().waitFor();
  const field = form().getByLabel('Address of the class server');
  assert.equal(await field.inputValue(), `ws://${address}/mqtt`);
  await field.fill(`localhost:${server.pagesPort}`);
  await form().getByRole('button', { name: 'Save' }).click();
  await until('the other class server', async () =>
    (await statusOf(editor)).startsWith('Connected to class.'),
  );
});

test('whoever does not know it closes the question, and the status says what to do', async () => {
  editor = await openElsewhere();
  await editor.page.evaluate(() => localStorage.removeItem('scratchmqtt.class'));
  await editor.greenFlag();
  await editor.page.getByRole('dialog').waitFor();

  await editor.page.keyboard.press('Escape');
  await editor.untilVariable('Cat', 'done', /yes/);

  assert.match(await lastSaid(editor), /^Not connected\. No class server is known here\./);
});

async function openElsewhere() {
  const page = await bench.browser.newPage();
  const opened = await turbowarp(page, { origin: elsewhere });
  await opened.loadProject(projectWith(`${elsewhere}/mqtt.js`));
  return opened;
}

/** @param {import('./support/editors/editor.js').Editor | undefined} where */
const statusOf = async (where) =>
  String(
    await where?.page.evaluate(() =>
      /** @type {any} */ (globalThis).vm.runtime[
        Symbol.for('scratchmqtt bridge 2')
      ].status.toString(),
    ),
  );
