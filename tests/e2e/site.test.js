// @ts-check
/** The website as a host of static files has it, below a path: nothing that a page asks for is missing. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { capture, root } from '../../scripts/run.mjs';
import { SUMS, buildSite } from '../../scripts/site.mjs';
import { VERSION } from '../../scripts/version.mjs';
import { startApache } from './support/apache.js';
import { violations } from './support/axe.js';
import { launchFirefox } from './support/browsers/firefox.js';
import { launchWebKit } from './support/browsers/webkit.js';
import { Editor } from './support/editors/editor.js';
import { clickFlag, clickSprite, dragAbove } from './support/editors/by-hand.js';
import { OfficialEditor } from './support/editors/official-editor.js';
import { turbowarp, turbowarpPlaces } from './support/editors/turbowarp.js';
import { LOOPBACK, freePorts } from './support/ports.js';
import { take } from './support/pictures.js';
import { serve } from './support/serve.js';
import { brokenLinks } from './support/site-links.js';
import { openSmallBench } from './support/small-bench.js';
import { startStaticHost } from './support/static-host.js';
import { until } from './support/wait.js';

/** @typedef {import('playwright-core').Page} Page */

const NAME = 'pages.example';
const PATH = '/scratch-mqtt/';
/** Sizes of a laptop and of a phone. */
const SIZES = [
  { width: 1366, height: 768 },
  { width: 360, height: 740 },
];

/** @type {import('./support/small-bench.js').SmallBench} */
let bench;
/** @type {Awaited<ReturnType<typeof startStaticHost>>} */
let host;
/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof buildSite>>} */
let made;
/** What pages connected to. @type {string[]} */
let connections = [];

before(async () => {
  bench = await openSmallBench('site', { hosts: { [NAME]: LOOPBACK }, names: [NAME] });
  folder = join(bench.folder, 'site');
  const { certificates } = bench;
  host = bench.cleanup.add(
    await startStaticHost({ folder, path: PATH, name: NAME, certificates }),
    (it) => it.close(),
  );
  made = await buildSite({ folder, address: host.start });
});
after(() => bench?.cleanup.run());
afterEach(() => {
  const [missing, reached] = [host.missing.splice(0), connections];
  connections = [];
  assert.deepEqual(missing, [], 'asked for, and not there');
  assert.deepEqual(reached, [], 'nothing may be connected to');
});

/** @param {(typeof SIZES)[number]} [size] */
async function newPage(size) {
  const page = await bench.browser.newPage();
  if (size) await page.setViewportSize(size);
  page.on('websocket', (socket) => connections.push(socket.url()));
  // Pictures of the editor's libraries are on the internet.
  await page.route(
    (address) => !address.href.startsWith(host.start) && address.protocol.startsWith('http'),
    (route) => {
      const { host: asked } = new URL(route.request().url());
      return asked === new URL(host.start).host ? route.continue() : route.abort();
    },
  );
  return page;
}

/** @param {string} path @param {(typeof SIZES)[number]} [size] */
async function openPage(path, size) {
  const page = await newPage(size);
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(host.start + path);
  return { page, errors };
}

/** @param {Page} page */
async function editorOn(page) {
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  return new OfficialEditor('the demo', page);
}

test('a stranger opens the demo, publishes and hears, and builds on', async () => {
  const { page, errors } = await openPage('?lang=en');
  await page.getByRole('link', { name: 'Open the first project' }).click();
  const editor = await editorOn(page);

  await editor.openPalette();
  assert.match(await editor.paletteText(), /practiceconnect to broker/);
  await clickFlag(page);
  await page.locator('#chip', { hasText: 'Connected to practice.' }).waitFor();
  await clickSprite(page, 'Pip');
  await editor.untilSaid('Pop', 'hello');
  await take(page, 'demo', { x: 312, y: 48, width: 968, height: 480 });
  await dragAbove(page, 'publish', 'say');
  const isPlaced = () =>
    page.evaluate(() => {
      const { blocks } = /** @type {any} */ (globalThis).vm.editingTarget;
      const all = /** @type {{ opcode: string, next: string }[]} */ (Object.values(blocks._blocks));
      return all.some(
        ({ opcode, next }) =>
          opcode === 'scratchmqtt_publish' && blocks.getBlock(next)?.opcode === 'looks_say',
      );
    });
  await until('the block in its place', isPlaced);
  assert.deepEqual(errors, []);
  await page.close();
});

test('all parts of the editor are found below a path', async () => {
  const { page, errors } = await openPage('editor/?lang=en');
  await editorOn(page);

  await page.getByRole('tab', { name: 'Costumes' }).click();
  await page.locator('[class*=paint-editor_editor-container] canvas').first().waitFor();
  await openLibrary(page, 'Choose a Costume');
  await page.getByRole('tab', { name: 'Sounds' }).click();
  await page.locator('[class*=sound-editor]').first().waitFor();
  await openLibrary(page, 'Choose a Sound');
  await page.getByRole('tab', { name: 'Code' }).click();
  await openLibrary(page, 'Choose a Sprite');
  await openLibrary(page, 'Choose a Backdrop');
  await page.getByRole('button', { name: 'Add Extension' }).first().click();
  await page.getByText('Face Sensing', { exact: true }).first().click();
  await page.locator('.blocklyFlyout', { hasText: 'go to' }).first().waitFor();
  await page.locator('#chip').click();
  const terms = page.getByRole('link', { name: 'Scratch editor: source and license' });
  const address = String(await terms.getAttribute('href'));
  await page.goto(address);
  const source = await page.locator('pre').innerText();

  assert.match(source, /AGPL-3\.0-only/);
  assert.match(source, /Changed on \d{4}-\d\d-\d\d, in scratch-gui-standalone\.js/);
  assert.deepEqual(errors, []);
  await page.close();
});

/** @param {Page} page @param {string} name of its button */
async function openLibrary(page, name) {
  await page.getByRole('button', { name, exact: true }).first().click();
  await page.locator('[class*=library-item_library-item]').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('[class*=library-item_library-item]').first().waitFor({ state: 'detached' });
}

for (const launch of [launchFirefox, launchWebKit]) {
  test(`the demo runs in ${launch === launchFirefox ? 'Firefox' : 'WebKit'}`, async () => {
    const plain = bench.cleanup.add(await startStaticHost({ folder, path: PATH }), (it) =>
      it.close(),
    );
    const home = join(bench.folder, launch.name);
    const engine = bench.cleanup.add(await launch({ folder: home }), (it) => it.close());
    const page = await engine.newPage();

    await page.goto(`${plain.start}editor/?lang=en&project=examples/projects/two-sprites.sb3`);
    await until('the editor', () => page.evaluate(() => document.body.dataset.ready === 'true'), {
      withinMs: 60_000,
    });
    const editor = new Editor(engine.name, /** @type {any} */ (page));
    await editor.greenFlag();
    await editor.click('Pip');
    await until('the answer', async () => (await editor.said('Pop')) === 'hello');

    assert.deepEqual(plain.missing, []);
    await page.close();
  });
}

test('a project that is saved in the demo opens in TurboWarp, and so does a sample', async () => {
  const certificates = bench.certificates;
  const other = bench.cleanup.add(await serve(turbowarpPlaces, certificates), (it) => it.close());
  const { page } = await openPage('editor/?lang=en&project=examples/projects/two-sprites.sb3');
  const editor = await editorOn(page);
  const sample = readFileSync(join(folder, 'examples/projects/two-sprites.sb3'));

  for (const project of [await editor.saveProject(), sample]) {
    const json = JSON.parse(
      strFromU8(unzipSync(new Uint8Array(project))['project.json'] ?? new Uint8Array()),
    );
    assert.deepEqual(json.extensionURLs, { scratchmqtt: `${host.start}mqtt.js` });
    const there = await turbowarp(await bench.browser.newPage(), { origin: other.origin });
    await there.loadProject(Buffer.from(project));
    await there.greenFlag();
    await there.click('Pip');
    await until('the answer', async () => (await there.said('Pop')) === 'hello');
    assert.deepEqual(there.errors, []);
    await there.close();
  }
  await page.close();
});

for (const lang of ['en', 'nl', 'ar']) {
  for (const size of SIZES) {
    test(`the pages in ${lang}, ${size.width} pixels wide`, async () => {
      for (const path of ['', 'tools.html', 'network.html', 'docs/index.html']) {
        const { page, errors } = await openPage(`${path}?lang=${lang}`, size);
        await page.locator('h1').first().waitFor();
        if (path === '') await page.locator('#build', { hasText: VERSION }).waitFor();
        if (path === 'network.html') await page.locator('#start:enabled').waitFor();
        if (path === 'tools.html') await page.locator('#controls:enabled').waitFor();

        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= size.width, `${path}: ${wide} pixels`);
        assert.deepEqual(await violations(page), [], path);
        assert.deepEqual(errors, [], path);
        await page.close();
      }
    });
  }
}

test('the links into other editors hold the address of this website, and of a sample', async () => {
  const { page } = await openPage('?lang=en');
  await page.locator('#build', { hasText: VERSION }).waitFor();
  const address = encodeURIComponent(host.start);
  const sample = `${address}examples%2Fprojects%2Ftwo-sprites.sb3`;
  const links = await page
    .locator('.editors :is([data-open], [data-open-empty])')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href')));

  assert.deepEqual(links, [
    `https://turbowarp.org/editor?project_url=${sample}`,
    `https://turbowarp.org/editor?extension=${address}mqtt.js`,
    `https://xcratch.github.io/editor/?extension=${address}mqtt.mjs#${host.start}examples/projects/two-sprites.sb3`,
    `https://xcratch.github.io/editor/?extension=${address}mqtt.mjs`,
    `https://studio.penguinmod.com/editor.html?project_url=${sample}`,
    'https://addon.codelab.club/editor.html',
  ]);
  assert.equal(await page.locator('#not-reached').isVisible(), false);
  assert.equal(await page.locator('#no-address').isVisible(), false);
  await page.close();
});

test('on a computer that nobody reaches the page says that the editors do not', async () => {
  const local = await startStaticHost({ folder, path: '/' });
  const page = await bench.browser.newPage();
  await page.goto(`${local.start}?lang=en`);

  await page.locator('#not-reached').waitFor();
  assert.deepEqual(local.missing, []);
  await page.close();
  await local.close();
});

test('from the tools a link leads back to the first page', async () => {
  const { page } = await openPage('tools.html?lang=nl');

  await page.getByRole('link', { name: 'Startpagina' }).click();

  await page.locator('#build', { hasText: VERSION }).waitFor();
  assert.equal(page.url(), `${host.start}?lang=nl`);
  await page.close();
});

test('the test of the network says of each broker whether it is reached', async () => {
  const { wss, login } = bench.broker;
  const page = await bench.browser.newPage();
  await page.goto(`${host.start}network.html?lang=en`);
  const [closed = 0] = await freePorts(1);
  const addresses = [wss, `wss://localhost:${closed}/mqtt`, 'https://pages.example/'];
  await page.getByLabel('Brokers, one address in each line').fill(addresses.join('\n'));
  const results = page.getByLabel('Results');
  const begin = page.getByRole('button', { name: 'Begin the test' });
  const ended = page.getByText('The test has ended.');

  await begin.click();
  await ended.waitFor();
  const [refused = '', nobody = '', noBroker = ''] = paragraphs(await results.inputValue());
  assert.match(refused, /user name/);
  assert.match(nobody, new RegExp(`localhost:${closed} does not answer`));
  assert.match(noBroker, /https/);

  await page.getByLabel('User name').fill(login.username);
  await page.getByLabel('Password').fill(login.password);
  await begin.click();
  await ended.waitFor();
  const [works = ''] = paragraphs(await results.inputValue());
  assert.match(works, /It works: connected after \d+ ms, and a message came back after \d+ ms\./);
  await page.getByLabel('Brokers, one address in each line').fill(' \n');
  await begin.click();
  await page.getByText('Type the address of a broker.').waitFor();
  await page.getByLabel('Brokers, one address in each line').fill('a\n'.repeat(11));
  await begin.click();
  await page.getByText('Test at most 10 brokers at once.').waitFor();
  await page.close();
});

/** What is said of each address. @param {string} results */
const paragraphs = (results) => results.split(/\n(?=\S)/);

test('a wrong address says so, and leads back from any depth', async () => {
  const { page } = await openPage('docs/nothing/of/this.html');

  await page.getByText('There is no page at this address.').waitFor();
  await until('the way back', async () => {
    const href = await page.getByRole('link').evaluate((link) => link.getAttribute('href'));
    return href === host.start;
  });
  assert.deepEqual(await violations(page), []);
  await page.close();
  // The page itself, and the lists of versions that it looks for on its way up.
  assert.deepEqual(host.missing.splice(0), [
    `${PATH}docs/nothing/of/this.html`,
    `${PATH}docs/nothing/of/versions.json`,
    `${PATH}docs/nothing/versions.json`,
    `${PATH}docs/versions.json`,
  ]);
});

test('Apache needs nothing but the folder', async () => {
  // Its processes are somebody else's.
  for (const each of [bench.folder, folder]) chmodSync(each, 0o755);
  const apache = bench.cleanup.add(
    await startApache({ folder: join(bench.folder, 'apache'), site: folder, path: PATH }),
    (it) => it.stop(),
  );
  const forGood = 'public, max-age=31536000, immutable';
  const module = 'text/javascript; charset=utf-8';

  for (const [path, status, type, caching] of /** @type {const} */ ([
    ['', 200, 'text/html; charset=utf-8', 'no-cache'],
    ['mqtt.js', 200, module, 'no-cache'],
    ['mqtt.mjs', 200, module, 'no-cache'],
    ['split/mqtt_bg.wasm', 200, 'application/wasm', 'no-cache'],
    [`v/${VERSION}/mqtt.js`, 200, module, forGood],
    ['v/0.1/mqtt.js', 200, module, 'no-cache'],
  ])) {
    const response = await fetch(apache.place + path);
    const { headers } = response;
    assert.equal(response.status, status, path);
    assert.equal(headers.get('content-type')?.toLowerCase(), type, path);
    assert.equal(headers.get('cache-control'), caching, path);
    assert.equal(headers.get('access-control-allow-origin'), '*', path);
  }
  const wrong = await fetch(`${apache.place}no/such/page`);
  assert.equal(wrong.status, 404);
  assert.equal(await wrong.text(), readFileSync(join(folder, '404.html'), 'utf8'));
});

test('every link of every page leads to a file, and every module imports files', () => {
  const { pages, scripts, links, broken } = brokenLinks(folder);

  assert.deepEqual(broken, []);
  assert.ok(pages > 60 && scripts > 30 && links > 1000, `${pages}, ${scripts}, ${links}`);
});

test('each version is whole, and the palette of it finds the page about the blocks', async () => {
  const { page } = await openPage(`v/${VERSION}/docs/reference/blocks.html`);
  await page.waitForURL(`${host.start}docs/reference/blocks.html`);
  for (const file of ['mqtt.js', 'mqtt.mjs', 'iot.js', 'plugin.js', 'practice.js']) {
    for (const place of ['', `v/${VERSION}/`, 'v/0.1/']) {
      const bytes = readFileSync(join(folder, place, file));
      assert.deepEqual(bytes, readFileSync(join(root, 'dist', file)), place + file);
    }
  }
  for (const beside of ['THIRD-PARTY-NOTICES.txt', 'mqtt.js.cdx.json', 'split/mqtt_bg.wasm']) {
    assert.ok(existsSync(join(folder, 'v', VERSION, beside)), beside);
  }
  await page.close();
});

test('the same sources make the same website', async () => {
  const again = await buildSite({ folder: join(bench.folder, 'again'), address: host.start });

  assert.equal(again.sum, made.sum);
  assert.equal(
    readFileSync(join(again.folder, 'site.cdx.json'), 'utf8'),
    readFileSync(join(folder, 'site.cdx.json'), 'utf8'),
  );
});

test('the command refuses to change a version, and leaves what is there', async () => {
  const site = join(bench.folder, 'again');
  writeFileSync(join(site, 'v', VERSION, 'mqtt.js'), 'another');
  const sums = readFileSync(join(site, SUMS), 'utf8');

  const refused = await siteCommand('--previous', site, '--out', site);

  assert.equal(refused.code, 1);
  assert.match(refused.output, /mqtt\.js is not what versions\.json says of it/);
  assert.equal(readFileSync(join(site, SUMS), 'utf8'), sums);
});

test('the command refuses an address that no editor loads from, and a folder with other files', async () => {
  const address = await siteCommand('--address', 'http://pages.example/');
  const foreign = await siteCommand('--out', join(root, 'docs'));

  assert.equal(address.code, 1);
  assert.match(address.output, /give the whole address, as https:/);
  assert.equal(foreign.code, 1);
  assert.match(foreign.output, /has files that are no website of this project/);
  assert.ok(existsSync(join(root, 'docs', 'README.md')));
});

/** @param {string[]} args */
const siteCommand = (...args) =>
  capture(process.execPath, [join(root, 'scripts', 'site.mjs'), ...args], { cwd: root });
