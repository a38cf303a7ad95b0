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
  publishWith: [
    'command',
    {
      MESSAGE: ['string'],
      TOPIC: ['string'],
      QOS: ['string', 'QOS'],
      KEEP: ['string', 'KEEP'],
    },
  ],
};

const FROZEN_MENUS = { QOS: ['0', '1', '2'], KEEP: ['no', 'yes'] };

const FROZEN_MENU_DEFAULTS = { QOS: '0', KEEP: 'no' };

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

  const { QOS, KEEP } = blocks.getInfo().menus;

  assert.deepEqual([QOS.acceptReporters, KEEP.acceptReporters], [true, true]);
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
  const args = blocksOnly(blocks).flatMap((block) => Object.values(block.arguments));
  const withMenu = args.filter(({ menu }) => menu);
  return Object.fromEntries(withMenu.map(({ menu, defaultValue }) => [menu, defaultValue]));
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

/** @param {any[]} blocks @returns {any[]} */
const blocksOnly = (blocks) => blocks.filter((block) => typeof block === 'object');
