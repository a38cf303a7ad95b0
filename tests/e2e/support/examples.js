// @ts-check
/** The scripts that `docs/teachers/blocks.md` shows: for each block, one that a lesson could hold. */
import { BLOCKS } from '../../../extension/blocks/palette.js';
import { LOCALES } from '../../../extension/locales/index.js';
import { forever, join, say, set, variable, waitUntil, whenFlag } from './blocks.js';

/** @typedef {import('./blocks.js').Block} Block */
/** @typedef {import('./blocks.js').Value} Value */

const ROOM_BROKER = 'wss://mqtt.longan.link:8084/mqtt';

/** Our blocks by opcode: those of the palette. */
const BY_OPCODE = Object.fromEntries(
  BLOCKS.flatMap((block) => (typeof block === 'string' ? [] : [[block.opcode, block]])),
);

/**
 * One of our blocks, as it lies in the palette but for the values that are given.
 *
 * @param {string} opcode
 * @param {Record<string, Value>} [values] by the name of the argument
 * @returns {Block}
 */
export function ours(opcode, values = {}) {
  const block = BY_OPCODE[opcode];
  if (!block) throw new TypeError(`there is no block ${opcode}`);
  /** @type {NonNullable<Block['inputs']>} */
  const inputs = {};
  /** @type {NonNullable<Block['menus']>} */
  const menus = {};
  for (const [name, { type, value = '', text, menu }] of Object.entries(block.arguments ?? {})) {
    const initial = text ? LOCALES.en[/** @type {'default.message'} */ (text)] : value;
    const chosen = values[name] ?? (type === 'number' ? Number(initial) : initial);
    if (menu)
      menus[name] = { menu: `scratchmqtt_menu_${menu}`, field: menu, value: String(chosen) };
    else inputs[name] = chosen;
  }
  const shape = block.blockType === 'Boolean' ? 'boolean' : block.blockType;
  return { opcode: `scratchmqtt_${opcode}`, shape, inputs, menus };
}

/** @param {string} key @returns {Block} */
const whenKey = (key) => ({
  opcode: 'event_whenkeypressed',
  shape: 'hat',
  fields: { KEY_OPTION: { value: key } },
});

/** @param {Value} condition @param {...Block} inside @returns {Block} */
const ifThen = (condition, ...inside) => ({
  opcode: 'control_if',
  shape: 'command',
  booleans: { CONDITION: condition },
  stacks: { SUBSTACK: inside },
});

/** @param {Value} SIZE @returns {Block} */
const setSize = (SIZE) => ({ opcode: 'looks_setsizeto', shape: 'command', inputs: { SIZE } });

/** @type {Block} */
const mouseX = { opcode: 'sensing_mousex', shape: 'reporter' };

const connect = ours('connect', { BROKER: ROOM_BROKER });
const start = [whenFlag(), connect];
const payload = ours('messagePayload');
/** @param {string} TOPIC */
const whenMessage = (TOPIC) => ours('whenMessage', { TOPIC });
/** @param {Value} label @param {Value} value */
const labelled = (label, value) => join(label, join(': ', value));

/** @type {Readonly<Record<string, Block[]>>} */
export const EXAMPLES = {
  connect: [...start, say('I am connected')],
  setRoom: [whenFlag(), ours('setRoom', { ROOM: 'room1' }), connect],
  publish: [whenKey('space'), ours('publish', { MESSAGE: 'hello', TOPIC: 'test' })],
  subscribe: [
    ...start,
    ours('subscribe', { TOPIC: 'temperature' }),
    forever(say(ours('lastMessage', { TOPIC: 'temperature' }))),
  ],
  whenMessage: [whenMessage('test'), say(payload)],
  messagePayload: [whenMessage('size'), setSize(payload)],
  messageTopic: [whenMessage('sensor/#'), say(labelled(ours('messageTopic'), payload))],
  isConnected: [...start, ifThen(ours('isConnected'), ours('publish', { MESSAGE: 'I am here' }))],
  status: [...start, say(ours('status'))],
  lastMessage: [...start, forever(say(ours('lastMessage', { TOPIC: 'temperature' })))],
  messageWaiting: [...start, forever(waitUntil(ours('messageWaiting')), say(ours('nextMessage')))],
  nextMessage: [whenKey('space'), ifThen(ours('messageWaiting'), say(ours('nextMessage')))],
  topicPart: [whenMessage('sensor/+/temp'), say(labelled(ours('topicPart'), payload))],
  numberIn: [whenMessage('temperature'), set('temperature', ours('numberIn', { TEXT: payload }))],
  jsonGet: [whenMessage('sensor'), set('temperature', ours('jsonGet', { JSON: payload }))],
  jsonSet: [
    whenKey('space'),
    set('data', ours('jsonSet')),
    ours('publish', { MESSAGE: variable('data'), TOPIC: 'sensor' }),
  ],
  messageKept: [whenMessage('light'), ifThen(ours('messageKept'), say('from before'))],
  messageInfo: [whenMessage('test'), say(ours('messageInfo'))],
  publishWith: [
    whenKey('1'),
    ours('publishWith', { MESSAGE: 'on', TOPIC: 'light', QOS: '1', KEEP: 'yes' }),
  ],
  publishBytes: [whenKey('space'), ours('publishBytes', { TOPIC: 'led' })],
  removeKept: [whenKey('0'), ours('removeKept', { TOPIC: 'light' })],
  subscribeWith: [...start, ours('subscribeWith')],
  unsubscribe: [whenKey('space'), ours('unsubscribe')],
  handling: [whenFlag(), ours('handling', { MODE: 'newest only' }), connect],
  login: [whenFlag(), ours('login', { USER: 'guest', PASSWORD: 'test' }), connect],
  clientName: [whenFlag(), ours('clientName', { NAME: 'table 3' }), connect],
  lastWill: [
    whenFlag(),
    ours('lastWill'),
    connect,
    ours('publishWith', { MESSAGE: 'online', TOPIC: 'status', KEEP: 'yes' }),
  ],
  disconnect: [whenKey('x'), ours('disconnect')],
  whenConnection: [ours('whenConnection', { STATE: 'lost' }), say(ours('lastError'))],
  lastError: [...start, say(ours('lastError'))],
  connectionInfo: [...start, say(ours('connectionInfo', { INFO: 'answer time in ms' }))],
  fullTopic: [whenFlag(), ours('setRoom'), say(ours('fullTopic'))],
  publishLimit: [
    whenFlag(),
    ours('publishLimit', { N: 5 }),
    connect,
    forever(ours('publish', { MESSAGE: mouseX, TOPIC: 'mouse' })),
  ],
};
