// @ts-check
import { OWNER } from '../client/subscriptions.js';
import { hasTooManyBytes } from './bounds.js';
import { NEWEST_ONLY, ONE_BY_ONE } from './modes.js';
import { Pulses } from './pulses.js';

/** @typedef {import('../client/connection.js').Change} Change */
/** @typedef {import('./messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {import('./types.js').Delivery} Delivery */
/** @typedef {import('../client/subscriptions.js').Subscriptions} Subscriptions */

/** How many messages wait, in all: at six in a second more would only come later still. */
export const QUEUE_LIMIT = 100;

/** How many changes of the connection wait. */
const CHANGE_LIMIT = 16;

/** A hat that was not asked for this long is gone, in milliseconds. */
const GONE_MS = 2000;

/**
 * Delivery in a sandbox, where only the editor's questions to the hats are seen: each message makes
 * the hats of its topic true for a while, and then false, so that the editor notices the next. About
 * six messages in a second; the reporters show one message for all scripts.
 *
 * @implements {Delivery}
 */
export class SandboxedDelivery {
  /**
   * @param {object} parts
   * @param {Subscriptions} parts.subscriptions
   * @param {import('../status/status.js').Dropped} parts.dropped where dropped messages are counted
   * @param {() => number} [parts.now] milliseconds
   */
  constructor({ subscriptions, dropped, now = () => Date.now() }) {
    this.subscriptions = subscriptions;
    this.dropped = dropped;
    this.now = now;
    this.mode = ONE_BY_ONE;
    /** When each topic was last asked for. @private @type {Map<string, number>} */
    this.asked = new Map();
    /** @private @type {Pulses<{ message: ReceivedMessage, filters: Set<string> }>} */
    this.messages = new Pulses(now);
    /** @private @type {Pulses<Change>} */
    this.changes = new Pulses(now);
    /** The message that the hats were last true for. @private @type {ReceivedMessage | null} */
    this.current = null;
  }

  /** @param {ReceivedMessage} message @param {Set<string>} filters */
  receive(message, filters) {
    const isAwaited = [...this.asked.keys()].some((topic) =>
      filters.has(this.subscriptions.full(topic)),
    );
    if (!isAwaited) return;
    this.messages.queue.push({ message, filters });
    this.trim();
  }

  /** Every hat that the editor asks is known by that. */
  addHat() {}

  /** @param {Change} change */
  changed(change) {
    this.changes.queue.push(change);
    if (this.changes.queue.length > CHANGE_LIMIT) this.changes.queue.shift();
  }

  /** The editor asks in each frame, and runs the script when the answer becomes true. @param {string} topic */
  isHatTrue(topic) {
    this.wasAsked(topic);
    const pulse = this.messages.turn();
    if (pulse) this.current = pulse.message;
    return pulse !== null && pulse.filters.has(this.subscriptions.full(topic));
  }

  /** @param {string | undefined} state */
  isChangeTrue(state) {
    const change = this.changes.turn();
    return change !== null && change === state;
  }

  /** @param {ReceivedMessage} message */
  give(message) {
    this.current = message;
  }

  messageFor() {
    return this.current;
  }

  /** @param {string} mode here all at once is the same as one by one */
  setMode(mode) {
    this.mode = mode;
    this.trim();
  }

  clear() {
    this.messages.clear();
    this.changes.clear();
  }

  refresh() {
    this.subscriptions.set(OWNER.hat, new Set(this.asked.keys()));
  }

  /** @private */
  trim() {
    const { queue } = this.messages;
    const isNewestOnly = this.mode === NEWEST_ONLY;
    const most = isNewestOnly ? 1 : QUEUE_LIMIT;
    while (queue.length > most || hasTooManyBytes(queue.map(({ message }) => message))) {
      const oldest = queue.shift();
      if (oldest) this.dropped.add(oldest.message.shownTopic, !isNewestOnly);
    }
  }

  /** @private @param {string} topic */
  wasAsked(topic) {
    const now = this.now();
    const isNew = !this.asked.has(topic);
    this.asked.set(topic, now);
    if (!isNew) return;
    for (const [other, at] of this.asked) if (now - at > GONE_MS) this.asked.delete(other);
    this.refresh();
  }
}
