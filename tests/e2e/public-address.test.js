// @ts-check
/** A project that is saved on our editor page says where everybody finds its extension, where there is such a place. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { startBroker } from '../../scripts/broker.mjs';
import { root } from '../../scripts/run.mjs';
import { BROKER_NAME, openBench } from './support/bench.js';
import { add, payload, whenFlag, whenMessage } from './support/blocks.js';
import { officialEditor } from './support/editors/official-editor.js';
import { turbowarp } from './support/editors/turbowarp.js';
import { uniqueTopic } from './support/names.js';
import { LOOPBACK } from './support/ports.js';
import { makeProject } from './support/project.js';
import { connectTo } from './support/stage.js';
import { until } from './support/wait.js';

/** What whoever publishes the scripts changes in the page. */
const NAMED = 'name="public-site" content=""';

/** @type {import('./support/bench.js').Bench} */
let bench;
/** @type {string} */
let publicSite;
/** @type {(() => Promise<void>)[]} */
const opened = [];

before(async () => {
  bench = await openBench();
  const { port } = new URL(bench.secureOrigin);
  publicSite = `https://${BROKER_NAME}:${port}/`;
});
after(async () => {
  for (const close of opened) await close();
  await bench?.cleanup.run();
});

test('what was saved on a page that others do not reach says no address', async () => {
  const editor = await openEditor('');
  await editor.loadProject(projectFor('nothing'));

  assert.equal(addressIn(await editor.saveProject()), undefined);
});

test('what was saved on a page with a public address opens in TurboWarp, and hears', async () => {
  const { broker, native } = bench;
  const question = uniqueTopic();
  const editor = await openEditor(publicSite);
  await editor.loadProject(projectFor(question));

  const saved = await editor.saveProject();

  assert.deepEqual(addressIn(saved), { scratchmqtt: `${publicSite}mqtt.js` });
  const there = await turbowarp(await bench.browser.newPage(), { origin: bench.secureOrigin });
  opened.push(() => there.close());
  await there.loadProject(saved);
  await there.greenFlag();
  await until('the subscription', () => broker.subscriptions(question) > 0);
  await native.publish(question, 'at home');
  assert.deepEqual(await there.untilLength('Cat', 'got', 1), ['at home']);
  assert.deepEqual(there.errors, []);
});

test('a project without our blocks says no address', async () => {
  const editor = await openEditor(publicSite);
  await editor.loadProject(makeProject({ extensions: [], sprites: { Cat: {} } }));

  assert.equal(addressIn(await editor.saveProject()), undefined);
});

/** Our editor page, from a server whose pages say where everybody finds the scripts. @param {string} site empty: nowhere */
async function openEditor(site) {
  const folder = mkdtempSync(join(bench.folder, 'published-'));
  for (const one of ['www', 'dist', 'extension']) {
    cpSync(join(root, one), join(folder, one), { recursive: true });
  }
  const page = join(folder, 'www', 'editor', 'index.html');
  const html = readFileSync(page, 'utf8');
  assert.ok(html.includes(NAMED));
  writeFileSync(page, html.replace(NAMED, `name="public-site" content="${site}"`));
  const ports = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const server = bench.cleanup.add(
    await startBroker({ host: LOOPBACK, ...ports, more: ['--root', folder] }),
    (it) => it.stop(),
  );
  const start = `http://localhost:${server.pagesPort}`;
  const editor = await officialEditor(await bench.browser.newPage(), { start });
  opened.push(() => editor.close());
  return editor;
}

/** @param {string} question */
function projectFor(question) {
  const scripts = [
    [whenFlag(), ...connectTo(bench.broker)],
    [whenMessage(question), add(payload(), 'got')],
  ];
  return makeProject({ sprites: { Cat: { lists: { got: [] }, scripts } } });
}

/** @param {Buffer} sb3 */
function addressIn(sb3) {
  const file = unzipSync(sb3)['project.json'];
  assert(file);
  return JSON.parse(strFromU8(file)).extensionURLs;
}
