// @ts-check
import { later, withLimit } from './wait.js';

/** @typedef {import('./types.js').Core} Core */
/** @typedef {import('./types.js').MqttClient} MqttClient */
/** @typedef {import('./types.js').Statistics} Statistics */

/**
 * @typedef {object} WaitingCall
 * @property {() => void} call
 * @property {() => void} [giveUp] called instead when it will never be
 * @property {boolean} [isPublication] an earlier run of the project's is for nothing in the next one
 */

/**
 * @typedef {object} Owner
 * @property {(mqtt: MqttClient) => void} onClient there is a client, which has done nothing yet
 * @property {(problem: 'start.failed' | 'start.tooMany') => void} onProblem
 */

/** How many calls of blocks wait for the wasm module; those beyond are not done, and the status says so. */
export const MOST_WAITING_CALLS = 1000;

/** How long a client that is closing may send its last messages, in milliseconds. */
const CLOSING_MS = 3000;

/** @type {Readonly<Statistics>} */
const NOTHING_YET = Object.freeze({
  sent: 0,
  received: 0,
  waiting: 0,
  dropped: 0,
  notSent: 0,
  reconnects: 0,
});

/** A client while the wasm module has not started: closed, and nothing comes of what it is asked. */
class ClosedClient {
  onmessage = null;
  onevent = null;
  state = /** @type {const} */ ('closed');
  statistics = NOTHING_YET;
  connect() {}
  disconnect() {}
  publish() {
    return 0;
  }
  subscribe() {
    return 0;
  }
  unsubscribe() {}
  setPublishRate() {}
  discardUnsent() {
    return 0;
  }
  free() {}
}

/** What stands for the wasm module until it has started. @type {Core} */
const NOT_STARTED = {
  MqttClient: ClosedClient,
  parseAddress: (text) => ({ error: null, urls: [], host: '', hosts: [''], port: 0, shown: text }),
  topicProblem: () => null,
  filterProblem: () => null,
  matches: () => false,
};

/**
 * The one client of a page. The wasm module is loaded when a block first needs it; what is asked until
 * then is done in order when it has started.
 */
export class Client {
  /**
   * @param {() => Promise<Core>} load starts the wasm module
   * @param {Owner} owner
   */
  constructor(load, owner) {
    this.load = load;
    this.owner = owner;
    this.core = NOT_STARTED;
    /** @type {MqttClient} */
    this.mqtt = new ClosedClient();
    /** @private @type {WaitingCall[]} */
    this.waiting = [];
    /** @private */
    this.isLoading = false;
  }

  get isStarted() {
    return this.core !== NOT_STARTED;
  }

  /** @returns {Statistics} */
  get statistics() {
    return { ...NOTHING_YET, ...this.mqtt.statistics };
  }

  /**
   * Calls a function that needs the wasm module: now, or in order when it has started.
   *
   * @param {WaitingCall['call']} call
   * @param {Omit<WaitingCall, 'call'>} [more]
   */
  run(call, more = {}) {
    if (this.isStarted) {
      call();
    } else if (this.waiting.length >= MOST_WAITING_CALLS) {
      this.owner.onProblem('start.tooMany');
      more.giveUp?.();
    } else {
      this.waiting.push({ call, ...more });
      this.start();
    }
  }

  /**
   * As `run`, for a script that waits until what was called has ended.
   *
   * @param {() => Promise<void> | undefined} call
   * @param {number} limitMs the longest wait
   * @returns {Promise<void> | undefined} never rejects
   */
  waitFor(call, limitMs) {
    if (this.isStarted) return call();
    const ended = new Promise((resolve) => {
      this.run(() => resolve(call()), { giveUp: () => resolve(undefined) });
    });
    return withLimit(ended, limitMs);
  }

  /**
   * What an earlier run of the project published, and no connection took, is not sent in this one.
   *
   * @returns {number} of messages
   */
  discardUnsent() {
    const kept = this.waiting.filter(({ isPublication }) => !isPublication);
    const discarded = this.waiting.length - kept.length;
    this.waiting = kept;
    return discarded + this.mqtt.discardUnsent();
  }

  /** Another project: nothing of what waits, and a client that knows nothing. */
  renew() {
    this.giveUp();
    if (!this.isStarted) return;
    const old = this.mqtt;
    old.onevent = null;
    old.onmessage = null;
    later(CLOSING_MS, () => old.free());
    this.make();
  }

  /** @private */
  start() {
    if (this.isLoading) return;
    this.isLoading = true;
    this.load().then(
      (core) => {
        this.core = core;
        this.make();
        for (const { call } of this.waiting.splice(0)) call();
      },
      () => {
        this.isLoading = false;
        this.owner.onProblem('start.failed');
        this.giveUp();
      },
    );
  }

  /** @private */
  make() {
    this.mqtt = new this.core.MqttClient();
    this.owner.onClient(this.mqtt);
  }

  /** @private */
  giveUp() {
    for (const { giveUp } of this.waiting.splice(0)) giveUp?.();
  }
}
