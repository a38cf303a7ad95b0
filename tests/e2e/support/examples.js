// @ts-check
/** The scripts that `docs/reference/blocks.md` shows: for each block, one that a lesson could hold. */
import { BLOCKS } from '../../../extension/blocks/palette.js';
import { LOCALES } from '../../../extension/locales/index.js';
import { forever, join, say, set, variable, waitUntil, whenFlag } from './blocks.js';

/** @typedef {import('./blocks.js').Block} Block */
/** @typedef {import('./blocks.js').Value} Value */

/** A script, and the same in words for who cannot see it. @typedef {{ words: string, script: Block[] }} Example */

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

/** @param {string} words @param {Block[]} script @returns {Example} */
const example = (words, script) => ({ words, script });

/** @type {Readonly<Record<string, Example>>} */
const WRITTEN = {
  connect: example('when flag clicked: connect to broker, then say I am connected', [
    ...start,
    say('I am connected'),
  ]),
  setRoom: example('when flag clicked: use room room1, then connect to broker', [
    whenFlag(),
    ours('setRoom', { ROOM: 'room1' }),
    connect,
  ]),
  publish: example('when space key pressed: publish hello to topic test', [
    whenKey('space'),
    ours('publish', { MESSAGE: 'hello', TOPIC: 'test' }),
  ]),
  subscribe: example(
    'when flag clicked: connect, subscribe to topic temperature, then forever say the last message on topic temperature',
    [
      ...start,
      ours('subscribe', { TOPIC: 'temperature' }),
      forever(say(ours('lastMessage', { TOPIC: 'temperature' }))),
    ],
  ),
  whenMessage: example('when message on topic test: say message payload', [
    whenMessage('test'),
    say(payload),
  ]),
  messagePayload: example('when message on topic size: set size to message payload', [
    whenMessage('size'),
    setSize(payload),
  ]),
  messageTopic: example(
    'when message on topic sensor/#: say message topic, a colon and message payload',
    [whenMessage('sensor/#'), say(labelled(ours('messageTopic'), payload))],
  ),
  isConnected: example(
    'when flag clicked: connect, and if connected, publish I am here to topic test',
    [...start, ifThen(ours('isConnected'), ours('publish', { MESSAGE: 'I am here' }))],
  ),
  status: example('when flag clicked: connect, then say connection status', [
    ...start,
    say(ours('status')),
  ]),
  lastMessage: example(
    'when flag clicked: connect, then forever say the last message on topic temperature',
    [...start, forever(say(ours('lastMessage', { TOPIC: 'temperature' })))],
  ),
  messageWaiting: example(
    'when flag clicked: connect, then forever wait until a message is waiting on topic test and say the next message',
    [...start, forever(waitUntil(ours('messageWaiting')), say(ours('nextMessage')))],
  ),
  nextMessage: example(
    'when space key pressed: if a message is waiting on topic test, say the next message',
    [whenKey('space'), ifThen(ours('messageWaiting'), say(ours('nextMessage')))],
  ),
  topicPart: example(
    'when message on topic sensor/+/temp: say part 2 of message topic, a colon and message payload',
    [whenMessage('sensor/+/temp'), say(labelled(ours('topicPart'), payload))],
  ),
  numberIn: example(
    'when message on topic temperature: set temperature to number 1 in message payload',
    [whenMessage('temperature'), set('temperature', ours('numberIn', { TEXT: payload }))],
  ),
  jsonGet: example(
    'when message on topic sensor: set temperature to temp of JSON message payload',
    [whenMessage('sensor'), set('temperature', ours('jsonGet', { JSON: payload }))],
  ),
  jsonSet: example(
    'when space key pressed: set data to JSON with temp set to 21.5, then publish data to topic sensor',
    [
      whenKey('space'),
      set('data', ours('jsonSet')),
      ours('publish', { MESSAGE: variable('data'), TOPIC: 'sensor' }),
    ],
  ),
  messageKept: example('when message on topic light: if the message was kept, say from before', [
    whenMessage('light'),
    ifThen(ours('messageKept'), say('from before')),
  ]),
  messageInfo: example('when message on topic test: say age in seconds of message', [
    whenMessage('test'),
    say(ours('messageInfo')),
  ]),
  publishWith: example('when 1 key pressed: publish on to topic light with QoS 1 and keep yes', [
    whenKey('1'),
    ours('publishWith', { MESSAGE: 'on', TOPIC: 'light', QOS: '1', KEEP: 'yes' }),
  ]),
  publishBytes: example('when space key pressed: publish bytes ff 00 80 to topic led', [
    whenKey('space'),
    ours('publishBytes', { TOPIC: 'led' }),
  ]),
  removeKept: example('when 0 key pressed: remove kept message on topic light', [
    whenKey('0'),
    ours('removeKept', { TOPIC: 'light' }),
  ]),
  subscribeWith: example(
    'when flag clicked: connect, then subscribe to topic sensor/+/temp with QoS 1',
    [...start, ours('subscribeWith')],
  ),
  unsubscribe: example('when space key pressed: unsubscribe from topic test', [
    whenKey('space'),
    ours('unsubscribe'),
  ]),
  handling: example('when flag clicked: handle fast messages newest only, then connect', [
    whenFlag(),
    ours('handling', { MODE: 'newest only' }),
    connect,
  ]),
  lastMessages: example(
    'when message on topic temperature: set data to last 20 messages on topic temperature',
    [whenMessage('temperature'), set('data', ours('lastMessages', { TOPIC: 'temperature' }))],
  ),
  lastMessagesToList: example(
    'when message on topic temperature: write last 20 messages on topic temperature to list curve',
    [
      whenMessage('temperature'),
      ours('lastMessagesToList', { TOPIC: 'temperature', LIST: 'curve' }),
    ],
  ),
  jsonToList: example('when message on topic scores: write JSON message payload to list scores', [
    whenMessage('scores'),
    ours('jsonToList', { JSON: payload, LIST: 'scores' }),
  ]),
  listToJson: example('when space key pressed: publish JSON of list scores to topic scores', [
    whenKey('space'),
    ours('publish', { MESSAGE: ours('listToJson', { LIST: 'scores' }), TOPIC: 'scores' }),
  ]),
  announce: example('when flag clicked: use room room1, announce Ada, then connect', [
    whenFlag(),
    ours('setRoom'),
    ours('announce'),
    connect,
  ]),
  whoIsHere: example('when flag clicked: connect, then forever say who is here', [
    ...start,
    forever(say(ours('whoIsHere'))),
  ]),
  isHere: example('when flag clicked: connect, wait until Ben is here, then say hello', [
    ...start,
    waitUntil(ours('isHere', { NAME: 'Ben' })),
    say('hello'),
  ]),
  whoIsHereToList: example('when space key pressed: write who is here to list names', [
    whenKey('space'),
    ours('whoIsHereToList', { LIST: 'names' }),
  ]),
  login: example('when flag clicked: log in as guest with password test, then connect', [
    whenFlag(),
    ours('login', { USER: 'guest', PASSWORD: 'test' }),
    connect,
  ]),
  clientName: example('when flag clicked: set client name to table 3, then connect', [
    whenFlag(),
    ours('clientName', { NAME: 'table 3' }),
    connect,
  ]),
  lastWill: example(
    'when flag clicked: if I disappear publish offline to topic status keep yes, connect, publish online to topic status keep yes',
    [
      whenFlag(),
      ours('lastWill'),
      connect,
      ours('publishWith', { MESSAGE: 'online', TOPIC: 'status', KEEP: 'yes' }),
    ],
  ),
  disconnect: example('when x key pressed: disconnect', [whenKey('x'), ours('disconnect')]),
  whenConnection: example('when connection lost: say last error', [
    ours('whenConnection', { STATE: 'lost' }),
    say(ours('lastError')),
  ]),
  lastError: example('when flag clicked: connect, then say last error', [
    ...start,
    say(ours('lastError')),
  ]),
  connectionInfo: example('when flag clicked: connect, then say answer time in ms of connection', [
    ...start,
    say(ours('connectionInfo', { INFO: 'answer time in ms' })),
  ]),
  fullTopic: example('when flag clicked: use room room1, then say full name of topic test', [
    whenFlag(),
    ours('setRoom'),
    say(ours('fullTopic')),
  ]),
  publishLimit: example(
    'when flag clicked: publish at most 5 times per second, connect, then forever publish mouse x to topic mouse',
    [
      whenFlag(),
      ours('publishLimit', { N: 5 }),
      connect,
      forever(ours('publish', { MESSAGE: mouseX, TOPIC: 'mouse' })),
    ],
  ),
};

/** For each block of the palette: the one that was written for it, else the usual one. */
export const EXAMPLES = Object.fromEntries(
  Object.values(BY_OPCODE).map((block) => [block.opcode, WRITTEN[block.opcode] ?? usual(block)]),
);

/** @param {import('../../../extension/blocks/record.js').Block} block @returns {Example} */
function usual({ opcode, blockType, text }) {
  const name = text.replace(/\[\w+\]/g, '[ ]');
  const one = ours(opcode);
  if (blockType === 'hat') return example(`${name}: say hello`, [one, say('hello')]);
  if (blockType === 'command') return example(`when flag clicked: ${name}`, [whenFlag(), one]);
  return example(`when flag clicked: connect, then say ${name}`, [...start, say(one)]);
}
