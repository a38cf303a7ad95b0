// @ts-check
/** The parts that a run shares: brokers, the page's server and Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../../scripts/run.mjs';
import { Cleanup } from '../../tests/e2e/support/cleanup.js';
import { serve } from '../../tests/e2e/support/serve.js';
import { Chromium } from './chromium.js';
import { startPeer } from './peer.js';
import { startFastMosquitto } from './mosquitto.js';
import { mqtt5WasmDir } from './mqtt5-wasm.js';

/** @typedef {import('./works.js').Task} Task */
/** @typedef {import('./works.js').Report} Report */
/** @typedef {import('./works.js').Work} Work */

const bench = join(root, 'bench');

/** Only a page that shares nothing with others gets a clock finer than 0.1 ms. */
const ISOLATED = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Benchmark</title>' +
  '<link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';

/** How often to look whether Chromium still runs, in milliseconds. */
const LOOK_MS = 500;

export class Bench {
  /** @private @type {Chromium | undefined} */
  chromium;
  /** @private @type {{ task: Task, done: (report: Report) => void, failed: (problem: Error) => void } | undefined} */
  current;
  /** @private */
  browsers = 0;
  /** @private @type {string[]} where the page is wanted next, when it asks */
  places = [];
  /** @private @type {((place: string) => void) | undefined} */
  askedForPlace;

  /** @private */
  constructor(
    /** @type {Cleanup} */ cleanup,
    /** @type {string} */ folder,
    /** @type {import('../../tests/e2e/support/mosquitto.js').Mosquitto} */ mosquitto,
    /** @type {Awaited<ReturnType<typeof startPeer>>} */ peer,
  ) {
    this.cleanup = cleanup;
    this.folder = folder;
    this.mosquitto = mosquitto;
    this.peer = peer;
    this.port = 0;
  }

  /** Starts everything but the browser. */
  static async open() {
    const cleanup = new Cleanup();
    try {
      const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-bench-')), (path) =>
        rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
      );
      const mosquitto = cleanup.add(await startFastMosquitto(join(folder, 'broker')), (it) =>
        it.stop(),
      );
      const peer = cleanup.add(await startPeer(`127.0.0.1:${mosquitto.ports.tcp}`), (it) =>
        it.end(),
      );
      const made = new Bench(cleanup, folder, mosquitto, peer);
      const served = cleanup.add(await serve(made.pages()), (it) => it.close());
      made.port = Number(new URL(served.origin).port);
      cleanup.add(made, (it) => it.chromium?.end());
      return made;
    } catch (failure) {
      await cleanup.run();
      throw failure;
    }
  }

  /**
   * Lets the page do a work, and gives what it reported.
   *
   * @param {Work} work
   * @param {import('./extent.js').Extent} extent
   * @returns {Promise<Report>}
   */
  async run(work, extent) {
    if (!work.isFresh) return this.inOnePage(work, work.id, extent);
    /** @type {Report} */
    const all = { trials: [], problems: {} };
    for (let repetition = 0; repetition < (work.repetitions ?? extent.repetitions); repetition++) {
      for (const [index] of work.clients.entries()) {
        const client = work.clients[(index + repetition) % work.clients.length] ?? '';
        const site = `${work.id}-${client}-${repetition}`;
        const { trials, problems } = await this.inOnePage(
          { ...work, clients: [client] },
          site,
          extent,
        );
        all.trials.push(...trials);
        for (const problem of Object.values(problems)) all.problems[client] = problem;
      }
    }
    return all;
  }

  /**
   * @private
   * @param {Work} work
   * @param {string} site another host name is another site, and so another process of the browser
   * @param {import('./extent.js').Extent} extent
   * @returns {Promise<Report>}
   */
  inOnePage(work, site, extent) {
    const url = work.place === 'null' ? this.peer.nullBroker : this.mosquitto.ws;
    const task = { ...work, ...extent, url, control: this.peer.control };
    /** @type {Promise<Report>} */
    const reported = new Promise((done, failed) => (this.current = { task, done, failed }));
    const place = `http://${site}.localhost:${this.port}/start`;
    if (this.chromium === undefined) {
      this.chromium = new Chromium(join(this.folder, `browser-${this.browsers}`), place);
    } else if (this.askedForPlace === undefined) this.places.push(place);
    else this.askedForPlace(place);
    const watch = setInterval(() => {
      if (this.chromium?.isRunning) return;
      this.current?.failed(new Error(`Chromium ended: ${this.chromium?.output}`));
    }, LOOK_MS);
    return reported.finally(() => clearInterval(watch));
  }

  /** Ends the browser, so that another has the machine for itself; the next work starts a new one. */
  async endBrowser() {
    await this.chromium?.end();
    this.chromium = undefined;
    this.askedForPlace = undefined;
    this.browsers += 1;
  }

  close() {
    return this.cleanup.run();
  }

  /** @private @returns {import('../../tests/e2e/support/serve.js').Places} */
  pages() {
    return {
      '/start': { answer: (_, response) => response.writeHead(200, ISOLATED).end(PAGE) },
      '/': { folder: join(bench, 'page') },
      '/peers/': { folder: join(bench, 'node_modules') },
      '/mqtt5-wasm/': { folder: mqtt5WasmDir },
      '/split/': { folder: join(root, 'dist', 'split') },
      '/task': { answer: (_, response) => json(response, this.current?.task) },
      '/processor': { answer: (_, response) => json(response, this.chromium?.processorTime()) },
      '/memory': { answer: (_, response) => json(response, this.chromium?.memoryBytes()) },
      '/report': { answer: (request, response) => void this.reported(request, response) },
      '/next': { answer: (_, response) => this.next(response) },
    };
  }

  /** @private */
  async reported(
    /** @type {import('node:http').IncomingMessage} */ request,
    /** @type {import('node:http').ServerResponse} */ response,
  ) {
    const report = await text(request);
    response.end();
    this.current?.done(JSON.parse(report));
  }

  /** @private */
  next(/** @type {import('node:http').ServerResponse} */ response) {
    const waiting = this.places.shift();
    this.askedForPlace = undefined;
    if (waiting !== undefined) return json(response, waiting);
    this.askedForPlace = (place) => {
      this.askedForPlace = undefined;
      json(response, place);
    };
  }
}

/** @param {import('node:http').ServerResponse} response @param {unknown} value */
function json(response, value) {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
