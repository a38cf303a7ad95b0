// @ts-check
// Scratch has no run-time errors: whatever is dropped into a slot, and whatever the client does, a
// block returns a text, a number, a yes or no, nothing, or a promise that does not reject.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MENUS } from '../../extension/blocks/menus.js';
import { BLOCKS, SEPARATOR } from '../../extension/blocks/palette.js';
import { makeBlocks, makeConnected } from './harness.js';

const unprintable = {
  toString() {
    throw new Error('cannot be a text');
  },
};

/** What a slot may hold. @type {unknown[]} */
const VALUES = [
  ...Object.values(MENUS).flatMap(({ values }) => values),
  '[1,{"a":null}]',
  '['.repeat(10_000),
  '',
  ' ',
  0,
  -1.5,
  NaN,
  Infinity,
  true,
  null,
  undefined,
  [],
  {},
  Symbol('symbol'),
  unprintable,
  '#',
  'a/#/b',
  '\u0000',
  '\ud800',
  'x'.repeat(65_536),
  'problem:host',
];

/** @type {any[]} */
const REAL_BLOCKS = BLOCKS.filter((block) => block !== SEPARATOR);

/** What the client does. @type {[string, () => Promise<any>][]} */
const CIRCUMSTANCES = [
  ['connected', () => makeConnected()],
  ['before the wasm module has started', () => makeBlocks({ isStarted: false })],
  ['in a sandbox', () => makeConnected({ runtime: null })],
  [
    'with a client that throws',
    async () => {
      const made = await makeConnected();
      made.client().failure = Object.assign(new Error('full'), { code: 'queue-full' });
      return made;
    },
  ],
  [
    'with a client that broke',
    async () => {
      const made = await makeConnected();
      const broken = new Proxy({}, { get: () => () => assert.fail('null pointer passed to rust') });
      made.bridge.client.mqtt = /** @type {any} */ (broken);
      return made;
    },
  ],
];

for (const [circumstance, make] of CIRCUMSTANCES) {
  for (const { opcode, blockType, arguments: args = {} } of REAL_BLOCKS) {
    test(`${opcode} never throws or rejects ${circumstance}`, async ({ mock }) => {
      mock.timers.enable({ apis: ['setTimeout'] });
      const { blocks } = await make();

      for (const value of VALUES) {
        const given = Object.fromEntries(Object.keys(args).map((name) => [name, value]));
        const answer = blocks[opcode](given, { thread: {} });
        mock.timers.runAll();
        assertScratchValue(blockType, await answer);
      }
    });
  }
}

test('the status tells of messages for which there is no room', async () => {
  const { blocks, client } = await makeConnected();
  client().failure = Object.assign(new Error('full'), { code: 'queue-full' });

  blocks.publish({ MESSAGE: 'hello', TOPIC: 'test' });

  assert.match(blocks.status(), /Too many messages are waiting to be sent/);
});

test('a payload that is not UTF-8 is shown as far as it can be', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'test' });

  client().deliver('test', new Uint8Array([0x68, 0x69, 0xff, 0xfe]));

  assert.equal(blocks.messagePayload({}), 'hi\ufffd\ufffd');
});

test('a byte order mark is part of the message', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'test' });

  client().deliver('test', '\ufeffhi');

  assert.equal(blocks.messagePayload({}), '\ufeffhi');
});

test('an empty payload is an empty text', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'test' });

  client().deliver('test', '');

  assert.equal(blocks.messagePayload({}), '');
});

/** @param {string} blockType @param {unknown} value */
function assertScratchValue(blockType, value) {
  const expected = {
    command: ['undefined'],
    reporter: ['string', 'number', 'boolean'],
    Boolean: ['boolean'],
    hat: ['boolean'],
  };
  assert.ok(expected[/** @type {keyof typeof expected} */ (blockType)].includes(typeof value));
}
