// @ts-check
// For lists. The comment on a block is its sentence in docs/reference/blocks.md.
import { MOST_JSON, jsonItems, jsonOfItems } from '../values/json.js';
import { readList, writeList } from './lists.js';
import { block, place, string, translated } from './record.js';
import { isOnlyShown } from './run.js';

const TOPIC = string('test');
const LIST = translated('default.list');

export const LIST_BLOCKS = [
  /**
   * The newest messages on a topic as a JSON text, the oldest of them first; it subscribes by itself and remembers from then
   * on, 1,000 messages at most.
   */
  block({
    opcode: 'lastMessages',
    blockType: 'reporter',
    text: 'last [N] messages on topic [TOPIC]',
    arguments: { N: place(20), TOPIC },
    run: (values, bridge, util) => jsonOf(lastMessages(values, bridge, util), bridge),
  }),

  /** The same in a list, for a curve of what a sensor measures; make the list first. */
  block({
    opcode: 'lastMessagesToList',
    blockType: 'command',
    text: 'write last [N] messages on topic [TOPIC] to list [LIST]',
    arguments: { N: place(20), TOPIC, LIST },
    when: 'now',
    run: ({ LIST: list, ...values }, bridge, util) =>
      writeList(list, lastMessages(values, bridge, util), bridge, util),
  }),

  /** Puts the values of a JSON text such as `[1, 2, 3]` into a list; any other text leaves the list unchanged. */
  block({
    opcode: 'jsonToList',
    blockType: 'command',
    text: 'write JSON [JSON] to list [LIST]',
    arguments: { JSON: string('[1, 2, 3]'), LIST },
    when: 'now',
    run: ({ JSON: json, LIST: list }, bridge, util) => {
      const { status } = bridge;
      if (status.hasTooLong(MOST_JSON, [json])) return;
      const items = jsonItems(json);
      if (items) writeList(list, items, bridge, util);
      else status.report('list.not-json');
    },
  }),

  /** All items of a list as one JSON text, to publish them in one message. */
  block({
    opcode: 'listToJson',
    blockType: 'reporter',
    text: 'JSON of list [LIST]',
    arguments: { LIST },
    run: ({ LIST: list }, bridge, util) => {
      const items = readList(list, bridge, util);
      return items && jsonOf(items, bridge);
    },
  }),
];

/**
 * @param {{ N: number, TOPIC: string }} values
 * @param {import('../client/bridge.js').Bridge} bridge
 * @param {import('./run.js').BlockUtility} [util]
 */
function lastMessages({ N, TOPIC: topic }, bridge, util) {
  if (!isOnlyShown(util)) bridge.remember(topic);
  return bridge.history.last(topic, N);
}

/** @param {readonly unknown[]} items @param {import('../client/bridge.js').Bridge} bridge */
function jsonOf(items, { environment, status }) {
  const json = jsonOfItems(items, environment.cast.toString);
  if (json === null) status.report('text.too-long', { most: MOST_JSON });
  return json ?? '';
}
