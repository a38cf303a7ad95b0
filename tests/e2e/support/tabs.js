// @ts-check
/**
 * Chromium with real tabs, spoken to over its DevTools protocol without Playwright, which keeps every page visible and its
 * timers fast: here only the tab in front is visible, and the others are throttled as a user's are.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { EXECUTABLE, FLAGS } from './browser.js';
import { Program } from './programs.js';
import { until } from './wait.js';

/** One Chromium; the newest tab is in front. */
export class Tabs {
  #program;
  #devtools;
  #lastId = 0;
  /** @type {Map<number, (answer: any) => void>} */
  #waiting = new Map();

  /** @param {Program} program @param {WebSocket} devtools */
  constructor(program, devtools) {
    this.#program = program;
    this.#devtools = devtools;
    devtools.on('message', (text) => {
      const answer = JSON.parse(String(text));
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** @param {string} folder of its own @param {string[]} [flags] @returns {Promise<Tabs>} */
  static async open(folder, flags = []) {
    const home = join(folder, 'home');
    mkdirSync(home, { recursive: true });
    const profile = `--user-data-dir=${join(folder, 'profile')}`;
    const program = new Program(
      EXECUTABLE,
      [...FLAGS, '--headless=new', '--remote-debugging-port=0', profile, ...flags, 'about:blank'],
      { env: { ...process.env, HOME: home } },
    );
    const address = () => /^DevTools listening on (ws:\S+)$/m.exec(program.output)?.[1];
    try {
      const devtools = new WebSocket(
        await until('Chromium', address, { withinMs: 60_000, seen: () => program.output }),
      );
      await once(devtools, 'open');
      return new Tabs(program, devtools);
    } catch (error) {
      await program.end();
      throw error;
    }
  }

  /** @param {string} url @returns {Promise<Tab>} in front of all others */
  async newTab(url) {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    await this.send('Target.activateTarget', { targetId });
    const tab = new Tab(this, targetId, sessionId);
    await until(`${url} to load`, async () => {
      const [place, state] = await tab.run('[location.href, document.readyState]');
      return place.startsWith(url) && state === 'complete';
    });
    return tab;
  }

  /** @param {string} method @param {object} [params] @param {string} [sessionId] @returns {Promise<any>} */
  async send(method, params = {}, sessionId = undefined) {
    this.#lastId += 1;
    const id = this.#lastId;
    /** @type {Promise<any>} */
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.#devtools.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async close() {
    this.#devtools.terminate();
    await this.#program.end();
  }
}

/** One tab. */
export class Tab {
  #tabs;
  #target;
  #session;

  /** @param {Tabs} tabs @param {string} target @param {string} session */
  constructor(tabs, target, session) {
    this.#tabs = tabs;
    this.#target = target;
    this.#session = session;
  }

  /** What an expression gives, awaited. @param {string} expression @returns {Promise<any>} */
  async run(expression) {
    const { result, exceptionDetails } = await this.#tabs.send(
      'Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true },
      this.#session,
    );
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Puts it in front of the others. */
  async show() {
    await this.#tabs.send('Target.activateTarget', { targetId: this.#target });
  }
}
