// @ts-check
// The switch in the palette: the blocks for a first lesson, or all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGINNER_BLOCKS } from '../../extension/blocks/beginner-blocks.js';
import { BLOCKS } from '../../extension/blocks/palette.js';
import { makeBlocks } from './harness.js';

const FIRST = BEGINNER_BLOCKS.map(({ opcode }) => opcode);
const ALL = BLOCKS.flatMap((block) => (typeof block === 'string' ? [] : [block.opcode]));
const PAGE = { HTMLDialogElement: class {}, document: {} };

/** An editor with buttons that work; the blocks it shows. */
async function palette({ page = PAGE, canRefresh = true, hasButtons = true } = {}) {
  let refreshed = 0;
  /** @type {(() => void)[]} */
  const loaded = [];
  const runtime = {
    threads: [],
    targets: /** @type {any[]} */ ([]),
    _step() {},
    on: (/** @type {string} */ event, /** @type {() => void} */ listener) => {
      if (event === 'PROJECT_LOADED') loaded.push(listener);
    },
    ...(hasButtons && { handleExtensionButtonPress() {} }),
  };
  const extensionManager = canRefresh ? { refreshBlocks: () => void (refreshed += 1) } : {};
  const scratch = { vm: { runtime, extensionManager } };
  const { blocks } = await makeBlocks({ page, runtime, scratch, isStarted: false });
  const info = () => /** @type {any[]} */ (blocks.getInfo().blocks);
  return {
    blocks,
    shown: () => info().flatMap((one) => (one.opcode && !one.hideFromPalette ? [one.opcode] : [])),
    registered: () => info().flatMap((one) => one.opcode ?? []),
    buttons: () => info().flatMap((one) => one.func ?? []),
    lines: () => info().filter((one) => one === '---').length,
    refreshed: () => refreshed,
    /** @param {string[]} opcodes of the blocks in a project that is opened */
    open: (...opcodes) => {
      const getScripts = () => [];
      const _blocks = Object.fromEntries(opcodes.map((opcode, at) => [`block ${at}`, { opcode }]));
      runtime.targets = [
        { id: 'stage', blocks: { getScripts } },
        { id: 'cat', blocks: { getScripts, _blocks } },
      ];
      for (const listener of loaded) listener();
    },
  };
}

test('the first lesson has nine blocks, and subscribing is not one of them: hats do it by themselves', () => {
  assert.equal(FIRST.length, 9);
  assert.ok(!FIRST.includes(/** @type {any} */ ('subscribe')));
});

test('the palette shows the first blocks and a button; the others are there for projects', async () => {
  const { shown, registered, buttons, lines } = await palette();

  assert.deepEqual(shown(), FIRST);
  assert.deepEqual(registered(), ALL);
  assert.deepEqual(buttons(), ['switchMore']);
  assert.equal(lines(), 0);
});

test('the button shows all blocks, and hides them again', async () => {
  const { blocks, shown, buttons, lines, refreshed } = await palette();

  blocks.switchMore();

  assert.equal(refreshed(), 1);
  assert.deepEqual(shown(), ALL);
  assert.deepEqual(buttons(), ['switchMore', 'showLogin']);
  assert.equal(lines(), BLOCKS.length - ALL.length);

  blocks.switchMore();

  assert.equal(refreshed(), 2);
  assert.deepEqual(shown(), FIRST);
});

test('a project that uses one of the other blocks shows them all', async () => {
  const { shown, refreshed, open } = await palette();

  open('motion_movesteps', ...FIRST.map((opcode) => `scratchmqtt_${opcode}`));
  assert.deepEqual(shown(), FIRST);
  open('scratchmqtt_lastWill');

  assert.deepEqual(shown(), ALL);
  assert.equal(refreshed(), 1);
  open('scratchmqtt_lastWill');
  assert.equal(refreshed(), 1, 'they are shown already');
});

test('a menu in a slot is a block for Scratch, and none of ours', async () => {
  const { shown, open } = await palette();

  open('scratchmqtt_menu_QOS');

  assert.deepEqual(shown(), FIRST);
});

for (const [what, editor] of /** @type {[string, Parameters<typeof palette>[0]][]} */ ([
  ['whose buttons do nothing', { hasButtons: false }],
  ['that asks for the blocks only once', { canRefresh: false }],
  ['without dialogs', { page: /** @type {any} */ ({}) }],
])) {
  test(`all blocks are shown by an editor ${what}`, async () => {
    const { shown, buttons } = await palette(editor);

    assert.deepEqual(shown(), ALL);
    assert.ok(!buttons().includes('switchMore'));
  });
}
