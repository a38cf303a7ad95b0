// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOCALES } from '../../extension/locales/index.js';
import { COVER } from '../../extension/blocks/icon.js';
import { docsBeside } from '../../extension/editors/support/environment.js';
import { Cast, makeBlocks } from './harness.js';

/** @param {any} [editor] @returns {Promise<any[]>} */
const palette = async (editor) =>
  (await makeBlocks({ ...editor, isStarted: false })).blocks.getInfo().blocks;

/** @param {any[]} blocks @param {string} opcode */
const find = (blocks, opcode) => blocks.find((block) => block.opcode === opcode);

test('every block has a method, and a text with each of its arguments once', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });

  for (const block of /** @type {any[]} */ (blocks.getInfo().blocks)) {
    if (block === '---') continue;
    assert.equal(typeof (/** @type {any} */ (blocks)[block.opcode]), 'function', block.opcode);
    assert.deepEqual(
      [...block.text.matchAll(/\[(\w+)\]/g)].map(([, name]) => name).sort(),
      Object.keys(block.arguments).sort(),
    );
  }
});

for (const hat of ['whenMessage', 'whenConnection']) {
  test(`where a runtime starts the scripts, ${hat} is not edge-activated`, async () => {
    assert.equal(find(await palette({}), hat).isEdgeActivated, false);
  });

  test(`in a sandbox ${hat} is edge-activated`, async () => {
    assert.equal(find(await palette({ runtime: null }), hat).isEdgeActivated, true);
  });
}

/** Letters that take as much room as two others. */
const WIDE = /[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]/g;

/** A sandbox whose editor runs hats that answer later, as TurboWarp does since it offers casts. */
const MODERN_SANDBOX = { runtime: null, scratch: { Cast } };

for (const [where, editor] of Object.entries({
  'with a runtime': {},
  'in a sandbox with casts': MODERN_SANDBOX,
})) {
  test(`${where} the palette shows the hats, and no note`, async () => {
    const blocks = await palette(editor);

    assert.ok(!find(blocks, 'whenMessage').hideFromPalette);
    assert.equal(blocks[0].opcode, 'connect');
  });
}

for (const locale of Object.keys(LOCALES)) {
  test(`a sandbox in which hats hang hides them, and says so in ${locale}`, async () => {
    const blocks = await palette({ runtime: null, page: { navigator: { language: locale } } });

    const notes = blocks.filter(({ blockType }) => blockType === 'button');
    const hats = blocks.filter(({ blockType }) => blockType === 'hat');
    assert.ok(notes.length > 1);
    assert.deepEqual(blocks.slice(0, notes.length), notes);
    // They become an attribute of XML, unescaped, and what is too long is cut off.
    for (const { text } of notes) assert.match(text.replace(WIDE, 'xx'), /^[^<>"&]{1,36}$/);
    assert.equal(hats.length, 2);
    assert.ok(hats.every(({ hideFromPalette }) => hideFromPalette));
  });
}

test('the default broker is the public one', async () => {
  const { BROKER } = find(await palette(), 'connect').arguments;

  assert.equal(BROKER.defaultValue, 'mqtt.longan.link');
});

test('a page may name the default broker', async () => {
  const page = { scratchMqttDefaults: { broker: 'ws://localhost:8000/mqtt' } };

  const { BROKER } = find(await palette({ page }), 'connect').arguments;

  assert.equal(BROKER.defaultValue, 'ws://localhost:8000/mqtt');
});

test('texts follow the language of the editor when it changes', async () => {
  let locale = 'en';
  const scratch = { vm: { getLocale: () => locale } };
  const { blocks } = await makeBlocks({ scratch, isStarted: false });
  const textOf = () => find(/** @type {any[]} */ (blocks.getInfo().blocks), 'disconnect').text;

  assert.equal(textOf(), 'disconnect');
  locale = 'zh-tw';
  assert.equal(textOf(), '中斷連線');
  locale = 'nl';
  assert.equal(textOf(), 'verbreek verbinding');
  locale = 'xx';
  assert.equal(textOf(), 'disconnect');
});

test('the page about the blocks stands beside the script, where that has an address', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });

  assert.equal(
    docsBeside('http://localhost:8000/mqtt.js'),
    'http://localhost:8000/docs/reference/blocks.html',
  );
  assert.equal(
    docsBeside('https://school.test/v/1/mqtt.js?from=/a/b#c'),
    'https://school.test/v/1/docs/reference/blocks.html',
  );
  assert.equal(docsBeside(null), null);
  assert.ok(!('docsURI' in blocks.getInfo()), 'these tests load the extension from a file');
});

test('the icons need no network', async () => {
  const { menuIconURI, blockIconURI } = (await makeBlocks({ isStarted: false })).blocks.getInfo();

  assert.match(menuIconURI, /^data:image\/svg\+xml,/);
  assert.match(blockIconURI, /^data:image\/svg\+xml,/);
});

test('the icons can stand in url() without quotes, as classic editors write them', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });
  const { menuIconURI, blockIconURI } = blocks.getInfo();

  for (const icon of [menuIconURI, blockIconURI, COVER]) {
    assert.doesNotMatch(icon, /[\s"'()\\]/);
    assert.match(decodeURIComponent(icon), /^data:image\/svg\+xml,<svg .*<\/svg>$/);
  }
  assert.match(COVER, /translate%28/);
});

test('the icon has a ground of its own, in the color of the blocks: high contrast gives them another', async () => {
  const { blocks } = await makeBlocks({ isStarted: false });
  const { blockIconURI, color1 } = blocks.getInfo();

  const [, ground, waves] =
    /<rect [^>]*fill="(#\w+)".*stroke="#(\w+)"/.exec(decodeURIComponent(blockIconURI)) ?? [];

  assert.equal(ground, color1);
  assert.equal(waves, 'fff');
});

test('no color of the category lets white text fade', async () => {
  const { color1, color2, color3 } = (await makeBlocks({ isStarted: false })).blocks.getInfo();

  for (const color of [color1, color2, color3]) assert.ok(contrastWithWhite(color) > 4.5, color);
});

test('loading the palette starts no wasm module', async () => {
  const { blocks, loads } = await makeBlocks({ isStarted: false });

  blocks.getInfo();
  blocks.isConnected();
  blocks.status();

  assert.equal(loads(), 0);
});

/** @param {string} color #rrggbb */
function contrastWithWhite(color) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
