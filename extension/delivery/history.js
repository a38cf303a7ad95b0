// @ts-check

/** @typedef {import('./inbox.js').Full} Full */
/** @typedef {import('./messages.js').ReceivedMessage} ReceivedMessage */

/** How many messages of a topic are remembered; then the oldest is forgotten. */
export const HISTORY_LIMIT = 1000;

/** How many bytes of a topic; a message that is longer is not remembered. */
export const HISTORY_BYTES = 1 << 18;

/** How many topics; then the one is forgotten that was asked for longest ago. */
export const HISTORY_TOPICS = 64;

/** The last messages of the topics that a block has asked for, from then on. */
export class History {
  constructor() {
    /** By the topic as the project writes it. @private @type {Map<string, Remembered>} */
    this.topics = new Map();
  }

  /**
   * From now on messages are remembered.
   *
   * @param {string} topic
   * @param {Full} full
   * @param {() => ReceivedMessage | null} newest what came last, for a topic that is asked for the first time
   */
  open(topic, full, newest) {
    const known = this.topics.get(topic);
    this.topics.delete(topic);
    this.topics.set(topic, known ?? new Remembered(full(topic), newest()));
    for (const oldest of this.topics.keys()) {
      if (this.topics.size <= HISTORY_TOPICS) break;
      this.topics.delete(oldest);
    }
  }

  /** The newest messages, the oldest of them first. @param {string} topic @param {number} count @returns {string[]} */
  last(topic, count) {
    const messages = this.topics.get(topic)?.messages ?? [];
    return count >= 1 ? messages.slice(-count).map(({ payload }) => payload) : [];
  }

  /** @param {ReceivedMessage} message @param {Set<string>} filters those that match its topic */
  receive(message, filters) {
    for (const topic of this.topics.values()) if (filters.has(topic.filter)) topic.add(message);
  }

  /** Topics have other names: what came under the old ones is forgotten. @param {Full} full */
  rename(full) {
    for (const [topic, { filter }] of this.topics) {
      if (filter !== full(topic)) this.topics.set(topic, new Remembered(full(topic), null));
    }
  }

  reset() {
    this.topics.clear();
  }
}

/** The messages of one topic, the oldest first. */
class Remembered {
  /** @param {string} filter the topic as the broker knows it @param {ReceivedMessage | null} first */
  constructor(filter, first) {
    this.filter = filter;
    /** @type {ReceivedMessage[]} */
    this.messages = [];
    /** @private */
    this.bytes = 0;
    if (first) this.add(first);
  }

  /** @param {ReceivedMessage} message */
  add(message) {
    if (message.byteLength > HISTORY_BYTES || this.isRepeated(message)) return;
    this.messages.push(message);
    this.bytes += message.byteLength;
    while (this.messages.length > HISTORY_LIMIT || this.bytes > HISTORY_BYTES) {
      this.bytes -= this.messages.shift()?.byteLength ?? 0;
    }
  }

  /** Whether the broker only says once more, on another connection, what it keeps. @private @param {ReceivedMessage} message */
  isRepeated({ isKept, payload, topic }) {
    if (!isKept) return false;
    const newestFirst = [...this.messages].reverse();
    return newestFirst.find((one) => one.topic === topic)?.payload === payload;
  }
}
