// @ts-check
/** The pages of `npm start` under their own Content-Security-Policy, and in the frames of others. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBench } from './support/bench.js';
import { officialEditor } from './support/editors/official-editor.js';
import { serve } from './support/serve.js';
import { until } from './support/wait.js';

/** A website that is not ours; the browser is answered by the test. */
const ELSEWHERE = 'https://projects.example';

/** @type {import('./support/bench.js').Bench} */
let bench;

before(async () => (bench = await openBench()));
after(() => bench?.cleanup.run());

test('the start page works under its policy: texts, converter, console', async () => {
  const { page, violations } = await watched();

  await page.goto(bench.start);
  await page.getByText('Not connected.').waitFor();
  await page.getByLabel('User name', { exact: true }).fill(bench.broker.login.username);
  await page.getByLabel('Password', { exact: true }).fill(bench.broker.login.password);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText(/^Connected to/).waitFor();
  await page
    .getByLabel('Project with IoT blocks (.sb3)')
    .setInputFiles({ name: 'x.sb3', mimeType: '', buffer: Buffer.from('no project') });
  await page.getByText('This is not a Scratch project.').waitFor();

  assert.deepEqual(violations, []);
  await page.close();
});

test('the editor works under its policy: blocks, costumes, sounds, a whole project', async () => {
  const { page, violations } = await watched();

  const editor = await officialEditor(page, { start: bench.start });
  await editor.openPalette();
  await page.getByRole('tab', { name: 'Costumes' }).click();
  await page.getByRole('tab', { name: 'Sounds' }).click();
  await page.getByRole('tab', { name: 'Code' }).click();
  await page.evaluate(async () => {
    const { vm } = /** @type {any} */ (globalThis);
    await vm.loadProject(await (await vm.saveProjectSb3()).arrayBuffer());
    vm.greenFlag();
  });

  assert.deepEqual(violations, []);
  await page.close();
});

test('both may have the worker that keeps a client in a hidden tab awake', async () => {
  for (const path of ['/', '/editor/']) {
    const { page, violations } = await watched();

    await page.goto(`${bench.start}${path}`);
    const answer = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const worker = new Worker(URL.createObjectURL(new Blob(['postMessage("awake")'])));
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = () => resolve('forbidden');
        }),
    );

    assert.equal(answer, 'awake');
    assert.deepEqual(violations, []);
    await page.close();
  }
});

test('no page of npm start can be shown in a frame', async () => {
  const html = ['/', '/editor/']
    .map((path) => `<iframe src="${bench.start}${path}" onload="loaded += 1"></iframe>`)
    .join('');
  const site = bench.cleanup.add(
    await serve({ '/frames': { html: `<!doctype html><script>loaded = 0</script>${html}` } }),
    (it) => it.close(),
  );
  const page = await bench.browser.newPage();

  await page.goto(`${site.origin}/frames`);

  await until('both frames to be refused', () =>
    page
      .frames()
      .slice(1)
      .every((frame) => frame.url().startsWith('chrome-error:')),
  );
  assert.equal(page.frames().length, 3);
  await page.close();
});

test('a project of another website is opened only when a person says so', async () => {
  /** @type {string[]} */
  const asked = [];
  const { page, violations } = await watched();
  const body = await savedProject(page);
  await page.route(`${ELSEWHERE}/**`, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ body, headers: { 'Access-Control-Allow-Origin': '*' } });
  });
  const address = `${bench.start}/editor/?lang=en&project=${ELSEWHERE}/room.sb3`;

  await page.goto(address);
  const question = page.getByRole('dialog').filter({ hasText: 'projects.example' });
  await question.waitFor();
  assert.equal(asked.length, 0);
  await question.getByRole('button', { name: 'Do not open it' }).click();
  await page.locator('body[data-ready]').waitFor();
  assert.equal(asked.length, 0);

  await page.goto(address);
  await question.getByRole('button', { name: 'Open it', exact: true }).click();
  await page.locator('body[data-ready]').waitFor();
  assert.equal(asked.length, 1);
  assert.deepEqual(violations, []);
  await page.close();
});

for (const address of [
  'http://projects.example/x.sb3',
  'data:,x',
  'javascript:1',
  '//[',
  'file:///x',
]) {
  test(`a project at ${address} is not opened, and that is said`, async () => {
    const page = await bench.browser.newPage();

    await page.goto(`${bench.start}/editor/?lang=en&project=${encodeURIComponent(address)}`);

    await page.getByText(`The project could not be opened: ${address}`).waitFor();
    await page.close();
  });
}

test('a project of this site is opened without a question', async () => {
  const page = await bench.browser.newPage();
  await page.route('**/own.sb3', async (route) => route.fulfill({ body: await own }));
  const own = savedProject(await bench.browser.newPage());

  await page.goto(`${bench.start}/editor/?lang=en&project=own.sb3`);
  await page.locator('body[data-ready]').waitFor();

  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.close();
});

/** What the editor saves as it is. @param {import('playwright-core').Page} page */
async function savedProject(page) {
  await page.goto(`${bench.start}/editor/?lang=en`);
  await page.locator('body[data-ready]').waitFor();
  const bytes = await page.evaluate(async () => {
    const saved = await /** @type {any} */ (globalThis).vm.saveProjectSb3();
    return [...new Uint8Array(await saved.arrayBuffer())];
  });
  return Buffer.from(bytes);
}

/** A page with everything that its policy forbade. */
async function watched() {
  const page = await bench.browser.newPage();
  /** @type {string[]} */
  const violations = [];
  await page.exposeFunction('forbidden', (/** @type {string} */ what) => violations.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      /** @type {any} */ (globalThis).forbidden(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return { page, violations };
}
