// @ts-check
// What saved projects hold. Nothing here may ever change or go: a new need is a new block, and this
// list only grows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBlocks } from './harness.js';

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

/** The hosts among which projects travel. */
const HOSTS = {
  'the official editor': {},
  'a sandbox': { runtime: null },
  'a Chinese TurboWarp': { scratch: { translate: { language: 'zh-cn' } } },
  'a page with its own broker': {
    page: { scratchMqttDefaults: { broker: 'ws://localhost:8000/mqtt' } },
  },
};

for (const [name, host] of Object.entries(HOSTS)) {
  test(`in ${name} the frozen blocks are all there`, async () => {
    const { blocks } = await makeBlocks({ ...host, isStarted: false });

    const info = blocks.getInfo();

    assert.equal(info.id, FROZEN_ID);
    assert.deepEqual(frozenPart(info.blocks), FROZEN_BLOCKS);
    assert.deepEqual(valuesOf(info.menus), FROZEN_MENUS);
    assert.deepEqual(menuDefaults(info.blocks), FROZEN_MENU_DEFAULTS);
  });
}

test('menus take reporters, which saved projects hold as shadow blocks', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });

  const menus = Object.values(blocks.getInfo().menus);

  assert.ok(menus.every(({ acceptReporters }) => acceptReporters));
});

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
