// @ts-check
/** The samples for Node and for pages, as they are printed, with the broker of `npm start`. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Cleanup } from '../e2e/support/cleanup.js';
import { lendPackages, makeConsumer, packMain, writeFiles } from '../e2e/support/npm-package.js';
import { Program } from '../e2e/support/programs.js';
import { serve } from '../e2e/support/serve.js';
import { until } from '../e2e/support/wait.js';
import { blocksRunAs } from './support/pages.js';
import { brokerAndBrowser } from './support/bench.js';
import { placed, printedBy } from './support/project.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
/** What stands before a sample that begins with a client that is connected. */
const CONNECTED = `
const { MqttClient, parseAddress, topicProblem, filterProblem, matches } = core;
const client = new MqttClient();
const input = 'ws://localhost:8083/mqtt';
client.connect({ url: input });
while (client.state !== 'connected') await new Promise((resolve) => setTimeout(resolve, 5));
`;
const IN_NODE = `import init, * as core from 'scratch-mqtt';
await init();${CONNECTED}`;
const IN_PAGE = `import init, * as core from 'http://localhost:8000/split/mqtt.mjs';
await init();${CONNECTED}`;

const cleanup = new Cleanup();
/** @type {import('../e2e/support/local-broker.js').LocalBroker} */
let broker;
/** @type {import('playwright-core').BrowserContext} */
let browser;

/** A project in which the packed npm package is installed, and `ws`, which Node 20 needs. @type {string} */
let project;

before(async () => {
  ({ broker, browser } = await brokerAndBrowser(cleanup));
  project = makeConsumer(cleanup, (await packMain(cleanup)).file);
  lendPackages(project, ['ws']);
});
after(() => cleanup.run());

for (const block of blocksRunAs('node')) {
  test(`${block.page}:${block.line} runs in Node`, async () => {
    const isPart = block.run.startsWith('node with client');
    const code = isPart ? `${IN_NODE}\n${block.code}\nclient.disconnect();\n` : block.code;
    writeFiles(project, { 'program.js': placed(code, { ws: broker.ws }) });
    const program = new Program(process.execPath, ['program.js'], { cwd: project });

    await until('the program to end', () => !program.isRunning, { seen: () => program.output });

    assert.equal(await program.ended, 0, program.output);
    assert.ok(program.output.includes(printedBy(block)), program.output);
  });
}

for (const block of blocksRunAs('page')) {
  test(`${block.page}:${block.line} runs in a page`, async () => {
    const isPart = block.run.startsWith('page with client');
    const html = isPart ? `<script type="module">${IN_PAGE}\n${block.code}</script>` : block.code;
    const page = await browser.newPage();
    /** @type {string[]} */
    const printed = [];
    /** @type {unknown[]} */
    const errors = [];
    page.on('console', (message) => printed.push(message.text()));
    page.on('pageerror', (error) => errors.push(error));
    /** @type {import('node:http').RequestListener} */
    const answer = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(
        `<!doctype html><meta charset="utf-8">${placed(html, { ws: broker.ws, pages: origin })}`,
      );
    };
    const { origin, close } = await serve({
      '/split/': { folder: `${DIST}split` },
      '/': { answer },
    });

    await page.goto(`${origin}/`, { waitUntil: 'load' });
    await page.evaluate(() =>
      dispatchEvent(new DeviceMotionEvent('devicemotion', { acceleration: { x: 1, y: 2 } })),
    );

    await until(`"${printedBy(block)}"`, () => printed.join('\n').includes(printedBy(block)), {
      seen: () => [printed, errors],
    });
    assert.deepEqual(errors, []);
    await page.close();
    await close();
  });
}
