// @ts-check
// Arguments are what a pupil drops into a slot: texts, numbers, booleans, lists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeConnected } from './harness.js';

/** What reaches the client when a value is published. @param {unknown} MESSAGE @param {any} [editor] */
async function published(MESSAGE, editor) {
  const { blocks, client } = await makeConnected(editor);
  blocks.publish({ MESSAGE, TOPIC: 'test' });
  return client().asked('publish')[0][1];
}

for (const [value, expected] of /** @type {[unknown, string][]} */ ([
  ['hello', 'hello'],
  ['', ''],
  [21.5, '21.5'],
  [-0, '0'],
  [true, 'true'],
  [NaN, 'NaN'],
  ['é 中文 😀', 'é 中文 😀'],
  [undefined, 'undefined'],
  [null, 'null'],
])) {
  test(`the message ${String(value) || '(empty)'} is published as a text`, async () => {
    assert.equal(await published(value), expected);
  });
}

test('the cast of the editor is used where there is one', async () => {
  const scratch = { Cast: { toString: () => 'cast by the editor', toBoolean: () => true } };

  assert.equal(await published('hello', { scratch }), 'cast by the editor');
});

for (const [QOS, qos] of /** @type {[unknown, number][]} */ ([
  ['0', 0],
  ['1', 1],
  [2, 2],
  ['3', 0],
  ['', 0],
  [1.5, 0],
  ['two', 0],
])) {
  test(`QoS ${String(QOS) || '(empty)'} means ${qos}`, async () => {
    const { blocks, client } = await makeConnected();

    blocks.publishWith({ MESSAGE: 'hello', TOPIC: 'test', QOS, KEEP: 'no' });

    assert.deepEqual(client().asked('publish'), [['test', 'hello', qos, false]]);
  });
}

for (const [KEEP, retain] of /** @type {[unknown, boolean][]} */ ([
  ['yes', true],
  [true, true],
  ['true', true],
  [1, true],
  ['no', false],
  [false, false],
  ['', false],
  ['nee', false],
])) {
  test(`keep ${JSON.stringify(KEEP)} means ${retain}`, async () => {
    const { blocks, client } = await makeConnected();

    blocks.publishWith({ MESSAGE: 'hello', TOPIC: 'test', QOS: '0', KEEP });

    assert.deepEqual(client().asked('publish'), [['test', 'hello', 0, retain]]);
  });
}
