// @ts-check
/** What becomes of a project that TurboWarp saved, by the way in which our script was loaded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { status, set, whenFlag } from './support/blocks.js';
import { turbowarp, turbowarpPlaces } from './support/editors/turbowarp.js';
import { makeProject } from './support/project.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';

const EXTENSION = fileURLToPath(new URL('../../dist/mqtt.js', import.meta.url));

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
/** @type {string} */
let origin;

before(async () => {
  bench = await openSmallBench('turbowarp-projects');
  const places = { ...turbowarpPlaces, '/mqtt.js': { file: EXTENSION } };
  ({ origin } = bench.cleanup.add(await serve(places), (it) => it.close()));
});

after(() => bench?.cleanup.run());

test('with the file a project holds all of it, and opens without a server, in a sandbox too', async () => {
  const script = readFileSync(EXTENSION);
  const extensionUrl = `data:text/javascript;base64,${script.toString('base64')}`;
  const first = await open('unsandboxed');
  await first.addExtension(extensionUrl);
  await first.loadProject(projectWith(extensionUrl));

  const saved = await first.saveProject();

  assert.equal(addressIn(saved), extensionUrl);
  assert.ok(extensionUrl.length > script.length);
  const other = await open('iframe');
  await other.loadProject(saved);
  await other.greenFlag();
  await other.untilVariable('Cat', 'status', /^Not connected\..*without the sandbox\.$/);
});

test('a project whose address nobody serves any more does not open', async () => {
  const gone = await serve({ '/mqtt.js': { file: EXTENSION } });
  const project = projectWith(`${gone.origin}/mqtt.js`);
  await (await open('unsandboxed')).loadProject(project);
  await gone.close();

  for (const sandbox of /** @type {const} */ (['unsandboxed', 'iframe'])) {
    const editor = await open(sandbox);

    await assert.rejects(editor.loadProject(project), sandbox);
  }
});

for (const [sandbox, text] of /** @type {const} */ ([
  ['unsandboxed', /^连接/],
  ['iframe', /^verbind/],
])) {
  test(`in a Chinese editor in a Dutch browser, ${sandbox}, the first block begins with ${text}`, async () => {
    const editor = await open(sandbox, 'nl');
    await editor.page.evaluate(() => /** @type {any} */ (globalThis).vm.setLocale('zh-cn', {}));

    await editor.addExtension(`${origin}/mqtt.js`);

    const first = await editor.page.evaluate(() => {
      const { runtime } = /** @type {any} */ (globalThis).vm;
      const ours = runtime._blockInfo.find((/** @type {any} */ { id }) => id === 'scratchmqtt');
      const named = (/** @type {any} */ { info }) => info.opcode === 'connect';
      return String(ours.blocks.find(named).info.text);
    });
    assert.match(first, text);
  });
}

/** @param {'unsandboxed' | 'iframe'} sandbox @param {string} [language] of the browser */
async function open(sandbox, language = 'en') {
  const page = bench.cleanup.add(await bench.browser.newPage(), (it) => it.close());
  // In frames too.
  await page.addInitScript((own) => {
    Object.defineProperty(navigator, 'language', { value: own });
    Object.defineProperty(navigator, 'languages', { value: [own] });
  }, language);
  return turbowarp(page, { origin, sandbox });
}

/** @param {string} extensionUrl */
const projectWith = (extensionUrl) =>
  makeProject({
    extensionUrl,
    sprites: {
      Cat: { variables: { status: '' }, scripts: [[whenFlag(), set('status', status())]] },
    },
  });

/** The address that a project names. @param {Buffer} file @returns {string} */
function addressIn(file) {
  const json = unzipSync(new Uint8Array(file))['project.json'];
  return JSON.parse(strFromU8(/** @type {Uint8Array} */ (json))).extensionURLs.scratchmqtt;
}
