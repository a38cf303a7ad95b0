// @ts-check
/** The edition for TurboWarp's gallery in TurboWarp: its wasm comes from where the gallery has it, or does not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dist } from '../../scripts/dist.mjs';
import { GALLERY, GALLERY_WASM, WASM } from '../../scripts/gallery.mjs';
import { openBench } from './support/bench.js';
import { connect, forever, payload, set, wait, whenFlag, whenMessage } from './support/blocks.js';
import { turbowarp } from './support/editors/turbowarp.js';
import { ours } from './support/examples.js';
import { uniqueTopic } from './support/names.js';
import { LOOPBACK } from './support/ports.js';
import { makeProject } from './support/project.js';
import { serve } from './support/serve.js';

/** @type {import('./support/bench.js').Bench} */
let bench;
/** Where the script is. @type {string} */
let origin;

before(async () => {
  bench = await openBench();
  const places = { '/mqtt.js': { file: join(dist, GALLERY) } };
  ({ origin } = bench.cleanup.add(await serve(places), (it) => it.close()));
});
after(() => bench?.cleanup.run());

/**
 * TurboWarp with the edition.
 *
 * @param {() => boolean} [isReachable] whether the network has the wasm
 */
async function withEdition(isReachable = () => true) {
  const page = await bench.browser.newPage();
  const wasm = readFileSync(join(dist, WASM));
  await page.route(GALLERY_WASM, (route) =>
    isReachable()
      ? route.fulfill({
          body: wasm,
          contentType: 'application/wasm',
          headers: { 'Access-Control-Allow-Origin': '*' },
        })
      : route.abort(),
  );
  return turbowarp(page, { origin: bench.origin });
}

/** A project that says what comes, and how the connection is. @param {string} topic */
function projectOn(topic) {
  const { username, password } = bench.broker.login;
  return makeProject({
    extensionUrl: `${origin}/mqtt.js`,
    sprites: {
      Cat: {
        variables: { got: '', status: '' },
        scripts: [
          [
            whenFlag(),
            ours('login', { USER: username, PASSWORD: password }),
            connect(`ws://${LOOPBACK}:${bench.broker.ports.ws}/mqtt`),
            ours('publish', { MESSAGE: 'hello', TOPIC: topic }),
          ],
          [whenFlag(), forever(set('status', ours('status', {})), wait(0.1))],
          [whenMessage(topic), set('got', payload())],
        ],
      },
    },
  });
}

test('it connects, publishes and receives', async () => {
  const editor = await withEdition();
  await editor.loadProject(projectOn(uniqueTopic()));

  await editor.greenFlag();

  await editor.untilVariable('Cat', 'got', /^hello$/);
  assert.deepEqual(editor.errors, []);
  await editor.close();
});

test('a wasm that cannot be had is a sentence, and the next start finds it', async () => {
  let isReachable = false;
  const editor = await withEdition(() => isReachable);
  await editor.loadProject(projectOn(uniqueTopic()));

  await editor.greenFlag();
  await editor.untilVariable('Cat', 'status', /WebAssembly/);
  isReachable = true;
  await editor.greenFlag();

  await editor.untilVariable('Cat', 'got', /^hello$/);
  assert.deepEqual(editor.errors, []);
  await editor.close();
});

test('an address that somebody refuses is a sentence of the status, and nothing is thrown', async () => {
  const editor = await withEdition();
  await editor.page.evaluate(`scaffolding.setExtensionSecurityManager({
    getSandboxMode: () => Promise.resolve('unsandboxed'),
    canLoadExtensionFromProject: () => Promise.resolve(true),
    canFetch: () => Promise.resolve(false),
  })`);
  await editor.loadProject(projectOn(uniqueTopic()));

  await editor.greenFlag();

  await editor.untilVariable('Cat', 'status', /was not allowed to connect/);
  assert.deepEqual(editor.errors, []);
  await editor.close();
});

test('its blocks are those of the other editions', async () => {
  /** @param {string} address @returns {Promise<any>} */
  const shownFor = async (address) => {
    const editor = await withEdition();
    await editor.addExtension(address);
    const shown = await editor.page.evaluate(() => {
      const { vm } = /** @type {any} */ (globalThis);
      const [{ blocks, menus, id, name }] = vm.runtime._blockInfo;
      // The others have a link to the page about the blocks, too.
      const own = blocks
        .map((/** @type {any} */ { info }) => info)
        .filter((/** @type {any} */ it) => it.opcode);
      return JSON.parse(JSON.stringify({ blocks: own, menus, id, name }));
    });
    await editor.close();
    return shown;
  };

  const own = await shownFor(`${origin}/mqtt.js`);

  assert.ok(own.blocks.length > 40);
  assert.deepEqual(own, await shownFor(`${bench.origin}/mqtt.js`));
});
