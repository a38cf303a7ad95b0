// @ts-check
// Messages that arrived, and the last one of each topic.

// A byte order mark is part of the message. What is not UTF-8 becomes U+FFFD, and never an error.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** How many topics are remembered; the one heard longest ago is forgotten first. */
export const REMEMBERED_TOPICS = 1000;

/** How many bytes of messages are remembered; one message always is. */
export const REMEMBERED_BYTES = 4 << 20;

/** A message, as blocks see it. */
export class ReceivedMessage {
  /**
   * @param {import('../client/types.js').MqttMessage} message
   * @param {object} [arrival]
   * @param {string} [arrival.shownTopic] without the room
   * @param {number} [arrival.at] when it came, in milliseconds
   * @param {number} [arrival.number] counted from 1
   */
  constructor(message, { shownTopic = message.topic, at = 0, number = 0 } = {}) {
    this.topic = message.topic;
    this.shownTopic = shownTopic;
    this.qos = message.qos;
    this.isKept = message.retain;
    this.bytes = owned(message.payload);
    this.at = at;
    this.number = number;
    /** What it takes to remember it. */
    this.byteLength = message.topic.length + this.bytes.buffer.byteLength;
    /** @private @type {string | null} */
    this.decoded = null;
  }

  /** The payload as text; decoded when it is first asked for. */
  get payload() {
    this.decoded ??= decoder.decode(this.bytes);
    return this.decoded;
  }
}

/**
 * A payload may be a part of all that came with it. A message that waits would keep that too.
 *
 * @param {Uint8Array} payload
 */
const owned = (payload) =>
  payload.length * 2 < payload.buffer.byteLength ? payload.slice() : payload;

/** The last message of each topic, within bounds. */
export class LastMessages {
  constructor() {
    /** @type {ReceivedMessage | null} */
    this.newest = null;
    /** The message heard longest ago comes first. @private @type {Map<string, ReceivedMessage>} */
    this.byTopic = new Map();
    /** @private */
    this.bytes = 0;
  }

  /** @param {ReceivedMessage} message */
  add(message) {
    this.newest = message;
    this.forget(message.topic);
    this.byTopic.set(message.topic, message);
    this.bytes += message.byteLength;
    for (const topic of this.byTopic.keys()) {
      const { size } = this.byTopic;
      if (size === 1 || (size <= REMEMBERED_TOPICS && this.bytes <= REMEMBERED_BYTES)) break;
      this.forget(topic);
    }
  }

  /**
   * The newest message on a topic, or on any topic that a filter matches.
   *
   * @param {string} filter
   * @param {(filter: string, topic: string) => boolean} matches
   * @returns {ReceivedMessage | null}
   */
  find(filter, matches) {
    if (!/[+#]/.test(filter)) return this.byTopic.get(filter) || null;
    const newestFirst = [...this.byTopic.values()].reverse();
    return newestFirst.find((message) => matches(filter, message.topic)) || null;
  }

  clear() {
    this.byTopic.clear();
    this.bytes = 0;
    this.newest = null;
  }

  /** @private @param {string} topic */
  forget(topic) {
    const message = this.byTopic.get(topic);
    if (!message) return;
    this.bytes -= message.byteLength;
    this.byTopic.delete(topic);
  }
}
