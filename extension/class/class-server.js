// @ts-check
// The broker name `class`: a project saves the word, and each browser finds out where it leads.
import { showClassDialog } from './dialog.js';

/** @typedef {import('../client/types.js').BrokerAddress} BrokerAddress */
/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {import('../texts/texts.js').Values} Values */
/** @typedef {(text: string) => BrokerAddress} Parse */

/** What an address means, or that nobody knows where a name leads.
 * @typedef {BrokerAddress['error'] | 'class' | 'practice' | 'practice-file'} AddressError
 * @typedef {Omit<BrokerAddress, 'error'> & { error: AddressError }} NamedAddress */

/** What a project says instead of an address. */
export const CLASS = 'class';

/** The file beside `mqtt.js` on a class server; no other server has it. */
const MARKER = 'class.json';

/** The name under which a browser keeps what somebody typed. */
const KEY = 'scratchmqtt.class';

/** Whether the class server is meant. @param {string} typed */
export const isClass = (typed) => typed.trim().toLowerCase() === CLASS;

/**
 * Where the class server is: the page says so that it serves, or it is where this script came from, or
 * somebody typed it here once. Nothing is guessed: on a page of somebody else's nobody is asked for it but
 * the server of the script.
 */
export class ClassServer {
  /**
   * @param {any} page the global object
   * @param {object} known
   * @param {string | null} known.announced the address that the page says
   * @param {string | null} known.script where this script came from
   */
  constructor(page, { announced, script }) {
    /** Where to connect; `null`: not known yet. @type {string | null} */
    this.url = announced;
    /** @private */
    this.page = page;
    /** @private */
    this.script = script;
    /** Whether what somebody typed led to nobody. @private */
    this.isDoubted = false;
    /** Whether somebody was asked in this run of the project. @private */
    this.wasAsked = false;
    /** The question that is on the screen. @private @type {Promise<string | null> | null} */
    this.asking = null;
    /** Whether the server of the script was asked. @private */
    this.wasLookedFor = false;
    /** Takes the question from the screen. @private @type {AbortController | null} */
    this.project = null;
  }

  /** Whether nobody need be asked where it is. */
  get isSettled() {
    return this.url !== null && (!this.isDoubted || this.wasAsked);
  }

  /**
   * Finds out where it is.
   *
   * @param {object} options
   * @param {Document} [options.document] of a page that can show a dialog
   * @param {Parse} options.parse
   * @param {(key: TextKey, values?: Values) => string} options.text
   * @param {() => void} options.onAsk somebody is asked
   * @returns {Promise<string | null>} never rejects
   */
  async find({ document, parse, text, onAsk }) {
    if (!this.wasLookedFor) {
      this.wasLookedFor = true;
      this.url ??= await this.beside();
    }
    this.url ??= this.remembered();
    if (this.isSettled || !document || (this.wasAsked && !this.asking)) return this.url;
    this.wasAsked = true;
    onAsk();
    this.project ??= new AbortController();
    const { signal } = this.project;
    const before = this.url ?? '';
    this.asking ??= showClassDialog({ document, before, parse, text, signal });
    const typed = await this.asking;
    this.asking = null;
    if (typed !== null) {
      this.url = typed;
      this.isDoubted = false;
      this.remember(typed);
    }
    return this.url;
  }

  /** Nobody was there: if a person said that it is there, the next run of the project asks again. */
  doubt() {
    this.isDoubted = this.url !== null && this.url === this.remembered();
  }

  /** The green flag: a question may be asked anew. */
  startAgain() {
    this.wasAsked = false;
  }

  /** Another project: a question of the last one is over. */
  forget() {
    this.startAgain();
    this.project?.abort();
    this.project = null;
  }

  /** What the server of this script says, if it is a class server. @private @returns {Promise<string | null>} */
  async beside() {
    const { page, script } = this;
    if (!script || !page.fetch) return null;
    try {
      const marker = new URL(MARKER, script);
      const answer = await page.fetch(marker.href, { credentials: 'omit' });
      const { mqtt } = await answer.json();
      return typeof mqtt === 'string' ? new URL(mqtt, marker).href.replace(/^http/, 'ws') : null;
    } catch {
      return null;
    }
  }

  /** @private @returns {string | null} */
  remembered() {
    try {
      return this.page.localStorage?.getItem(KEY) || null;
    } catch {
      return null;
    }
  }

  /** @private @param {string} url */
  remember(url) {
    try {
      this.page.localStorage?.setItem(KEY, url);
    } catch {
      // It is full or forbidden: the next page asks again.
    }
  }
}

/**
 * Where a script came from, as the stack of an error says it that is made while the script starts; a
 * worker and a module know it in no other way that a classic script has too.
 *
 * @param {string} [stack]
 * @returns {string | null} `null` for a file, a packaged project, and what was evaluated
 */
export function scriptOf(stack = '') {
  const [frame = ''] = /^.*:\d+:\d+\)?$/m.exec(stack) ?? [];
  return /(?:^|[\s(@])(https?:\/\/[^\s()]+?):\d+:\d+\)?$/.exec(frame)?.[1] ?? null;
}
