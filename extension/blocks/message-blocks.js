// @ts-check
// For messages. The comment on a block is its sentence in docs/reference/blocks.md.
import { OWNER } from '../client/subscriptions.js';
import { bytesOf } from '../values/bytes.js';
import { MOST_JSON, jsonGet, jsonSet } from '../values/json.js';
import { MOST_TEXT, numberIn } from '../values/numbers.js';
import { block, choice, place, string, translated } from './record.js';
import { isOnlyShown } from './run.js';

const TOPIC = string('test');
const JSON_TEXT = string('{"temp":21.5}');
const PATH = string('temp');

export const MESSAGE_BLOCKS = [
  /** Asks the broker for all messages on a topic; `+` and `#` work here too. */
  block({
    opcode: 'subscribe',
    blockType: 'command',
    text: 'subscribe to topic [TOPIC]',
    arguments: { TOPIC },
    run: (values, bridge) => bridge.subscribe(OWNER.block, values.TOPIC),
  }),

  /**
   * True when a message on the topic waits to be taken with the next block; it works in every editor, also where
   * `when` blocks do not.
   */
  block({
    opcode: 'messageWaiting',
    blockType: 'Boolean',
    text: 'message waiting on topic [TOPIC]?',
    arguments: { TOPIC },
    run: (values, bridge, util) => {
      if (isOnlyShown(util)) return false;
      bridge.listen(values.TOPIC);
      return bridge.inbox.hasNext(values.TOPIC);
    },
  }),

  /** Takes the oldest waiting message on the topic, one after the other; empty when none waits. */
  block({
    opcode: 'nextMessage',
    blockType: 'reporter',
    text: 'next message on topic [TOPIC]',
    arguments: { TOPIC },
    run: (values, bridge, util) => {
      // Shown on the stage it would take the messages away from the scripts.
      if (isOnlyShown(util)) return '';
      bridge.listen(values.TOPIC);
      const message = bridge.inbox.next(values.TOPIC);
      if (message) bridge.delivery.give(message, util);
      return message?.payload;
    },
  }),

  /** One part of the topic between the slashes, counted from 1: part 2 of `sensor/kitchen/temp` is `kitchen`. */
  block({
    opcode: 'topicPart',
    blockType: 'reporter',
    text: 'part [N] of message topic',
    arguments: { N: place(2) },
    run: ({ N }, bridge, util) => bridge.messageFor(util)?.shownTopic.split('/')[N - 1],
  }),

  /** Finds a number in a text: the first one in `21.5 °C` is 21.5. */
  block({
    opcode: 'numberIn',
    blockType: 'reporter',
    text: 'number [N] in [TEXT]',
    arguments: { N: place(1), TEXT: string('21.5 °C') },
    run: ({ N, TEXT }, { status }) => {
      const found = numberIn(TEXT.slice(0, MOST_TEXT), N);
      if (found === '') status.hasTooLong(MOST_TEXT, [TEXT]);
      return found;
    },
  }),

  /** One value out of a JSON text, as many boards send it; a path such as `list[0].name` leads deeper. */
  block({
    opcode: 'jsonGet',
    blockType: 'reporter',
    text: '[PATH] of JSON [JSON]',
    arguments: { PATH, JSON: JSON_TEXT },
    run: ({ PATH: path, JSON: json }, { status }) =>
      status.hasTooLong(MOST_JSON, [json, path]) ? '' : jsonGet(json, path),
  }),

  /** The JSON text with one value changed or added; start with `{}` to make a new one. */
  block({
    opcode: 'jsonSet',
    blockType: 'reporter',
    text: 'JSON [JSON] with [PATH] set to [VALUE]',
    arguments: { JSON: string('{}'), PATH, VALUE: string('21.5') },
    run: ({ JSON: json, PATH: path, VALUE: value }, { status }) =>
      status.hasTooLong(MOST_JSON, [json, path, value]) ? '' : jsonSet(json, path, value),
  }),

  /** True when the broker had kept this message from before, so it is not news. */
  block({
    opcode: 'messageKept',
    blockType: 'Boolean',
    text: 'message was kept?',
    run: (_, bridge, util) => bridge.messageFor(util)?.isKept,
  }),

  /** Facts of a message: its age, its number of bytes, its bytes as hex, its QoS, and its number since the start. */
  block({
    opcode: 'messageInfo',
    blockType: 'reporter',
    text: '[INFO] of message',
    arguments: { INFO: choice('MESSAGE_INFO') },
    run: ({ INFO }, bridge, util) => {
      const message = bridge.messageFor(util);
      return message && INFO?.(message, bridge);
    },
  }),

  /**
   * Sends a message with a choice: with QoS 1 it reaches the broker at least once, with 2 exactly once, and “keep”
   * lets the broker give it to everyone who subscribes later.
   */
  block({
    opcode: 'publishWith',
    blockType: 'command',
    text: 'publish [MESSAGE] to topic [TOPIC] QoS [QOS] keep [KEEP]',
    arguments: {
      MESSAGE: translated('default.message'),
      TOPIC,
      QOS: choice('QOS'),
      KEEP: choice('KEEP'),
    },
    when: 'publishing',
    run: ({ MESSAGE, QOS, KEEP, ...values }, bridge) =>
      bridge.publish(values.TOPIC, MESSAGE, QOS, KEEP),
  }),

  /** Sends bytes instead of a text, for boards that want them: two digits for each byte. */
  block({
    opcode: 'publishBytes',
    blockType: 'command',
    text: 'publish bytes [HEX] to topic [TOPIC]',
    arguments: { HEX: string('ff 00 80'), TOPIC },
    when: 'publishing',
    run: ({ HEX, ...values }, bridge) => {
      if (bridge.status.hasTooManyBytes(HEX.length / 3)) return;
      const bytes = bytesOf(HEX);
      if (bytes) bridge.publish(values.TOPIC, bytes);
      else bridge.status.report('publish.bad-bytes');
    },
  }),

  /** Makes the broker forget the message that it keeps on a topic. */
  block({
    opcode: 'removeKept',
    blockType: 'command',
    text: 'remove kept message on topic [TOPIC]',
    arguments: { TOPIC },
    when: 'publishing',
    // An empty one takes its place.
    run: (values, bridge) => bridge.publish(values.TOPIC, '', 0, true),
  }),

  /** Subscribes with a choice of QoS: with 1 or 2 the broker makes sure that messages arrive. */
  block({
    opcode: 'subscribeWith',
    blockType: 'command',
    text: 'subscribe to topic [TOPIC] QoS [QOS]',
    arguments: { TOPIC: string('sensor/+/temp'), QOS: choice('QOS', '1') },
    run: (values, bridge) => bridge.subscribe(OWNER.block, values.TOPIC, values.QOS),
  }),

  /** Ends the messages of a topic, also for the scripts under `when message`. */
  block({
    opcode: 'unsubscribe',
    blockType: 'command',
    text: 'unsubscribe from topic [TOPIC]',
    arguments: { TOPIC },
    run: (values, bridge) => bridge.unsubscribe(values.TOPIC),
  }),

  /**
   * Says what happens when messages come faster than a script runs: one by one, only the newest, or all at the same
   * time.
   */
  block({
    opcode: 'handling',
    blockType: 'command',
    text: 'handle fast messages [MODE]',
    arguments: { MODE: choice('MODE') },
    when: 'now',
    run: ({ MODE }, bridge) => {
      if (MODE !== undefined) bridge.setHandling(MODE);
    },
  }),
];
