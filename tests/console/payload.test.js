// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_FIELDS, fieldsOf, numberAt } from '../../www/console/model/json-fields.js';
import { keptOf } from '../../www/console/model/message-log.js';
import { contentOf, toSend } from '../../www/console/model/payload.js';
import { searchFor } from '../../www/console/model/search.js';
import { message } from './messages.js';

/** @typedef {import('../../www/console/model/payload.js').Format} Format */

/** @param {string | number[]} payload @param {Format | 'auto'} format @param {number} [most] */
const content = (payload, format, most) =>
  contentOf(keptOf(message('t', payload), 0), format, most);

for (const [payload, as] of /** @type {[string | number[], string][]} */ ([
  ['hello', 'text'],
  ['', 'text'],
  [' 21.5\n', 'number'],
  ['-1e3', 'number'],
  ['21.5 °C', 'text'],
  ['0x10', 'text'],
  ['{"a":1}', 'json'],
  [' [1]', 'json'],
  ['{"a":', 'text'],
  ['"a"', 'text'],
  [[0xff, 0], 'hex'],
])) {
  test(`${JSON.stringify(payload)} looks like ${as}`, () => {
    assert.equal(content(payload, 'auto')?.as, as);
  });
}

test('what a message is not, it is not shown as', () => {
  assert.equal(content('hello', 'number'), null);
  assert.equal(content('hello', 'json'), null);
  assert.equal(content([0xff], 'text'), null);
  assert.deepEqual(content('é', 'hex'), { as: 'hex', hex: 'c3 a9', more: 0 });
});

test('a long text is cut, not in the middle of a letter, and what follows is counted', () => {
  assert.deepEqual(content(`x${'é'.repeat(10)}`, 'text', 4), { as: 'text', text: 'xé', more: 17 });
  assert.deepEqual(content('ab', 'auto', 4), { as: 'text', text: 'ab', more: 0 });
});

test('of a payload that was cut nothing is taken for a number or JSON', () => {
  assert.equal(content('1'.repeat(70_000), 'auto', 10)?.as, 'text');
  assert.equal(content(`[${'1,'.repeat(40_000)}1]`, 'json'), null);
});

test('JSON that is nested too deeply is text', () => {
  assert.equal(content('['.repeat(20_000) + ']'.repeat(20_000), 'auto', 10)?.as, 'text');
});

for (const [text, format, expected] of /** @type {[string, Format, unknown][]} */ ([
  ['hello', 'text', 'hello'],
  [' 21.5 ', 'number', '21.5'],
  ['21,5', 'number', null],
  ['', 'number', null],
  ['{"a": 1.0}', 'json', '{"a": 1.0}'],
  ['{a: 1}', 'json', null],
  ['ff 00', 'hex', new Uint8Array([0xff, 0])],
  ['f', 'hex', null],
])) {
  test(`${JSON.stringify(text)} as ${format} is sent as ${expected}`, () => {
    assert.deepEqual(toSend(text, format), expected);
  });
}

test('the fields of JSON have the paths that blocks take, and the digits that were sent', () => {
  const found = content('{"b":1.0,"a":[{"c":12345678901234567890},"x"],"n":null,"e":{}}', 'json');
  assert.ok(found?.as === 'json');

  const { fields, more } = fieldsOf(found.tree);

  assert.deepEqual(
    fields.map(({ name, text, level, isNumber }) => [name, text, level, isNumber]),
    [
      ['b', '1.0', 1, true],
      ['a', '', 1, false],
      ['a[0]', '', 2, false],
      ['a[0].c', '12345678901234567890', 3, true],
      ['a[1]', '"x"', 2, false],
      ['n', 'null', 1, false],
      ['e', '{}', 1, false],
    ],
  );
  assert.equal(more, 0);
});

test('of very many fields some are shown', () => {
  const found = content(JSON.stringify(Array(1_000).fill(1)), 'json');
  assert.ok(found?.as === 'json');

  const { fields, more } = fieldsOf(found.tree);

  assert.equal(fields.length, MOST_FIELDS);
  assert.equal(more, 1_000 - MOST_FIELDS);
});

test('a number is found by its path', () => {
  const json = '{"a":[{"c":21.5}],"s":"1","__proto__":2}';

  assert.equal(numberAt(json, ['a', 0, 'c']), 21.5);
  assert.equal(numberAt(json, ['a', 1, 'c']), null);
  assert.equal(numberAt(json, ['s']), null);
  assert.equal(numberAt(json, ['s', 'length']), null);
  assert.equal(numberAt('{', ['a']), null);
  assert.equal(numberAt('null', ['a']), null);
});

const matches = (/** @type {string} */ filter, /** @type {string} */ topic) =>
  filter === 'a/+' && topic === 'a/b';

test('a search without text finds everything', () => {
  assert.equal(searchFor('  ', matches), null);
});

test('a text is searched in topics and messages, in large and small letters', () => {
  const search = searchFor('Room', matches);

  assert.equal(search?.topic('class/room1'), true);
  assert.equal(search?.topic('class'), false);
  assert.equal(search?.message(keptOf(message('t', 'my ROOM'), 0)), true);
  assert.equal(search?.message(keptOf(message('t', [0xff]), 0)), false);
});

test('a filter is matched as MQTT does it', () => {
  const search = searchFor('a/+', matches);

  assert.equal(search?.topic('a/b'), true);
  assert.equal(search?.topic('x/a/+'), false);
  assert.equal(search?.message(keptOf(message('a/b'), 0)), true);
});
