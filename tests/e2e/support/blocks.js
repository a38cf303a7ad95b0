// @ts-check
/**
 * Blocks as they are written in a test:
 *
 * ```js
 * [whenFlag(), connect('wss://localhost:8084/mqtt'), add(payload(), 'got')]
 * ```
 *
 * A script is a list of blocks; a slot holds a text, a number, a list of values joined by the pupil, or another block.
 */

/**
 * @typedef {string | number | Block} Value
 * @typedef {object} Block
 * @property {string} opcode
 * @property {'command' | 'reporter' | 'boolean' | 'hat'} shape
 * @property {Record<string, Value>} [inputs] free slots
 * @property {Record<string, Value>} [booleans] six-sided slots
 * @property {Record<string, { menu: string, field: string, value: string }>} [menus] slots with a menu that also take a block
 * @property {Record<string, Block[]>} [stacks] mouths
 * @property {Record<string, { value: string, type?: 'variable' | 'list' | 'broadcast' }>} [fields]
 * @property {Record<string, string>} [broadcasts] slots with the menu of broadcasts
 */

// Events and control

/** @returns {Block} */
export const whenFlag = () => ({ opcode: 'event_whenflagclicked', shape: 'hat' });

/** @param {string} name @returns {Block} */
export const whenBroadcast = (name) => ({
  opcode: 'event_whenbroadcastreceived',
  shape: 'hat',
  fields: { BROADCAST_OPTION: { value: name, type: 'broadcast' } },
});

/** @param {string} name @returns {Block} */
export const broadcast = (name) => ({
  opcode: 'event_broadcast',
  shape: 'command',
  broadcasts: { BROADCAST_INPUT: name },
});

/** @returns {Block} */
export const whenIStartAsClone = () => ({ opcode: 'control_start_as_clone', shape: 'hat' });

/** @returns {Block} */
export const cloneMyself = () => ({
  opcode: 'control_create_clone_of',
  shape: 'command',
  menus: {
    CLONE_OPTION: {
      menu: 'control_create_clone_of_menu',
      field: 'CLONE_OPTION',
      value: '_myself_',
    },
  },
});

/** @param {Block} condition @param {Block[]} inside @returns {Block} */
export const ifThen = (condition, ...inside) => ({
  opcode: 'control_if',
  shape: 'command',
  booleans: { CONDITION: condition },
  stacks: { SUBSTACK: inside },
});

/** @param {Block} condition @param {Block[]} inside @returns {Block} */
export const repeatUntil = (condition, ...inside) => ({
  opcode: 'control_repeat_until',
  shape: 'command',
  booleans: { CONDITION: condition },
  stacks: { SUBSTACK: inside },
});

/** @param {Value} condition @returns {Block} */
export const waitUntil = (condition) => ({
  opcode: 'control_wait_until',
  shape: 'command',
  booleans: { CONDITION: condition },
});

/** @param {...Block} inside @returns {Block} */
export const forever = (...inside) => ({
  opcode: 'control_forever',
  shape: 'command',
  stacks: { SUBSTACK: inside },
});

/** @param {Value} times @param {...Block} inside @returns {Block} */
export const repeat = (times, ...inside) => ({
  opcode: 'control_repeat',
  shape: 'command',
  inputs: { TIMES: times },
  stacks: { SUBSTACK: inside },
});

/** @param {Value} DURATION in seconds @returns {Block} */
export const wait = (DURATION) => ({
  opcode: 'control_wait',
  shape: 'command',
  inputs: { DURATION },
});

/** @param {Value} condition @param {Block[]} then @param {Block[]} otherwise @returns {Block} */
export const ifElse = (condition, then, otherwise) => ({
  opcode: 'control_if_else',
  shape: 'command',
  booleans: { CONDITION: condition },
  stacks: { SUBSTACK: then, SUBSTACK2: otherwise },
});

// Variables, lists, operators, looks, motion, pen

/** @param {string} name @param {Value} value @returns {Block} */
export const set = (name, value) => ({
  opcode: 'data_setvariableto',
  shape: 'command',
  inputs: { VALUE: value },
  fields: { VARIABLE: { value: name, type: 'variable' } },
});

/** @param {string} name @returns {Block} */
export const variable = (name) => ({
  opcode: 'data_variable',
  shape: 'reporter',
  fields: { VARIABLE: { value: name, type: 'variable' } },
});

/** @param {Value} value @param {string} list @returns {Block} */
export const add = (value, list) => ({
  opcode: 'data_addtolist',
  shape: 'command',
  inputs: { ITEM: value },
  fields: { LIST: { value: list, type: 'list' } },
});

/** @param {string} name @returns {Block} */
export const clearList = (name) => onList('deletealloflist', name);

/** @param {string} name @returns {Block} */
export const showList = (name) => onList('showlist', name);

/** @param {string} name @returns {Block} */
export const hideList = (name) => onList('hidelist', name);

/** @param {string} what @param {string} name @returns {Block} */
const onList = (what, name) => ({
  opcode: `data_${what}`,
  shape: 'command',
  fields: { LIST: { value: name, type: 'list' } },
});

/** @param {string} name @returns {Block} */
export const list = (name) => ({
  opcode: 'data_listcontents',
  shape: 'reporter',
  fields: { LIST: { value: name, type: 'list' } },
});

/** @param {Value} left @param {Value} right @returns {Block} */
export const join = (left, right) => ({
  opcode: 'operator_join',
  shape: 'reporter',
  inputs: { STRING1: left, STRING2: right },
});

/** @param {Value} left @param {Value} right @returns {Block} */
export const equals = (left, right) => ({
  opcode: 'operator_equals',
  shape: 'boolean',
  inputs: { OPERAND1: left, OPERAND2: right },
});

/** @param {Value} text @returns {Block} */
export const say = (text) => ({ opcode: 'looks_say', shape: 'command', inputs: { MESSAGE: text } });

/** @param {Value} VALUE 0: as it was drawn; -100: black @returns {Block} */
export const setBrightness = (VALUE) => ({
  opcode: 'looks_seteffectto',
  shape: 'command',
  inputs: { VALUE },
  fields: { EFFECT: { value: 'BRIGHTNESS' } },
});

/** @param {string} name @param {Value} value @returns {Block} */
export const change = (name, value) => ({
  opcode: 'data_changevariableby',
  shape: 'command',
  inputs: { VALUE: value },
  fields: { VARIABLE: { value: name, type: 'variable' } },
});

/**
 * A reporter of two numbers.
 *
 * @param {'add' | 'subtract' | 'multiply' | 'divide'} what
 * @param {Value} NUM1
 * @param {Value} NUM2
 * @returns {Block}
 */
export const calculate = (what, NUM1, NUM2) => ({
  opcode: `operator_${what}`,
  shape: 'reporter',
  inputs: { NUM1, NUM2 },
});

/** @param {Value} left @param {Value} right @returns {Block} */
export const greater = (left, right) => ({
  opcode: 'operator_gt',
  shape: 'boolean',
  inputs: { OPERAND1: left, OPERAND2: right },
});

/** @param {Value} FROM @param {Value} TO @returns {Block} */
export const random = (FROM, TO) => ({
  opcode: 'operator_random',
  shape: 'reporter',
  inputs: { FROM, TO },
});

/** @param {Value} X @param {Value} Y @returns {Block} */
export const goTo = (X, Y) => ({ opcode: 'motion_gotoxy', shape: 'command', inputs: { X, Y } });

/** @param {'clear' | 'penDown' | 'penUp'} what @returns {Block} */
export const pen = (what) => ({ opcode: `pen_${what}`, shape: 'command' });

/** @param {Value} SIZE @returns {Block} */
export const penSize = (SIZE) => ({
  opcode: 'pen_setPenSizeTo',
  shape: 'command',
  inputs: { SIZE },
});

/** @param {Block} condition @returns {Block} */
export const not = (condition) => ({
  opcode: 'operator_not',
  shape: 'boolean',
  booleans: { OPERAND: condition },
});

/** @param {Value} QUESTION @returns {Block} */
export const ask = (QUESTION) => ({
  opcode: 'sensing_askandwait',
  shape: 'command',
  inputs: { QUESTION },
});

/** @returns {Block} */
export const answer = () => ({ opcode: 'sensing_answer', shape: 'reporter' });

/** @returns {Block} */
export const whenClicked = () => ({ opcode: 'event_whenthisspriteclicked', shape: 'hat' });

// Of the official micro:bit extension

/** @param {'A' | 'B' | 'any'} button @returns {Block} */
export const whenMicrobitButton = (button) => ({
  opcode: 'microbit_whenButtonPressed',
  shape: 'hat',
  menus: { BTN: { menu: 'microbit_menu_buttons', field: 'buttons', value: button } },
});

/** @param {string} lights 25 digits, row by row @returns {Block} */
export const showOnMicrobit = (lights) => ({
  opcode: 'microbit_displaySymbol',
  shape: 'command',
  menus: { MATRIX: { menu: 'matrix', field: 'MATRIX', value: lights } },
});

/** @param {Value} TEXT @returns {Block} */
export const writeOnMicrobit = (TEXT) => ({
  opcode: 'microbit_displayText',
  shape: 'command',
  inputs: { TEXT },
});

/** @returns {Block} */
export const clearMicrobit = () => ({ opcode: 'microbit_displayClear', shape: 'command' });

/** @param {'front' | 'back' | 'left' | 'right'} direction @returns {Block} */
export const microbitTilt = (direction) => ({
  opcode: 'microbit_getTiltAngle',
  shape: 'reporter',
  menus: {
    DIRECTION: { menu: 'microbit_menu_tiltDirection', field: 'tiltDirection', value: direction },
  },
});

// Ours

/**
 * @param {string} opcode
 * @param {Block['shape']} shape
 * @param {Omit<Block, 'opcode' | 'shape'>} [slots]
 * @returns {Block}
 */
const mqtt = (opcode, shape, slots = {}) => ({ opcode: `scratchmqtt_${opcode}`, shape, ...slots });

/** @param {Value} BROKER */
export const connect = (BROKER) => mqtt('connect', 'command', { inputs: { BROKER } });
/** @param {Value} USER @param {Value} PASSWORD */
export const login = (USER, PASSWORD) => mqtt('login', 'command', { inputs: { USER, PASSWORD } });
export const disconnect = () => mqtt('disconnect', 'command');
/** @param {Value} ROOM */
export const setRoom = (ROOM) => mqtt('setRoom', 'command', { inputs: { ROOM } });
/** @param {Value} MESSAGE @param {Value} TOPIC */
export const publish = (MESSAGE, TOPIC) =>
  mqtt('publish', 'command', { inputs: { MESSAGE, TOPIC } });
/** @param {Value} MESSAGE @param {Value} TOPIC @param {'0' | '1' | '2'} qos @param {'no' | 'yes'} keep */
export const publishWith = (MESSAGE, TOPIC, qos, keep) =>
  mqtt('publishWith', 'command', {
    inputs: { MESSAGE, TOPIC },
    menus: {
      QOS: { menu: 'scratchmqtt_menu_QOS', field: 'QOS', value: qos },
      KEEP: { menu: 'scratchmqtt_menu_KEEP', field: 'KEEP', value: keep },
    },
  });
/** @param {Value} MESSAGE @param {Value} TOPIC @param {'no' | 'yes'} keep */
export const lastWill = (MESSAGE, TOPIC, keep) =>
  mqtt('lastWill', 'command', {
    inputs: { MESSAGE, TOPIC },
    menus: { KEEP: { menu: 'scratchmqtt_menu_KEEP', field: 'KEEP', value: keep } },
  });
/** @param {Value} TOPIC */
export const subscribe = (TOPIC) => mqtt('subscribe', 'command', { inputs: { TOPIC } });
/** @param {Value} TOPIC */
export const unsubscribe = (TOPIC) => mqtt('unsubscribe', 'command', { inputs: { TOPIC } });
/** @param {Value} TOPIC */
export const whenMessage = (TOPIC) => mqtt('whenMessage', 'hat', { inputs: { TOPIC } });
/** @param {'made' | 'lost' | 'refused' | 'name in use'} state */
export const whenConnection = (state) =>
  mqtt('whenConnection', 'hat', {
    menus: { STATE: { menu: 'scratchmqtt_menu_STATE', field: 'STATE', value: state } },
  });
/** @param {Value} NAME */
export const announce = (NAME) => mqtt('announce', 'command', { inputs: { NAME } });
/** @param {Value} LIST */
export const writeWhoIsHere = (LIST) => mqtt('whoIsHereToList', 'command', { inputs: { LIST } });
/** @param {Value} N */
export const topicPart = (N) => mqtt('topicPart', 'reporter', { inputs: { N } });
export const payload = () => mqtt('messagePayload', 'reporter');
export const topic = () => mqtt('messageTopic', 'reporter');
/** @param {Value} TOPIC */
export const lastMessage = (TOPIC) => mqtt('lastMessage', 'reporter', { inputs: { TOPIC } });
/** @param {Value} TOPIC */
export const messageWaiting = (TOPIC) => mqtt('messageWaiting', 'boolean', { inputs: { TOPIC } });
/** @param {Value} TOPIC */
export const nextMessage = (TOPIC) => mqtt('nextMessage', 'reporter', { inputs: { TOPIC } });
export const status = () => mqtt('status', 'reporter');
export const isConnected = () => mqtt('isConnected', 'boolean');
export const lastError = () => mqtt('lastError', 'reporter');
/** @param {string} info a value of the menu */
export const connectionInfo = (info) =>
  mqtt('connectionInfo', 'reporter', {
    menus: {
      INFO: {
        menu: 'scratchmqtt_menu_CONNECTION_INFO',
        field: 'CONNECTION_INFO',
        value: info,
      },
    },
  });

// Those of CodeLab's extension

/**
 * @param {string} opcode
 * @param {Block['shape']} shape
 * @param {Record<string, Value>} [inputs]
 * @returns {Block}
 */
const iot = (opcode, shape, inputs = {}) => ({ opcode: `iot_${opcode}`, shape, inputs });

/** @param {Value} mqtt_uri */
export const iotConnect = (mqtt_uri) => iot('connect_to_mqtt', 'command', { mqtt_uri });
export const iotIsConnected = () => iot('mqtt_is_connected', 'boolean');
/** @param {Value} name */
export const iotSubscribe = (name) => iot('subTopic', 'command', { topic: name });
/** @param {Value} name */
export const iotWhenMessage = (name) => iot('whenMessage', 'hat', { topic: name });
export const iotMessage = () => iot('getComingMessage', 'reporter');
/** @param {Value} name @param {Value} message */
export const iotPublish = (name, message) => iot('pubMessage', 'command', { topic: name, message });
