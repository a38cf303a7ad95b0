// @ts-check
// What saved projects hold. Nothing here may ever change or go: a new need is a new block, and this
// list only grows.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { IotBlocks } from '../../extension/iot/extension.js';
import { makeBlocks, turn } from './harness.js';
import { playProject } from './project.js';

const FROZEN_ID = 'scratchmqtt';

/** Opcode, type, and the arguments: name, type, menu. */
const FROZEN_BLOCKS = {
  connect: ['command', { BROKER: ['string'] }],
  setRoom: ['command', { ROOM: ['string'] }],
  publish: ['command', { MESSAGE: ['string'], TOPIC: ['string'] }],
  subscribe: ['command', { TOPIC: ['string'] }],
  whenMessage: ['hat', { TOPIC: ['string'] }],
  messagePayload: ['reporter', {}],
  messageTopic: ['reporter', {}],
  isConnected: ['Boolean', {}],
  status: ['reporter', {}],
  disconnect: ['command', {}],
  unsubscribe: ['command', { TOPIC: ['string'] }],
  login: ['command', { USER: ['string'], PASSWORD: ['string'] }],
  lastMessage: ['reporter', { TOPIC: ['string'] }],
  messageWaiting: ['Boolean', { TOPIC: ['string'] }],
  nextMessage: ['reporter', { TOPIC: ['string'] }],
  publishWith: [
    'command',
    {
      MESSAGE: ['string'],
      TOPIC: ['string'],
      QOS: ['string', 'QOS'],
      KEEP: ['string', 'KEEP'],
    },
  ],
  topicPart: ['reporter', { N: ['number'] }],
  numberIn: ['reporter', { N: ['number'], TEXT: ['string'] }],
  jsonGet: ['reporter', { PATH: ['string'], JSON: ['string'] }],
  jsonSet: ['reporter', { JSON: ['string'], PATH: ['string'], VALUE: ['string'] }],
  messageKept: ['Boolean', {}],
  messageInfo: ['reporter', { INFO: ['string', 'MESSAGE_INFO'] }],
  publishBytes: ['command', { HEX: ['string'], TOPIC: ['string'] }],
  removeKept: ['command', { TOPIC: ['string'] }],
  subscribeWith: ['command', { TOPIC: ['string'], QOS: ['string', 'QOS'] }],
  handling: ['command', { MODE: ['string', 'MODE'] }],
  clientName: ['command', { NAME: ['string'] }],
  lastWill: ['command', { MESSAGE: ['string'], TOPIC: ['string'], KEEP: ['string', 'KEEP'] }],
  whenConnection: ['hat', { STATE: ['string', 'STATE'] }],
  lastError: ['reporter', {}],
  connectionInfo: ['reporter', { INFO: ['string', 'CONNECTION_INFO'] }],
  fullTopic: ['reporter', { TOPIC: ['string'] }],
  publishLimit: ['command', { N: ['number'] }],
  lastMessages: ['reporter', { N: ['number'], TOPIC: ['string'] }],
  lastMessagesToList: ['command', { N: ['number'], TOPIC: ['string'], LIST: ['string'] }],
  jsonToList: ['command', { JSON: ['string'], LIST: ['string'] }],
  listToJson: ['reporter', { LIST: ['string'] }],
  announce: ['command', { NAME: ['string'] }],
  whoIsHere: ['reporter', {}],
  isHere: ['Boolean', { NAME: ['string'] }],
  whoIsHereToList: ['command', { LIST: ['string'] }],
};

const FROZEN_MENUS = {
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
    'version',
  ],
};

const FROZEN_MENU_DEFAULTS = {
  'publishWith QOS': '0',
  'publishWith KEEP': 'no',
  'messageInfo MESSAGE_INFO': 'age in seconds',
  'subscribeWith QOS': '1',
  'handling MODE': 'one by one',
  'lastWill KEEP': 'yes',
  'whenConnection STATE': 'made',
  'connectionInfo CONNECTION_INFO': 'broker',
};

/** The types of all other defaults: a saved project may rely on a number. */
const FROZEN_NUMBERS = [
  'topicPart N',
  'numberIn N',
  'lastMessages N',
  'lastMessagesToList N',
  'publishLimit N',
];

/** CodeLab's extension of 2019: its id, opcodes, types, argument names and defaults. */
const FROZEN_IOT = {
  connect_to_mqtt: [
    'command',
    { mqtt_uri: ['string', 'wss://guest:test@iot.codelab.club:8084/mqtt'] },
  ],
  mqtt_is_connected: ['Boolean', {}],
  subTopic: ['command', { topic: ['string', '/scratch3_sub'] }],
  whenMessage: ['hat', { topic: ['string', '/scratch3_sub'] }],
  getComingMessage: ['reporter', {}],
  pubMessage: ['command', { topic: ['string', '/scratch3_pub'], message: ['string', 'hello'] }],
};

/** What the hats of the saved project saw. */
const RECEIVED = ['iot_whenMessage=2', 'scratchmqtt_whenConnection=2', 'scratchmqtt_whenMessage=1'];

/** How old a message is. */
const VARYING = 'scratchmqtt_messageInfo=';

/** What its reporters said, when all its commands were done. */
const SEEN = [
  'iot_getComingMessage=',
  'iot_mqtt_is_connected=false',
  'scratchmqtt_connectionInfo=wss://mqtt.longan.link:8084/mqtt',
  'scratchmqtt_fullTopic=hello/test',
  'scratchmqtt_isConnected=true',
  'scratchmqtt_jsonGet=21.5',
  'scratchmqtt_jsonSet={"temp":21.5}',
  'scratchmqtt_lastError=',
  'scratchmqtt_lastMessage=',
  'scratchmqtt_messageKept=false',
  'scratchmqtt_messagePayload=2',
  'scratchmqtt_messageTopic=/scratch3_sub',
  'scratchmqtt_messageWaiting=false',
  'scratchmqtt_nextMessage=',
  'scratchmqtt_numberIn=21.5',
  'scratchmqtt_status=Connected to wss://mqtt.longan.link:8084/mqtt.',
  'scratchmqtt_topicPart=scratch3_sub',
];

const GUEST = { username: 'guest', password: 'test' };

/** What its commands asked of the client. */
const CALLS = [
  ['connect', { url: ['wss://iot.codelab.club:8084/mqtt'], ...GUEST }],
  ['publish', '/scratch3_pub', 'hello', 0, false],
  ['connect', { url: ['wss://mqtt.longan.link:8084/mqtt'], ...GUEST }],
  ['unsubscribe', 'test', 1],
  ['publish', 'hello/test', 'hello', 0, false],
  ['publish', 'hello/test', 'hello', 0, false],
  ['publish', 'hello/test', new Uint8Array([0xff, 0, 0x80]), 0, false],
  ['publish', 'hello/test', '', 0, true],
  ['unsubscribe', 'hello/test'],
  ['setPublishRate', { perSecond: 20, burst: 20, excess: 'wait' }],
  ['disconnect'],
];

/** What each saved project did, and its commands asked of the client, besides subscriptions. @type {Record<string, object>} */
const SAVED = {
  'blocks-1.json': { received: RECEIVED, seen: SEEN, calls: CALLS },
  'blocks-2.json': {
    received: [],
    seen: [
      'scratchmqtt_isHere=false',
      'scratchmqtt_lastMessages=[]',
      'scratchmqtt_listToJson=[1,2,3]',
      'scratchmqtt_whoIsHere=',
    ],
    calls: [['publish', 'Ada/status', 'online', 1, true]],
  },
};

/** The editors among which projects travel. */
const EDITORS = {
  'the official editor': {},
  'a sandbox': { runtime: null },
  'a Chinese TurboWarp': { scratch: { translate: { language: 'zh-cn' } } },
  'a page with buttons': {
    page: { HTMLDialogElement: class {}, document: {} },
    runtime: { threads: [], targets: [], _step() {}, handleExtensionButtonPress() {} },
  },
  'a page with its own broker': {
    page: { scratchMqttDefaults: { broker: 'ws://localhost:8000/mqtt' } },
  },
};

for (const [name, editor] of Object.entries(EDITORS)) {
  test(`in ${name} the frozen blocks are all there`, async () => {
    const { blocks } = await makeBlocks({ ...editor, isStarted: false });

    const info = blocks.getInfo();

    assert.equal(info.id, FROZEN_ID);
    assert.deepEqual(frozenPart(info.blocks), FROZEN_BLOCKS);
    assert.deepEqual(valuesOf(info.menus), FROZEN_MENUS);
    assert.deepEqual(menuDefaults(info.blocks), FROZEN_MENU_DEFAULTS);
    assert.deepEqual(defaultsOfType(info.blocks, 'number'), FROZEN_NUMBERS);
  });

  test(`in ${name} the blocks of CodeLab are as they were`, async () => {
    const { bridge } = await makeBlocks({ ...editor, isStarted: false });

    const { blocks, id, menus } = new IotBlocks(bridge).getInfo();

    assert.equal(id, 'iot');
    assert.deepEqual(menus, {});
    // A note is no block.
    const real = blocks.filter(({ blockType }) => blockType !== 'button');
    assert.deepEqual(withDefaults(real), FROZEN_IOT);
  });
}

test('the English texts of CodeLab are as they were', async () => {
  const { bridge } = await makeBlocks({ isStarted: false });

  const { blocks, name } = new IotBlocks(bridge).getInfo();

  assert.equal(name, 'IoT');
  assert.deepEqual(
    blocks.map(({ text }) => text),
    [
      'Connect To [mqtt_uri]',
      'is connected?',
      'subscribe Topic[topic]',
      'When Topic[topic] Message Receive',
      'received message',
      'publish Topic[topic] Message[message]',
    ],
  );
});

test('the nine blocks for beginners stand above the separator', async () => {
  const { blocks } = /** @type {any} */ ((await makeBlocks({ isStarted: false })).blocks.getInfo());

  assert.deepEqual(
    blocks.slice(0, blocks.indexOf('---')).map((/** @type {any} */ { opcode }) => opcode),
    [
      'connect',
      'setRoom',
      'publish',
      'whenMessage',
      'messagePayload',
      'messageTopic',
      'lastMessage',
      'isConnected',
      'status',
    ],
  );
});

test('below them stand the groups for messages, for lists, for a class and for the connection', async () => {
  const { blocks } = /** @type {any} */ ((await makeBlocks({ isStarted: false })).blocks.getInfo());

  const groups = blocks
    .map((/** @type {any} */ block) => block.opcode ?? '|')
    .join(' ')
    .split(' | ');

  assert.deepEqual(groups.slice(1), [
    'subscribe messageWaiting nextMessage topicPart numberIn jsonGet jsonSet messageKept messageInfo publishWith publishBytes' +
      ' removeKept subscribeWith unsubscribe handling',
    'lastMessages lastMessagesToList jsonToList listToJson',
    'announce whoIsHere isHere whoIsHereToList',
    'login clientName lastWill disconnect whenConnection lastError connectionInfo fullTopic publishLimit',
  ]);
});

test('menus take reporters, which saved projects hold as shadow blocks', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });

  const menus = Object.values(blocks.getInfo().menus);

  assert.ok(menus.every(({ acceptReporters }) => acceptReporters));
});

const folder = new URL('projects/', import.meta.url);
const saved = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there is a saved project with every block', () => {
  const texts = saved.map((name) => readFileSync(new URL(name, folder), 'utf8')).join();
  const opcodes = [
    ...Object.keys(FROZEN_BLOCKS).map((opcode) => `${FROZEN_ID}_${opcode}`),
    ...Object.keys(FROZEN_IOT).map((opcode) => `iot_${opcode}`),
  ];

  const missing = opcodes.filter((opcode) => !texts.includes(`"opcode": "${opcode}"`));

  assert.deepEqual(missing, [], 'see tests/extension/projects/make.js');
});

test('it is known what each saved project does', () => {
  assert.deepEqual(saved, Object.keys(SAVED));
});

for (const [name, expected] of Object.entries(SAVED)) {
  test(`the project ${name} loads, and each of its blocks does something`, async () => {
    const play = await playProject(
      {},
      { hasIot: true, file: readFileSync(new URL(name, folder), 'utf8') },
    );
    const client = play.client();

    play.vm.greenFlag();
    play.frames(2);
    client.deliver('test', '1');
    client.deliver('/scratch3_sub', '2');
    play.frames(2);
    client.accept('me');
    await turn();
    play.frames(10);

    assert.deepEqual(
      {
        received: play.list('received').sort(),
        seen: play
          .list()
          .filter((line) => !line.startsWith(VARYING))
          .sort(),
        calls: client.calls.filter(([verb]) => verb !== 'subscribe'),
      },
      expected,
    );
  });
}

/** @param {any[]} blocks @param {string} wanted @returns {string[]} */
const defaultsOfType = (blocks, wanted) =>
  blocksOnly(blocks).flatMap(({ opcode, arguments: args }) =>
    Object.entries(args)
      .filter(([, { type }]) => type === wanted)
      .map(([name]) => `${opcode} ${name}`),
  );

/** @param {any[]} blocks */
const withDefaults = (blocks) =>
  Object.fromEntries(
    blocks.map(({ opcode, blockType, arguments: args }) => [
      opcode,
      [
        blockType,
        Object.fromEntries(
          Object.entries(args).map(([name, { type, defaultValue }]) => [
            name,
            [type, defaultValue],
          ]),
        ),
      ],
    ]),
  );

/** @param {any[]} blocks */
function frozenPart(blocks) {
  return Object.fromEntries(
    blocksOnly(blocks).map(({ opcode, blockType, arguments: args }) => [
      opcode,
      [
        blockType,
        Object.fromEntries(
          Object.entries(args).map(([name, { type, menu }]) => [
            name,
            menu ? [type, menu] : [type],
          ]),
        ),
      ],
    ]),
  );
}

/** @param {any[]} blocks */
function menuDefaults(blocks) {
  return Object.fromEntries(
    blocksOnly(blocks).flatMap(({ opcode, arguments: args }) =>
      Object.values(args)
        .filter(({ menu }) => menu)
        .map(({ menu, defaultValue }) => [`${opcode} ${menu}`, defaultValue]),
    ),
  );
}

/** @param {Record<string, any>} menus */
function valuesOf(menus) {
  return Object.fromEntries(
    Object.entries(menus).map(([name, { items }]) => [
      name,
      items.map((/** @type {any} */ { value }) => value),
    ]),
  );
}

/** Without lines and buttons, which no project holds. @param {any[]} blocks @returns {any[]} */
const blocksOnly = (blocks) => blocks.filter(({ opcode }) => opcode);
