// @ts-check
import { OWNER } from '../subscriptions.js';

/** @typedef {import('../messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {import('../subscriptions.js').Subscriptions} Subscriptions */

/**
 * How long the hats are true, and then false, for each message, in milliseconds: each must last
 * longer than the frames between two questions of the host.
 */
export const PULSE_MS = 80;

/** How many messages wait, in all: at six in a second more would only come later still. */
export const QUEUE_LIMIT = 100;

/** A hat that was not asked for this long is gone, in milliseconds. */
const GONE_MS = 2000;

/**
 * Delivery in a sandbox, where only the host's questions to the hats are seen: each message makes
 * the hats of its topic true for a while, and then false, so that the host notices the next. About
 * six messages in a second; the reporters show one message for all scripts.
 */
export class SandboxedDelivery {
  /**
   * @param {object} parts
   * @param {Subscriptions} parts.subscriptions
   * @param {{ count: number, topic: string }} parts.skipped where skipped messages are counted
   * @param {() => number} [parts.now] milliseconds
   */
  constructor({ subscriptions, skipped, now = () => Date.now() }) {
    this.subscriptions = subscriptions;
    this.skipped = skipped;
    this.now = now;
    /** When each topic was last asked for. @private @type {Map<string, number>} */
    this.asked = new Map();
    /** @private @type {{ message: ReceivedMessage, filters: Set<string> }[]} */
    this.queue = [];
    /** What the hats are true for now. @private @type {Set<string>} */
    this.trueFor = new Set();
    /** The message that the hats were last true for. @private @type {ReceivedMessage | null} */
    this.current = null;
    /** @private */
    this.phaseEnds = 0;
  }

  /**
   * @param {ReceivedMessage} message
   * @param {Set<string>} filters those that match its topic
   */
  receive(message, filters) {
    const isAwaited = [...this.asked.keys()].some((topic) =>
      filters.has(this.subscriptions.full(topic)),
    );
    if (!isAwaited) return;
    this.queue.push({ message, filters });
    if (this.queue.length <= QUEUE_LIMIT) return;
    const oldest = /** @type {{ message: ReceivedMessage }} */ (this.queue.shift());
    this.skipped.count += 1;
    this.skipped.topic = oldest.message.shownTopic;
  }

  /**
   * The hat: the host asks in each frame, and runs the script when the answer becomes true.
   *
   * @param {string} filter as the broker knows it
   * @param {unknown} _util a sandbox gives none
   * @param {string} topic as the project writes it
   * @returns {boolean}
   */
  isHatTrue(filter, _util, topic) {
    this.wasAsked(topic);
    this.turn();
    return this.trueFor.has(filter);
  }

  messageFor() {
    return this.current;
  }

  clear() {
    this.queue.length = 0;
    this.trueFor = new Set();
  }

  /** Subscribes to the topics of the hats that are known. */
  refresh() {
    this.subscriptions.set(OWNER.hat, new Set(this.asked.keys()));
  }

  /** @private */
  turn() {
    const now = this.now();
    if (now < this.phaseEnds) return;
    if (this.trueFor.size) {
      this.trueFor = new Set();
      this.phaseEnds = now + PULSE_MS;
      return;
    }
    const next = this.queue.shift();
    if (!next) return;
    this.current = next.message;
    this.trueFor = next.filters;
    this.phaseEnds = now + PULSE_MS;
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
