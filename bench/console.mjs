// @ts-check
/**
 * `npm run bench:console`: what the console of the start page costs with 5,000 topics and 30,000 messages, in
 * Chromium, from a real broker: the work of each frame, the time between frames, and memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBroker, startBroker } from '../scripts/broker.mjs';
import { build } from '../scripts/build.mjs';
import { main, say, saysHelp } from '../scripts/run.mjs';
import { ensurePackages } from '../scripts/tools.mjs';

/** @typedef {import('../tests/e2e/support/native.js').Native['client']} Publisher */
/** @typedef {Awaited<ReturnType<typeof import('../tests/e2e/support/browser.js').launchBrowser>>} Browser */
/** @typedef {Awaited<ReturnType<Browser['newPage']>>} Page */

const TOPICS = 5_000;
const MESSAGES = 30_000;
/** How many messages are published at once, and how often. */
const PORTION = 100;
const PAUSE_MS = 33;
const CALM_MESSAGES = 300;
/** After how many messages one for the plot follows. */
const PLOTTED_EACH = 50;

const HELP = `npm run bench:console

Measures what the console of the start page costs with 5,000 topics and 30,000 messages, in Chromium. It takes some
minutes; let the computer do nothing else meanwhile. Press Ctrl+C to stop.

  --help   this text`;

await main(async () => {
  if (saysHelp(HELP)) return;
  await ensurePackages('tests');
  await Promise.all([build(), buildBroker()]);
  // Only now: they need the packages of tests/.
  const { Cleanup } = await import('../tests/e2e/support/cleanup.js');
  const cleanup = new Cleanup();
  try {
    await measure(cleanup);
  } finally {
    await cleanup.run();
  }
});

/** @param {import('../tests/e2e/support/cleanup.js').Cleanup} cleanup */
async function measure(cleanup) {
  const { page, publisher } = await open(cleanup);
  const report = [];
  report.push({ what: 'nothing yet', ...(await framesWhile(page, () => pause(2_000))) });
  for (const round of [1, 2, 3]) {
    const frames = await framesWhile(page, () => flood(publisher, page, round));
    report.push({ what: `30,000 messages come, ${round}.`, ...frames });
  }
  const calm = await framesWhile(page, () => flow(publisher));
  report.push({ what: '60 a second come', ...calm });
  const typed = await framesWhile(page, () => search(page));
  report.push({ what: 'a search is typed', ...typed });
  console.table(Object.fromEntries(report.map(({ what, ...figures }) => [what, figures])));
  say('work: of the console in a frame; gap: between two frames; heap: after a collection');
}

/** A console that hears everything, with a plot, and both lists on the move. @param {import('../tests/e2e/support/cleanup.js').Cleanup} cleanup */
async function open(cleanup) {
  const { launchBrowser } = await import('../tests/e2e/support/browser.js');
  const { makeCertificates } = await import('../tests/e2e/support/certificates.js');
  const { startFastMosquitto } = await import('./runner/mosquitto.js');
  const { Native } = await import('../tests/e2e/support/native.js');
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-console-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const broker = cleanup.add(await startFastMosquitto(join(folder, 'broker')), (it) => it.stop());
  const { tcp, ws } = broker.ports;
  const free = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  const site = cleanup.add(
    await startBroker({ ...free, more: ['--other-broker', String(tcp), String(ws)] }),
    (it) => it.stop(),
  );
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  const browser = cleanup.add(
    await launchBrowser({ folder, ca, hosts: {}, collects: true }),
    (it) => it.close(),
  );
  const { client: publisher } = cleanup.add(await Native.connect(broker), (it) => it.end());
  const page = await browser.newPage();
  await page.addInitScript(watchFrames);
  await page.goto(`http://localhost:${site.pagesPort}/?lang=en`);
  await page.locator('#controls:enabled').waitFor();
  await page.locator('#filter').fill('bench/#');
  await page.locator('#subscribe button[type=submit]').click();
  await page.locator('#connect button[type=submit]').click();
  await page.locator('#status', { hasText: 'Listening' }).waitFor();
  await publisher.publishAsync('bench/plotted', '1');
  await page.locator('#topics .grid-body > .grid-row', { hasText: 'plotted' }).click();
  await page.locator('#detail-plot').click();
  return { page, publisher };
}

/** @param {Publisher} publisher @param {Page} page @param {number} round */
async function flood(publisher, page, round) {
  for (let number = 0; number < MESSAGES; number++) {
    const topic = `bench/${Math.floor((number % TOPICS) / 100)}/${number % 100}`;
    publisher.publish(
      topic,
      `{"number":${number},"round":${round},"text":"as a board would send"}`,
    );
    if (number % PLOTTED_EACH === 0)
      publisher.publish('bench/plotted', String(Math.sin(number / 900)));
    if (number % PORTION === 0) await pause(PAUSE_MS);
  }
  // And the one of before all rounds.
  const all = 1 + round * (MESSAGES + MESSAGES / PLOTTED_EACH);
  await page.locator('#count', { hasText: all.toLocaleString('en') }).waitFor({ timeout: 60_000 });
}

/** @param {Publisher} publisher */
async function flow(publisher) {
  for (let number = 0; number < CALM_MESSAGES; number++) {
    publisher.publish(number % 2 ? 'bench/plotted' : `bench/${number % 50}/1`, String(number));
    await pause(16);
  }
}

/** @param {Page} page */
async function search(page) {
  await page.locator('#search').pressSequentially('bench/1', { delay: 150 });
  await pause(1_000);
  await page.locator('#search').fill('');
}

/** @param {Page} page @param {() => Promise<void>} act */
async function framesWhile(page, act) {
  await page.evaluate(() => /** @type {any} */ (globalThis).frames.start());
  await act();
  return page.evaluate(() => /** @type {any} */ (globalThis).frames.stop());
}

/** In the page: the work that the console does in frames, and the time between them; the lists are moved meanwhile. */
function watchFrames() {
  /** @type {any} */
  const scope = globalThis;
  const real = scope.requestAnimationFrame.bind(scope);
  /** @type {number[]} */
  let work = [];
  /** @type {number[]} */
  let gaps = [];
  let last = 0;
  let isOn = false;
  scope.requestAnimationFrame = (/** @type {FrameRequestCallback} */ callback) =>
    real((/** @type {number} */ at) => {
      const since = performance.now();
      callback(at);
      work.push(performance.now() - since);
    });
  const tick = (/** @type {number} */ at) => {
    if (last) gaps.push(at - last);
    last = at;
    for (const id of ['topics', 'messages']) {
      const list = document.getElementById(id);
      if (list) list.scrollTop = (list.scrollTop + 7) % Math.max(1, list.scrollHeight - 400);
    }
    if (isOn) real(tick);
  };
  scope.frames = {
    start() {
      [work, gaps, last, isOn] = [[], [], 0, true];
      real(tick);
    },
    stop() {
      isOn = false;
      scope.gc();
      const part = (/** @type {number[]} */ all, /** @type {number} */ share) => {
        const sorted = [...all].sort((one, other) => one - other);
        return Number((sorted[Math.floor(sorted.length * share)] ?? sorted.at(-1) ?? 0).toFixed(1));
      };
      return {
        'work p50 ms': part(work, 0.5),
        'work p99 ms': part(work, 0.99),
        'work max ms': part(work, 1),
        'gap p50 ms': part(gaps, 0.5),
        'gap p95 ms': part(gaps, 0.95),
        'gap p99 ms': part(gaps, 0.99),
        frames: gaps.length,
        'heap MB': Number((scope.performance.memory.usedJSHeapSize / 1e6).toFixed(1)),
        elements: document.querySelectorAll('#console-section *').length,
      };
    },
  };
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
