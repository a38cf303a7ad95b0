// @ts-check
import { NEWEST_ONLY, ONE_BY_ONE } from './modes.js';

/** @typedef {import('./messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {(topic: string) => string} Full the name of a topic on the broker */

/** How many messages wait on one topic; then the oldest is dropped. */
export const INBOX_LIMIT = 1000;

/** How many wait on a topic of which no block has asked for the next message yet. */
export const UNREAD_LIMIT = 100;

/** How many bytes wait on one topic; one message always may. */
export const INBOX_BYTES = 1 << 20;

/**
 * Messages that wait until a block asks for the next one of their topic: the way of delivery that
 * needs no hat. Each is given once by topic, to the script that asks first; topics that are written
 * differently, such as `a/+` and `a/b`, each have their own messages.
 */
export class Inbox {
  /** @param {import('../status/status.js').Dropped} dropped where dropped messages are counted */
  constructor(dropped) {
    this.dropped = dropped;
    this.mode = ONE_BY_ONE;
    /** By the topic as the project writes it. @private @type {Map<string, Waiting>} */
    this.queues = new Map();
  }

  /** From now on messages wait. @param {string} topic @param {Full} full */
  open(topic, full) {
    if (!this.queues.has(topic)) this.queues.set(topic, new Waiting(full(topic)));
  }

  /** @param {string} topic */
  close(topic) {
    this.queues.delete(topic);
  }

  /** @param {ReceivedMessage} message @param {Set<string>} filters those that match its topic */
  receive(message, filters) {
    for (const queue of this.queues.values()) {
      if (!filters.has(queue.filter)) continue;
      queue.add(message);
      this.trim(queue);
    }
  }

  /** Whether a message waits. @param {string} topic @returns {boolean} */
  hasNext(topic) {
    return (this.read(topic)?.messages.length ?? 0) > 0;
  }

  /** Takes the message that has waited longest. @param {string} topic @returns {ReceivedMessage | undefined} */
  next(topic) {
    return this.read(topic)?.shift();
  }

  /** @param {string} mode all at once is here the same as one by one */
  setMode(mode) {
    this.mode = mode;
    for (const queue of this.queues.values()) this.trim(queue);
  }

  /** Topics have other names: what came under the old ones is dropped. @param {Full} full */
  rename(full) {
    for (const [topic, queue] of this.queues) {
      if (queue.filter !== full(topic)) this.queues.set(topic, new Waiting(full(topic)));
    }
  }

  /** Skips what waits. */
  clear() {
    for (const queue of this.queues.values()) while (queue.shift());
  }

  /** Forgets every topic. */
  reset() {
    this.queues.clear();
  }

  /** @private @param {string} topic */
  read(topic) {
    const queue = this.queues.get(topic);
    if (queue) queue.isRead = true;
    return queue;
  }

  /** @private @param {Waiting} queue */
  trim(queue) {
    const isNewestOnly = this.mode === NEWEST_ONLY;
    const most = isNewestOnly ? 1 : queue.isRead ? INBOX_LIMIT : UNREAD_LIMIT;
    while (queue.isOver(most)) {
      const message = queue.shift();
      if (message) this.dropped.add(message.shownTopic, queue.isRead && !isNewestOnly);
    }
  }
}

/** The messages of one topic, the oldest first. */
class Waiting {
  /** @param {string} filter the topic as the broker knows it */
  constructor(filter) {
    this.filter = filter;
    /** @type {ReceivedMessage[]} */
    this.messages = [];
    /** Whether a block has asked for them. */
    this.isRead = false;
    /** @private */
    this.bytes = 0;
  }

  /** @param {ReceivedMessage} message */
  add(message) {
    this.messages.push(message);
    this.bytes += message.byteLength;
  }

  shift() {
    const message = this.messages.shift();
    if (message) this.bytes -= message.byteLength;
    return message;
  }

  /** @param {number} most messages */
  isOver(most) {
    const { length } = this.messages;
    return length > most || (this.bytes > INBOX_BYTES && length > 1);
  }
}
