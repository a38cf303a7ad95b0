// @ts-check
/** The newest messages, within a bound of messages and one of bytes. */

/**
 * A message as the console keeps it.
 *
 * @typedef {object} Kept
 * @property {number} at when it came, in milliseconds since 1970
 * @property {string} topic
 * @property {Uint8Array} payload its first bytes
 * @property {number} bytes of the whole payload
 * @property {number} qos
 * @property {boolean} retain
 */

export const MOST_MESSAGES = 30_000;
export const MOST_BYTES = 16 << 20;
/** What is kept of one payload, in bytes. */
export const MOST_PAYLOAD = 64 << 10;

/** What a message takes beside its payload and topic, about, in bytes. */
const OVERHEAD = 200;

/**
 * @param {Pick<import('../../../dist/pkg/mqtt.js').MqttMessage, 'topic' | 'payload' | 'qos' | 'retain'>} message
 * @param {number} at
 * @returns {Kept} what is kept of it, in memory of its own
 */
export const keptOf = ({ topic, payload, qos, retain }, at) => ({
  at,
  topic,
  payload: payload.slice(0, MOST_PAYLOAD),
  bytes: payload.length,
  qos,
  retain,
});

/** What a message takes, about, in bytes. @param {Kept} message */
export const costOf = ({ topic, payload }) => OVERHEAD + 2 * topic.length + payload.length;

/** Messages have numbers, which grow; when a bound is reached the oldest go. One always stays. */
export class MessageLog {
  /** @param {{ most?: number, mostBytes?: number }} [bounds] */
  constructor({ most = MOST_MESSAGES, mostBytes = MOST_BYTES } = {}) {
    this.most = most;
    this.mostBytes = mostBytes;
    /** The number of the oldest. */
    this.first = 0;
    /** The number of the one that comes next. */
    this.next = 0;
    this.bytes = 0;
    /** How many went because a bound was reached. */
    this.dropped = 0;
    /** @private @type {(Kept | undefined)[]} by number, and round again */
    this.places = [];
  }

  get size() {
    return this.next - this.first;
  }

  /** @param {Kept} message */
  add(message) {
    this.bytes += costOf(message);
    while (this.size > 0 && (this.size >= this.most || this.bytes > this.mostBytes)) {
      this.shift();
      this.dropped += 1;
    }
    this.places[this.next % this.most] = message;
    this.next += 1;
  }

  /** @param {number} number @returns {Kept | undefined} `undefined` when it is not there any more */
  get(number) {
    if (number < this.first || number >= this.next) return undefined;
    return this.places[number % this.most];
  }

  /** Takes the oldest out. @returns {Kept | undefined} */
  shift() {
    const message = this.get(this.first);
    if (message === undefined) return undefined;
    this.places[this.first % this.most] = undefined;
    this.bytes -= costOf(message);
    this.first += 1;
    return message;
  }

  clear() {
    this.first = this.next;
    this.places = [];
    this.bytes = 0;
    this.dropped = 0;
  }

  /** The oldest first. @returns {Generator<Kept>} */
  *[Symbol.iterator]() {
    for (let number = this.first; number < this.next; number++) {
      yield /** @type {Kept} */ (this.get(number));
    }
  }
}
