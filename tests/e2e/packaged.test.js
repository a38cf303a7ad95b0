// @ts-check
/**
 * A project that TurboWarp's packager made into one file, opened from the disk: the extension is inside, and nobody
 * serves it any more.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  add,
  connect,
  forever,
  join as joined,
  messageWaiting,
  nextMessage,
  payload,
  say,
  set,
  status,
  topic as messageTopic,
  waitUntil,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { Editor } from './support/editors/editor.js';
import { noticeOn } from './scenarios/notice.js';
import { freePorts } from './support/ports.js';
import { uniqueTopic } from './support/names.js';
import { take } from './support/pictures.js';
import { makeProject } from './support/project.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { connectTo } from './support/stage.js';
import { until } from './support/wait.js';

const Packager = createRequire(import.meta.url)('@turbowarp/packager');
const EXTENSION = fileURLToPath(new URL('../../dist/mqtt.js', import.meta.url));
const NUMBERS = Array.from({ length: 50 }, (_, index) => String(index + 1));

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;

before(async () => {
  assert.ok(existsSync(EXTENSION), 'dist/mqtt.js is missing: npm run build');
  bench = await openSmallBench('packaged');
});

after(() => bench?.cleanup.run());

for (const compiler of [true, false]) {
  const how = compiler ? 'with' : 'without';
  test(`a packaged file ${how} compiler handles every message, by hat and by loop`, async () => {
    const { broker, browser, cleanup, native } = bench;
    const hat = uniqueTopic();
    const loop = uniqueTopic();
    const file = await packaged(
      {
        Cat: {
          variables: { status: '' },
          lists: { hat: [], loop: [] },
          scripts: [
            [whenFlag(), ...connectTo(broker), forever(set('status', status()))],
            [whenMessage(hat), add(joined(messageTopic(), payload()), 'hat'), say(payload())],
            [whenFlag(), forever(waitUntil(messageWaiting(loop)), add(nextMessage(loop), 'loop'))],
          ],
        },
      },
      compiler,
    );
    const page = cleanup.add(await browser.newPage(), (it) => it.close());
    const editor = new Editor('packaged', page);
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction('globalThis.vm && globalThis.vm.runtime.targets.length === 2');
    assert.equal(
      await page.evaluate('globalThis.vm.runtime.compilerOptions.enabled'),
      compiler,
      'the compiler is as it was asked for',
    );
    for (const filter of [hat, loop]) {
      await until(`the subscription to ${filter}`, () => broker.subscriptions(filter) > 0);
    }

    for (const number of NUMBERS) {
      await native.publish(hat, number);
      await native.publish(loop, number);
    }

    assert.deepEqual(await editor.untilLength('Cat', 'loop', NUMBERS.length), NUMBERS);
    assert.deepEqual(
      await editor.untilLength('Cat', 'hat', NUMBERS.length),
      NUMBERS.map((number) => hat + number),
    );
    assert.match(String(await editor.variable('Cat', 'status')), /^Connected to [^ ]+\.$/);
    assert.deepEqual(editor.errors, []);
    if (!compiler) return;
    await native.publish(hat, '21.5 °C');
    await editor.untilLength('Cat', 'hat', NUMBERS.length + 1);
    await page.setViewportSize({ width: 480, height: 360 });
    await take(page, 'editor-packaged');
  });
}

test('a packaged file says over the stage that nobody answers', async () => {
  const { browser, cleanup } = bench;
  const [nobody = 0] = await freePorts(1);
  const scripts = [[whenFlag(), connect(`ws://localhost:${nobody}/mqtt`)]];
  const file = await packaged({ Cat: { scripts } }, true);
  const page = cleanup.add(await browser.newPage(), (it) => it.close());
  const editor = new Editor('packaged', page);
  await page.setViewportSize({ width: 480, height: 360 });
  await page.goto(pathToFileURL(file).href);
  const notice = noticeOn(page, `localhost:${nobody}`);

  await notice.waitFor();

  if (process.env.PICTURES)
    await page.screenshot({ path: join(process.env.PICTURES, 'notice-packaged.png') });
  await notice.click();
  await notice.waitFor({ state: 'detached' });
  assert.deepEqual(editor.errors, []);
});

/**
 * @param {Record<string, import('./support/project.js').Sprite>} sprites
 * @param {boolean} compiler
 * @returns {Promise<string>} the file; what served the extension has ended
 */
async function packaged(sprites, compiler) {
  const { origin, close } = await serve({ '/mqtt.js': { file: EXTENSION } });
  try {
    const extensionUrl = `${origin}/mqtt.js`;
    const loaded = await Packager.loadProject(makeProject({ extensionUrl, sprites }), () => {});
    assert.deepEqual(loaded.analysis.extensions, [extensionUrl]);
    const packager = new Packager.Packager();
    packager.project = loaded;
    packager.options.extensions = [extensionUrl];
    packager.options.compiler.enabled = compiler;
    packager.options.autoplay = true;
    const { type, data } = await packager.package();
    assert.equal(type, 'text/html');
    const file = join(bench.folder, `project-${compiler}.html`);
    writeFileSync(file, data);
    assert.ok(!readFileSync(file, 'utf8').includes(`${origin}/mqtt.js"`), 'the script is inside');
    return file;
  } finally {
    await close();
  }
}
