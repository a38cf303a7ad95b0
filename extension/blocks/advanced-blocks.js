// @ts-check
import { BlockSupport, isOnlyShown } from './block-support.js';
import { MOST_BYTES, bytesOf } from '../values/bytes.js';
import { USUAL_RATE } from '../client/connection.js';
import { connectionInfo, messageInfo } from './info.js';
import { MOST_JSON, jsonGet, jsonSet } from '../values/json.js';
import { MOST_TEXT, numberIn } from '../values/numbers.js';
import { OWNER } from '../client/subscriptions.js';

/** @typedef {import('../hosts/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {Record<string, unknown>} Arguments */

/** The longest payload of a last will, in bytes. [MQTT-3.1.3-10] */
const MOST_WILL_BYTES = 65_535;

/** The most messages per second that a limit may name. */
const FASTEST = 1_000_000;

/** The blocks below the first line of the palette: for messages, and for the connection. */
export class AdvancedBlocks extends BlockSupport {
  /** message waiting on topic [TOPIC]? – subscribes to it. @param {Arguments} args @param {BlockUtility} [util] */
  messageWaiting({ TOPIC }, util) {
    if (isOnlyShown(util)) return false;
    const isWaiting = this.attempt(() => this.bridge.inbox.hasNext(this.listen(TOPIC)));
    return isWaiting === true;
  }

  /** next message on topic [TOPIC] – subscribes to it. @param {Arguments} args @param {BlockUtility} [util] */
  nextMessage({ TOPIC }, util) {
    const { delivery, inbox } = this.bridge;
    // Shown on the stage it would take the messages away from the scripts.
    if (isOnlyShown(util)) return '';
    const next = this.attempt(() => {
      const message = inbox.next(this.listen(TOPIC));
      if (message) delivery.give(message, util);
      return message;
    });
    return next?.payload ?? '';
  }

  /** part [N] of message topic – counted from 1, without the room. @param {Arguments} args @param {BlockUtility} [util] */
  topicPart({ N }, util) {
    const part = this.attempt(
      () => this.message(util)?.shownTopic.split('/')[this.cast.toPlace(N) - 1],
    );
    return part ?? '';
  }

  /** number [N] in [TEXT] – counted from 1. @param {Arguments} args */
  numberIn({ N, TEXT }) {
    const { toPlace, toString } = this.cast;
    const found = this.attempt(() => {
      const text = toString(TEXT);
      const number = numberIn(text.slice(0, MOST_TEXT), toPlace(N));
      if (number === '') this.isTooLong(MOST_TEXT, text);
      return number;
    });
    return found ?? '';
  }

  /** [PATH] of JSON [JSON] @param {Arguments} args */
  jsonGet({ PATH, JSON }) {
    const { toString } = this.cast;
    const found = this.attempt(() => {
      const texts = /** @type {const} */ ([toString(JSON), toString(PATH)]);
      return this.isTooLong(MOST_JSON, ...texts) ? '' : jsonGet(...texts);
    });
    return found ?? '';
  }

  /** JSON [JSON] with [PATH] set to [VALUE] @param {Arguments} args */
  jsonSet({ JSON, PATH, VALUE }) {
    const { toString } = this.cast;
    const changed = this.attempt(() => {
      const texts = /** @type {const} */ ([toString(JSON), toString(PATH), toString(VALUE)]);
      return this.isTooLong(MOST_JSON, ...texts) ? '' : jsonSet(...texts);
    });
    return changed ?? '';
  }

  /** message was kept? @param {Arguments} _args @param {BlockUtility} [util] */
  messageKept(_args, util) {
    return this.message(util)?.isKept === true;
  }

  /** [INFO] of message @param {Arguments} args @param {BlockUtility} [util] */
  messageInfo({ INFO }, util) {
    const info = this.attempt(() => {
      const message = this.message(util);
      const line = this.lineOf(messageInfo, INFO);
      if (line === messageInfo.hex && message && this.hasTooManyBytes(message.bytes.length))
        return '';
      return message && line?.(message, this.bridge.status.now());
    });
    return info ?? '';
  }

  /** publish [MESSAGE] to topic [TOPIC] QoS [QOS] keep [KEEP] @param {Arguments} args @param {BlockUtility} [util] */
  publishWith({ MESSAGE, TOPIC, QOS, KEEP }, util) {
    const { toQos, toString, toYes } = this.cast;
    this.actToPublish(util, () => this.send(TOPIC, toString(MESSAGE), toQos(QOS), toYes(KEEP)));
  }

  /** publish bytes [HEX] to topic [TOPIC] @param {Arguments} args @param {BlockUtility} [util] */
  publishBytes({ HEX, TOPIC }, util) {
    this.actToPublish(util, () => {
      const hex = this.cast.toString(HEX);
      if (this.hasTooManyBytes(hex.length / 3)) return;
      const bytes = bytesOf(hex);
      if (bytes) this.send(TOPIC, bytes);
      else this.bridge.status.report('publish.bad-bytes');
    });
  }

  /** remove kept message on topic [TOPIC] – an empty one takes its place. @param {Arguments} args @param {BlockUtility} [util] */
  removeKept({ TOPIC }, util) {
    this.actToPublish(util, () => this.send(TOPIC, '', 0, true));
  }

  /** subscribe to topic [TOPIC] QoS [QOS] @param {Arguments} args @param {BlockUtility} [util] */
  subscribeWith({ TOPIC, QOS }, util) {
    const { toQos, toString } = this.cast;
    this.act(util, () => this.bridge.subscribe(OWNER.block, toString(TOPIC), toQos(QOS)));
  }

  /** handle fast messages [MODE] @param {Arguments} args @param {BlockUtility} [util] */
  handling({ MODE }, util) {
    if (isOnlyShown(util)) return;
    this.attempt(() => this.bridge.setHandling(this.cast.toString(MODE)));
  }

  /** set client name to [NAME] – empty: automatic; for the next connect. @param {Arguments} args @param {BlockUtility} [util] */
  clientName({ NAME }, util) {
    this.act(util, (core) => {
      const name = this.cast.toString(NAME).trim();
      const problem = name === '' ? null : core.topicProblem(name);
      if (!problem || problem === 'wildcard') this.bridge.connection.clientName = name;
      else this.bridge.status.report('connect.clientName');
    });
  }

  /** if I disappear publish [MESSAGE] to topic [TOPIC] keep [KEEP] – empty topic: nothing. @param {Arguments} args @param {BlockUtility} [util] */
  lastWill({ MESSAGE, TOPIC, KEEP }, util) {
    const { connection, status } = this.bridge;
    this.act(util, () => {
      const topic = this.cast.toString(TOPIC);
      const payload = this.cast.toString(MESSAGE);
      if (topic === '') {
        connection.will = null;
      } else if (new TextEncoder().encode(payload).length > MOST_WILL_BYTES) {
        status.report('publish.too-large');
      } else if (this.topicFor(topic) !== null) {
        connection.will = { topic, payload, retain: this.cast.toYes(KEEP) };
      }
    });
  }

  /** Says so in the status. @private @param {number} count */
  hasTooManyBytes(count) {
    if (count <= MOST_BYTES) return false;
    this.bridge.status.report('bytes.too-many', { most: MOST_BYTES });
    return true;
  }

  /** Says so in the status. @private @param {number} most @param {string[]} texts */
  isTooLong(most, ...texts) {
    if (texts.every((text) => text.length <= most)) return false;
    this.bridge.status.report('text.too-long', { most });
    return true;
  }

  /** when connection [STATE] @param {Arguments} args @param {BlockUtility} [util] */
  whenConnection({ STATE }, util) {
    const { delivery } = this.bridge;
    const isTrue = this.attempt(() => delivery.isChangeTrue(this.cast.toString(STATE), util));
    return isTrue === true;
  }

  /** last error – empty when all is well. */
  lastError() {
    return this.attempt(() => this.bridge.status.lastError()) ?? '';
  }

  /** [INFO] of connection @param {Arguments} args */
  connectionInfo({ INFO }) {
    return this.attempt(() => this.lineOf(connectionInfo, INFO)?.(this.bridge)) ?? '';
  }

  /** full name of topic [TOPIC] – with the room. @param {Arguments} args */
  fullTopic({ TOPIC }) {
    const { subscriptions } = this.bridge;
    return this.attempt(() => subscriptions.full(this.cast.toString(TOPIC))) ?? '';
  }

  /** publish at most [N] times per second – 0: no limit; of what is faster the newest waits. @param {Arguments} args @param {BlockUtility} [util] */
  publishLimit({ N }, util) {
    this.act(util, () => {
      const most = Math.min(Math.ceil(this.cast.toNumber(N)), FASTEST);
      this.bridge.setPublishRate(most > 0 ? rateOf(most) : null);
    });
  }
}

/**
 * A limit that is higher than the usual one lets through no fewer at once.
 *
 * @param {number} perSecond
 * @returns {import('../client/types.js').PublishRate}
 */
function rateOf(perSecond) {
  const isRaised = perSecond > USUAL_RATE.perSecond;
  const burst = isRaised ? Math.max(perSecond, USUAL_RATE.burst) : perSecond;
  return { perSecond, burst, excess: 'wait' };
}
