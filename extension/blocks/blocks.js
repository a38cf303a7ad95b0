// @ts-check
// Frozen for ever once released: ids, opcodes, types, argument names and types, menu values.
// A new need is a new block; an old block is hidden, never removed. Texts are in locales/.

/** The extension's id, which saved projects hold. */
export const EXTENSION_ID = 'scratchmqtt';

/** Opcodes as the runtime knows them. */
export const HAT_OPCODE = `${EXTENSION_ID}_whenMessage`;
export const CONNECT_OPCODE = `${EXTENSION_ID}_connect`;
export const CONNECTION_HAT_OPCODE = `${EXTENSION_ID}_whenConnection`;

/** The broker of the connect block where the page names no other. */
export const DEFAULT_BROKER = 'wss://mqtt.longan.link:8084/mqtt';

/** A line between groups of blocks. */
export const SEPARATOR = '---';

/**
 * @typedef {object} Argument
 * @property {'string' | 'number'} [type] default: a text
 * @property {string} [value] the default
 * @property {string} [text] the key of a default that is translated
 * @property {keyof typeof MENUS} [menu] the menu's name
 */

/**
 * @typedef {object} Block
 * @property {string} opcode also the key of its text, and the name of its method
 * @property {'command' | 'reporter' | 'Boolean' | 'hat'} blockType
 * @property {Readonly<Record<string, Argument>>} [arguments]
 */

/** The menus: their values, in order. The key of a label is `menu.NAME.value`. */
export const MENUS = Object.freeze({
  QOS: ['0', '1', '2'],
  KEEP: ['no', 'yes'],
  MODE: ['one by one', 'newest only', 'all at once'],
  STATE: ['made', 'lost', 'refused', 'name in use'],
  MESSAGE_INFO: ['age in seconds', 'bytes', 'hex', 'QoS', 'number'],
  CONNECTION_INFO: [
    'broker',
    'client name',
    'answer time in ms',
    'sent',
    'received',
    'waiting',
    'dropped',
    'skipped',
    'reconnects',
  ],
});

/** @param {keyof typeof MENUS} menu @param {number} [index] of the default @returns {Argument} */
const choice = (menu, index = 0) => ({ value: MENUS[menu][index], menu });

/** @param {number} value @returns {Argument} */
const number = (value) => ({ type: 'number', value: String(value) });

const TOPIC = { value: 'test' };
const MESSAGE = { text: 'default.message' };
const JSON_TEXT = { value: '{"temp":21.5}' };
const PATH = { value: 'temp' };

/** @type {(Block | typeof SEPARATOR)[]} */
const blocks = [
  { opcode: 'connect', blockType: 'command', arguments: { BROKER: { value: DEFAULT_BROKER } } },
  { opcode: 'setRoom', blockType: 'command', arguments: { ROOM: { text: 'default.room' } } },
  { opcode: 'publish', blockType: 'command', arguments: { MESSAGE, TOPIC } },
  { opcode: 'subscribe', blockType: 'command', arguments: { TOPIC } },
  { opcode: 'whenMessage', blockType: 'hat', arguments: { TOPIC } },
  { opcode: 'messagePayload', blockType: 'reporter' },
  { opcode: 'messageTopic', blockType: 'reporter' },
  { opcode: 'isConnected', blockType: 'Boolean' },
  { opcode: 'status', blockType: 'reporter' },
  SEPARATOR,
  { opcode: 'lastMessage', blockType: 'reporter', arguments: { TOPIC } },
  { opcode: 'messageWaiting', blockType: 'Boolean', arguments: { TOPIC } },
  { opcode: 'nextMessage', blockType: 'reporter', arguments: { TOPIC } },
  { opcode: 'topicPart', blockType: 'reporter', arguments: { N: number(2) } },
  {
    opcode: 'numberIn',
    blockType: 'reporter',
    arguments: { N: number(1), TEXT: { value: '21.5 °C' } },
  },
  { opcode: 'jsonGet', blockType: 'reporter', arguments: { PATH, JSON: JSON_TEXT } },
  {
    opcode: 'jsonSet',
    blockType: 'reporter',
    arguments: { JSON: { value: '{}' }, PATH, VALUE: { value: '21.5' } },
  },
  { opcode: 'messageKept', blockType: 'Boolean' },
  { opcode: 'messageInfo', blockType: 'reporter', arguments: { INFO: choice('MESSAGE_INFO') } },
  {
    opcode: 'publishWith',
    blockType: 'command',
    arguments: { MESSAGE, TOPIC, QOS: choice('QOS'), KEEP: choice('KEEP') },
  },
  {
    opcode: 'publishBytes',
    blockType: 'command',
    arguments: { HEX: { value: 'ff 00 80' }, TOPIC },
  },
  { opcode: 'removeKept', blockType: 'command', arguments: { TOPIC } },
  {
    opcode: 'subscribeWith',
    blockType: 'command',
    arguments: { TOPIC: { value: 'sensor/+/temp' }, QOS: choice('QOS', 1) },
  },
  { opcode: 'unsubscribe', blockType: 'command', arguments: { TOPIC } },
  { opcode: 'handling', blockType: 'command', arguments: { MODE: choice('MODE') } },
  SEPARATOR,
  {
    opcode: 'login',
    blockType: 'command',
    arguments: { USER: { value: '' }, PASSWORD: { value: '' } },
  },
  { opcode: 'clientName', blockType: 'command', arguments: { NAME: { value: '' } } },
  {
    opcode: 'lastWill',
    blockType: 'command',
    arguments: {
      MESSAGE: { value: 'offline' },
      TOPIC: { value: 'status' },
      KEEP: choice('KEEP', 1),
    },
  },
  { opcode: 'disconnect', blockType: 'command' },
  { opcode: 'whenConnection', blockType: 'hat', arguments: { STATE: choice('STATE') } },
  { opcode: 'lastError', blockType: 'reporter' },
  {
    opcode: 'connectionInfo',
    blockType: 'reporter',
    arguments: { INFO: choice('CONNECTION_INFO') },
  },
  { opcode: 'fullTopic', blockType: 'reporter', arguments: { TOPIC } },
  { opcode: 'publishLimit', blockType: 'command', arguments: { N: number(20) } },
];

/** The blocks in the order of the palette: for beginners, for messages, for the connection. */
export const BLOCKS = Object.freeze(blocks);
