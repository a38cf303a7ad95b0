// @ts-check
// The broker name `practice`: a broker in a worker of this browser, which all tabs of one origin share.
import { PracticeSocket } from './socket.js';
import { CHANNEL, channelOf, newId } from './words.js';

/** @typedef {import('./socket.js').Pipe} Pipe */

/** What a project says instead of an address. */
export const PRACTICE = 'practice';

/** The address that the client gets; no network ever hears of it, and no computer can have this name. */
export const PRACTICE_URL = 'ws://practice.invalid/mqtt';

/** The file beside `mqtt.js` with the broker. */
const FILE = 'practice.js';

/** Whether the practice broker is meant. @param {string} typed */
export const isPractice = (typed) => typed.trim().toLowerCase() === PRACTICE;

/**
 * Each tab that says `practice` has a worker with a broker. The one that holds the lock is the broker of all;
 * when its tab is closed, the browser gives the lock to the worker of another one.
 */
export class PracticeBroker {
  /**
   * @param {any} page the global object
   * @param {string | null} script where this script came from
   */
  constructor(page, script) {
    /** Whether other tabs have the same one; without locks, as on plain http, nobody knows whose turn it is. */
    this.isShared = true;
    /** Why there is none. @type {'practice' | 'practice-file'} */
    this.problem = 'practice';
    /** @private */
    this.page = page;
    /** @private */
    this.script = script;
    /** @private @type {Worker | null} */
    this.worker = null;
    /** @private @type {BroadcastChannel | null} */
    this.channel = null;
    /** Those that were opened and have not ended. @private @type {Map<string, PracticeSocket>} */
    this.sockets = new Map();
    /** @private @type {Promise<boolean> | null} */
    this.starting = null;
  }

  get isStarted() {
    return this.worker !== null;
  }

  /** Loads the broker, unless that was done. @returns {Promise<boolean>} whether it is there; never rejects */
  start() {
    this.starting ??= this.load().catch(() => false);
    return this.starting.then((isThere) => {
      // The next connect block tries again.
      if (!isThere) this.starting = null;
      return isThere;
    });
  }

  /**
   * @param {string} url
   * @param {string} protocol
   */
  openSocket(url, protocol) {
    const id = newId();
    const letGo = { call: () => {} };
    const onEnd = () => {
      this.sockets.delete(id);
      letGo.call();
    };
    const direct = this.isShared ? null : new MessageChannel();
    const pipe = direct?.port1 ?? new BroadcastChannel(channelOf(id));
    const socket = new PracticeSocket({ url, protocol, pipe, onEnd });
    this.sockets.set(id, socket);
    if (direct) {
      this.worker?.postMessage({ open: id }, [direct.port2]);
    } else {
      // For as long as this tab lives: the broker asks for it too, and gets it when the tab is gone.
      const hold = () => {
        if (!this.sockets.has(id)) return undefined;
        this.channel?.postMessage({ open: id });
        return new Promise((resolve) => {
          letGo.call = () => resolve(undefined);
        });
      };
      this.page.navigator.locks.request(channelOf(id), hold).catch(() => socket.lose());
    }
    return socket;
  }

  /** @private @returns {Promise<boolean>} */
  async load() {
    const { page, script } = this;
    this.problem = 'practice';
    if (!script || !page.Worker || !page.BroadcastChannel) return false;
    // Through a Blob, because the script may come from another origin than the page.
    const source = `importScripts(${JSON.stringify(new URL(FILE, script).href)})`;
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    /** @type {Worker} */
    const worker = new page.Worker(address);
    this.problem = 'practice-file';
    const isLoaded = await answerOf(worker);
    URL.revokeObjectURL(address);
    if (!isLoaded) {
      worker.terminate();
      return false;
    }
    this.isShared = await canLock(page);
    if (this.isShared) {
      this.channel = new BroadcastChannel(CHANNEL);
      this.channel.onmessage = ({ data }) => this.heard(data);
    }
    worker.postMessage({ isShared: this.isShared });
    this.worker = worker;
    return true;
  }

  /** Every script of this origin can write to the channel. @private @param {unknown} said */
  heard(said) {
    const { began } = /** @type {{ began?: unknown }} */ (said ?? {});
    if (typeof began !== 'string') return;
    for (const [id, socket] of this.sockets) {
      socket.began(began);
      if (this.sockets.has(id)) this.channel?.postMessage({ open: id });
    }
  }
}

/** Whether a worker says that its script is there. @param {Worker} worker @returns {Promise<boolean>} */
function answerOf(worker) {
  return new Promise((resolve) => {
    worker.onmessage = () => resolve(true);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(false);
    };
  });
}

/** A sandbox has locks and may not use them. @param {any} page @returns {Promise<boolean>} */
async function canLock({ navigator }) {
  try {
    return await navigator.locks.request(channelOf(newId()), () => true);
  } catch {
    return false;
  }
}
