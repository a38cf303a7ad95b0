// @ts-check
/** The pages of `npm start` under their own Content-Security-Policy, and in the frames of others. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBench } from './support/bench.js';
import { officialEditor } from './support/hosts/official-editor.js';
import { serve } from './support/serve.js';
import { until } from './support/wait.js';

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
