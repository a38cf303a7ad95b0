// @ts-check
/**
 * The shipped file in TurboWarp's sandboxes, where it sees no runtime: hats by pulses. An address that
 * is not TurboWarp's own is loaded in this way.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mqtt, note, numbered, projectOf, whenFlag, whenMessage } from '../extension/project.js';
import { uniqueTopic } from './support/names.js';
import { serve } from './support/serve.js';
import { openSmallBench } from './support/small-bench.js';
import { until } from './support/wait.js';

const packager = dirname(
  createRequire(import.meta.url).resolve('@turbowarp/packager/package.json'),
);
const scaffolding = join(packager, 'dist', 'scaffolding');
const extension = fileURLToPath(new URL('../../dist/mqtt.js', import.meta.url));

const PAGE = `<!doctype html><title>TurboWarp</title><div id="app"></div>
  <script src="scaffolding/scaffolding-min.js"></script>
  <script>
    const scaffolding = new Scaffolding.Scaffolding();
    scaffolding.setup();
    scaffolding.appendTo(document.getElementById('app'));
    scaffolding.setExtensionSecurityManager({
      getSandboxMode: () => Promise.resolve(location.search.slice(1)),
      canLoadExtensionFromProject: () => Promise.resolve(true),
      canFetch: () => Promise.resolve(true),
    });
    globalThis.vm = scaffolding.vm;
    globalThis.play = async (project, address) => {
      await vm.extensionManager.loadExtensionURL(address);
      await vm.loadProject(project);
      scaffolding.start();
      vm.greenFlag();
    };
    globalThis.list = (name) =>
      vm.runtime.getTargetForStage().lookupVariableById(name).value;
  </script>`;

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
/** @type {string} */
let origin;

before(async () => {
  bench = await openSmallBench('sandbox');
  const places = {
    '/scaffolding/': { folder: scaffolding },
    '/mqtt.js': { file: extension },
    '/': { html: PAGE },
  };
  ({ origin } = bench.cleanup.add(await serve(places), (it) => it.close()));
});

after(() => bench?.cleanup.run());

for (const sandbox of ['iframe', 'worker']) {
  test(`in the ${sandbox}, two hats run for each of 10 messages in order`, async () => {
    const topic = uniqueTopic();
    const list = await play(sandbox, { Cat: topic, Dog: topic }, topic);

    for (let n = 1; n <= 10; n += 1) await bench.native.publish(topic, String(n));

    await until('10 runs of each', async () => (await list('dog')).length >= 10, {
      seen: async () => [await list('cat'), await list('dog')],
    });
    assert.deepEqual(await list('cat'), numbered(10, topic));
    assert.deepEqual(await list('dog'), numbered(10, topic));
  });

  test(`in the ${sandbox}, two hats whose topics overlap run once each for a message`, async () => {
    const room = uniqueTopic();
    const [all, one] = [`${room}/#`, `${room}/temp`];
    const list = await play(sandbox, { Cat: all, Dog: one }, all);

    for (let n = 1; n <= 5; n += 1) await bench.native.publish(one, String(n));
    await bench.native.publish(`${room}/end`, '1');

    const end = numbered(1, `${room}/end`);
    await until('the end', async () => (await list('cat')).includes(String(end)), {
      seen: () => list('cat'),
    });
    assert.deepEqual(await list('cat'), [...numbered(5, one), ...end]);
    assert.deepEqual(await list('dog'), numbered(5, one));
  });
}

/**
 * Two sprites with a hat each.
 *
 * @param {string} sandbox
 * @param {{ Cat: string, Dog: string }} topics of the hats
 * @param {string} subscribed what the broker is asked for
 * @returns {Promise<(name: string) => Promise<string[]>>} what a list holds
 */
async function play(sandbox, { Cat, Dog }, subscribed) {
  const { broker, browser, cleanup } = bench;
  const page = cleanup.add(await browser.newPage(), (it) => it.close());
  await page.goto(`${origin}/?${sandbox}`);
  const connect = mqtt('connect', { BROKER: broker.wss.replace('//', '//guest:test@') });
  const project = projectOf({
    Cat: [whenFlag(connect), whenMessage(Cat, note('cat'))],
    Dog: [whenMessage(Dog, note('dog'))],
  });
  await page.evaluate(
    ([text, address]) => /** @type {any} */ (globalThis).play(text, address),
    [project, `${origin}/mqtt.js`],
  );
  await until('the subscription', () => broker.subscriptions(subscribed) > 0);
  return (name) => page.evaluate((it) => /** @type {any} */ (globalThis).list(it), name);
}
