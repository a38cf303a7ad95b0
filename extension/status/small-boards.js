// @ts-check
// What small boards take: their libraries have a buffer of a fixed size, in which a whole packet must fit.
import { whereOf } from './reasons.js';

/** @typedef {import('./status.js').Sentence} Sentence */
/** @typedef {{ topic: string, bytes: number }} Large */

/** The largest packet of a program that asks for no other size, in bytes; the smallest comes first. */
const BUFFERS = Object.freeze({ MicroBlocks: 128, PubSubClient: 256 });

/** @type {Readonly<Large>} */
const NOTHING = Object.freeze({ topic: '', bytes: 0 });

/** Messages that are too large for small boards: one of each kind is said. */
export class SmallBoards {
  constructor() {
    this.clear();
  }

  /** Nothing was published yet. */
  clear() {
    /** The one that the fewest boards take. @private @type {Large} */
    this.large = NOTHING;
    /** The same of those that the broker keeps. @private @type {Large} */
    this.kept = NOTHING;
  }

  /**
   * Something was published.
   *
   * @param {string} topic as the broker knows it
   * @param {string | Uint8Array} payload
   * @param {boolean} isKept
   */
  note(topic, payload, isKept) {
    const said = isKept ? this.kept : this.large;
    const isInItsPlace = isKept && said.topic === topic;
    // What cannot change what is said is not counted: projects publish all the time.
    if (
      !isInItsPlace &&
      tooSmall(mostBytes(topic, payload)).length <= tooSmall(said.bytes).length
    ) {
      return;
    }
    const bytes = packetBytes(topic, payload);
    const isNews = tooSmall(bytes).length > tooSmall(said.bytes).length;
    if (!isNews && !isInItsPlace) return;
    const found = tooSmall(bytes).length > 0 ? { topic, bytes } : NOTHING;
    if (isKept) this.kept = found;
    else this.large = found;
  }

  /**
   * Which boards may not get what. Nothing where no board of the room listens, as far as can be known.
   *
   * @param {import('./status.js').Broker} broker
   * @returns {Sentence[]}
   */
  sentences(broker) {
    const { kept, large } = this;
    /** @type {Sentence[]} */
    const sentences = [];
    if (whereOf(broker) === 'far') return sentences;
    if (kept.bytes) sentences.push({ key: 'hint.small-boards-kept', values: kept });
    if (large.bytes) {
      const boards = tooSmall(large.bytes).map(([name, most]) => `${most} (${name})`);
      sentences.push({
        key: 'hint.small-boards',
        values: { ...large, boards: boards.join(', ') },
      });
    }
    return sentences;
  }
}

/** The buffers that a packet does not fit in. @param {number} bytes */
const tooSmall = (bytes) => Object.entries(BUFFERS).filter(([, most]) => most < bytes);

/** A letter takes three bytes at most. @param {string} topic @param {string | Uint8Array} payload */
const mostBytes = (topic, payload) => 7 + 3 * (topic.length + payload.length);

/**
 * What a board gets: PUBLISH of 3.1.1 with QoS 0, so never more than there is.
 *
 * @param {string} topic
 * @param {string | Uint8Array} payload
 */
function packetBytes(topic, payload) {
  const rest = 2 + bytesIn(topic) + bytesIn(payload);
  let lengthBytes = 1;
  // Each takes seven bits. [MQTT-2.2.3]
  while (rest >= 128 ** lengthBytes) lengthBytes += 1;
  return 1 + lengthBytes + rest;
}

/** @param {string | Uint8Array} text */
const bytesIn = (text) =>
  typeof text === 'string' ? new TextEncoder().encode(text).length : text.length;
