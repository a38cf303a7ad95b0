// @ts-check
// Frozen for ever once released: ids, opcodes, types, argument names and types, menu values.
// A new need is a new block; an old block is hidden, never removed. Texts are in locales/.

/** The extension's id, which saved projects hold. */
export const EXTENSION_ID = 'scratchmqtt';

/** The opcode of the hat, as the runtime knows it. */
export const HAT_OPCODE = `${EXTENSION_ID}_whenMessage`;

/** The broker of the connect block where the page names no other. */
export const DEFAULT_BROKER = 'wss://mqtt.longan.link:8084/mqtt';

/** A line between groups of blocks. */
export const SEPARATOR = '---';

/**
 * @typedef {object} Argument
 * @property {string} [value] the default
 * @property {string} [text] the key of a default that is translated
 * @property {string} [menu] the menu's name
 */

/**
 * @typedef {object} Block
 * @property {string} opcode also the key of its text, and the name of its method
 * @property {'command' | 'reporter' | 'Boolean' | 'hat'} blockType
 * @property {Readonly<Record<string, Argument>>} [arguments] all of type string
 */

const TOPIC = Object.freeze({ value: 'test' });
const MESSAGE = Object.freeze({ text: 'default.message' });

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
  { opcode: 'disconnect', blockType: 'command' },
  { opcode: 'unsubscribe', blockType: 'command', arguments: { TOPIC } },
  {
    opcode: 'login',
    blockType: 'command',
    arguments: { USER: { value: '' }, PASSWORD: { value: '' } },
  },
  { opcode: 'lastMessage', blockType: 'reporter', arguments: { TOPIC } },
  {
    opcode: 'publishWith',
    blockType: 'command',
    arguments: {
      MESSAGE,
      TOPIC,
      QOS: { value: '0', menu: 'QOS' },
      KEEP: { value: 'no', menu: 'KEEP' },
    },
  },
];

/** The blocks in the order of the palette. */
export const BLOCKS = Object.freeze(blocks);

/** The menus: their values, in order. The key of a label is `menu.NAME.value`. */
export const MENUS = Object.freeze({
  QOS: Object.freeze(['0', '1', '2']),
  KEEP: Object.freeze(['no', 'yes']),
});
