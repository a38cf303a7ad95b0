// @ts-check
/** The pages of the documentation, as `npm start` serves them: for every reader, on every screen. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { build } from '../../scripts/build.mjs';
import { addressOf, docsPages } from '../../scripts/docs.mjs';
import { violations } from './support/axe.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { walkDocs } from './support/docs-walk.js';
import { LOOPBACK } from './support/ports.js';

const cleanup = new Cleanup();
const PAGES = docsPages().map((path) => `/docs/${addressOf(path)}`);
/** @type {string} */
let start;
/** @type {import('playwright-core').BrowserContext} */
let browser;

before(async () => {
  await Promise.all([build(), buildBroker()]);
  const ports = { tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const server = cleanup.add(await startBroker({ host: LOOPBACK, ...ports }), (it) => it.stop());
  start = `http://localhost:${server.pagesPort}/`;
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-docs-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
});
after(() => cleanup.run());

test('every page is found from the first, and no link, anchor or picture leads nowhere', async () => {
  const { pages, broken } = await walkDocs(start);

  assert.deepEqual(broken, []);
  assert.deepEqual(pages, [...PAGES].sort());
});

test('what is for who has the repository is not served', async () => {
  for (const path of [
    'docs/contributing/architecture.html',
    'docs/contributing/',
    'docs/no.html',
  ]) {
    assert.equal((await fetch(new URL(path, start))).status, 404, path);
  }
});

test('the first page is there without a slash too, and an old address leads to the new one', async () => {
  const page = await browser.newPage();
  await page.goto(new URL('docs', start).href);
  assert.equal(page.url(), `${start}docs/`);

  await page.goto(new URL('docs/hosts/codelab.html', start).href);

  await page.waitForURL(`${start}docs/editors/codelab.html`);
  await page.close();
});

for (const [language, written] of [
  ['en', 'en'],
  ['nl', 'nl'],
  ['zh-cn', 'zh-cn'],
  ['de', 'en'],
]) {
  test(`the start page and the class page lead a reader of ${language} to pages in ${written}`, async () => {
    const page = await browser.newPage();
    for (const [path, count] of /** @type {[string, number][]} */ ([
      ['', 6],
      ['class', 5],
    ])) {
      await page.goto(`${start}${path}?lang=${language}`);
      await page.locator('a[data-help=safety][href]').waitFor();
      const links = page.locator('a[data-help]');
      const leads = await links.evaluateAll((all) =>
        all.map((it) => /** @type {HTMLAnchorElement} */ (it).href),
      );
      assert.equal(leads.length, count);
      for (const lead of leads) {
        const text = await (await fetch(lead)).text();
        assert.match(text, new RegExp(`<html lang="${written}" dir="ltr">`), lead);
      }
    }
    await page.goto(`${start}?lang=${language}`);
    await page.locator('a[data-help=safety][href]').waitFor();
    const note = await page.locator('[data-help-note]').isVisible();
    assert.equal(note, language === 'de');
    await page.close();
  });
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds nothing on any page, ${colorScheme}`, async () => {
    const page = await browser.newPage();
    await page.emulateMedia({ colorScheme });

    for (const path of PAGES) {
      await page.goto(new URL(path, start).href);
      assert.deepEqual(await violations(page), [], path);
    }
    await page.close();
  });
}

test('every page fits on a phone', async () => {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 360, height: 740 });

  for (const path of PAGES) {
    await page.goto(new URL(path, start).href);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 360, path);
  }
  await page.close();
});
