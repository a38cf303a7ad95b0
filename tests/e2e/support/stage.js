// @ts-check
/** One Scratch editor on the bench, and what every scenario does with it. */
import assert from 'node:assert/strict';
import { connect, forever, isConnected, login, set, status, whenFlag } from './blocks.js';
import { PASSWORD, USER } from './mosquitto.js';
import { makeProject } from './project.js';
import { until } from './wait.js';

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./editors/editor.js').Editor} Editor */

/**
 * @typedef {object} HostKind
 * @property {string} name
 * @property {(bench: Bench) => Promise<Editor>} open
 * @property {(bench: Bench) => string} [extensionUrl] what projects name; default: the site of `npm start`
 */

/** An editor that scenarios share; it is opened before the first and closed after the last. */
export class Stage {
  /** @type {Bench | undefined} */
  #bench;
  /** @type {Editor | undefined} */
  #editor;
  #kind;

  /** @param {HostKind} kind */
  constructor(kind) {
    this.#kind = kind;
  }

  get bench() {
    assert(this.#bench, 'the stage is open');
    return this.#bench;
  }

  get editor() {
    assert(this.#editor, 'the stage is open');
    return this.#editor;
  }

  get broker() {
    return this.bench.broker;
  }

  get native() {
    return this.bench.native;
  }

  /** @param {Bench} bench */
  async open(bench) {
    this.#bench = bench;
    this.#editor = await this.#kind.open(bench);
  }

  /** Takes a new page, as a pupil does who comes back the next day. */
  async reopen() {
    await this.close();
    this.#editor = await this.#kind.open(this.bench);
  }

  /** Ends the page; a block never throws and never rejects, so no error may have reached it. */
  async close() {
    const editor = this.#editor;
    this.#editor = undefined;
    await editor?.close();
    assert.deepEqual(editor?.errors ?? [], []);
  }

  /**
   * Loads a project and presses the green flag.
   *
   * @param {Record<string, import('./project.js').Sprite>} sprites
   * @param {string[]} [broadcasts]
   */
  async play(sprites, broadcasts) {
    const extensionUrl = this.#kind.extensionUrl?.(this.bench) ?? this.bench.extensionUrl;
    await this.editor.loadProject(makeProject({ extensionUrl, sprites, broadcasts }));
    await this.editor.greenFlag();
  }

  /**
   * Waits until the broker has taken a subscription.
   *
   * @param {string} filter
   * @param {number} [times] how often it has been taken in all, by every client
   */
  async untilSubscribed(filter, times = 1) {
    await until(
      `${times} subscriptions to ${filter}`,
      () => this.broker.subscriptions(filter) >= times,
    );
  }
}

/** @typedef {import('./programs.js').Program} Program */

/** Logs in and connects to the test's broker. @param {{ wss: string }} broker */
export const connectTo = (broker) => [login(USER, PASSWORD), connect(broker.wss)];

/**
 * A sprite that shows all the time what "connection status" and "connected?" report.
 *
 * @returns {import('./project.js').Sprite}
 */
export const watcher = () => ({
  variables: { status: '', connected: '' },
  scripts: [[whenFlag(), forever(set('status', status()), set('connected', isConnected()))]],
});
