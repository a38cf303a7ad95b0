// @ts-check
// What the console writes into files and into the browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOf } from '../../www/console/model/export.js';
import { keptOf } from '../../www/console/model/message-log.js';
import {
  MOST_BROKERS,
  SavedBrokers,
  remember,
  rememberedIn,
} from '../../www/console/model/saved.js';
import { message } from './messages.js';

/** @param {[string, string | number[]][]} messages @param {'csv' | 'json'} kind */
const fileOf = (messages, kind) =>
  [
    ...piecesOf(
      messages.map(([topic, payload]) => keptOf(message(topic, payload), 0)),
      kind,
    ),
  ].join('');

test('CSV has a line for each message, with what a spreadsheet needs', () => {
  assert.equal(
    fileOf(
      [
        ['a/b', 'x,"y"\nz'],
        ['t', '-21.5'],
        ['t', [0xff, 0]],
      ],
      'csv',
    ),
    '\ufefftime,topic,qos,retain,bytes,encoding,payload\r\n' +
      '1970-01-01T00:00:00.000Z,a/b,0,false,7,text,"x,""y""\nz"\r\n' +
      '1970-01-01T00:00:00.000Z,t,0,false,5,text,-21.5\r\n' +
      '1970-01-01T00:00:00.000Z,t,0,false,2,hex,ff 00\r\n',
  );
});

for (const payload of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1']) {
  test(`${JSON.stringify(payload)} is no formula in a spreadsheet`, () => {
    assert.match(fileOf([['t', payload]], 'csv'), /,text,'/);
  });
}

test('JSON is a list that can be read again', () => {
  const file = fileOf(
    [
      ['t', 'é"'],
      ['u', [0xff]],
    ],
    'json',
  );

  const read = JSON.parse(file);

  assert.deepEqual(read[0], {
    time: '1970-01-01T00:00:00.000Z',
    topic: 't',
    qos: 0,
    retain: false,
    bytes: 3,
    encoding: 'text',
    payload: 'é"',
  });
  assert.equal(read[1].payload, 'ff');
});

test('files without messages are right too', () => {
  assert.deepEqual(JSON.parse(fileOf([], 'json')), []);
  assert.match(fileOf([], 'csv'), /payload\r\n/);
});

test('many messages are several pieces, and nothing is lost between them', () => {
  const messages = Array.from({ length: 2_000 }, () => keptOf(message('t'), 0));

  const pieces = [...piecesOf(messages, 'json')];

  assert.ok(pieces.length > 2);
  assert.equal(JSON.parse(pieces.join('')).length, 2_000);
});

/** @param {Map<string, string>} [items] */
const storeOf = (items = new Map()) => ({
  getItem: (/** @type {string} */ name) => items.get(name) ?? null,
  setItem: (/** @type {string} */ name, /** @type {string} */ text) => void items.set(name, text),
});

test('saved brokers are there in the next page, the newest first, each once', () => {
  const store = storeOf();
  const saved = new SavedBrokers(store);

  saved.save({ address: 'wss://a', username: 'old' });
  saved.save({ address: 'wss://b', username: '' });
  saved.save({ address: 'wss://a', username: 'anna' });
  saved.save({ address: 'wss://c', username: '' });
  saved.forget('wss://b');

  assert.deepEqual(new SavedBrokers(store).all, [
    { address: 'wss://c', username: '' },
    { address: 'wss://a', username: 'anna' },
  ]);
});

test('a password that is given with a broker is not stored', () => {
  /** @type {Map<string, string>} */
  const items = new Map();

  const given = { address: 'wss://a', username: 'anna', password: 'secret' };
  new SavedBrokers(storeOf(items)).save(given);
  remember(storeOf(items), { broker: { address: 'wss://a', username: 'anna' }, filters: [] });

  assert.doesNotMatch([...items.values()].join(), /secret/);
});

test('there are only so many saved brokers', () => {
  const saved = new SavedBrokers(storeOf());

  for (let number = 0; number < 30; number++) saved.save({ address: `${number}`, username: '' });

  assert.equal(saved.all.length, MOST_BROKERS);
  assert.equal(saved.all[0]?.address, '29');
});

test('a tab goes on with its broker and its subscriptions', () => {
  const store = storeOf();

  remember(store, { broker: { address: 'ws://a', username: 'u' }, filters: ['a/#', 'b'] });

  assert.deepEqual(rememberedIn(store), {
    broker: { address: 'ws://a', username: 'u' },
    filters: ['a/#', 'b'],
  });
});

for (const text of ['{', 'null', '[]', '{"filters":[1,{}],"broker":7}', '"x"']) {
  test(`${text} in the store is nothing, and no error`, () => {
    const store = { getItem: () => text, setItem: () => {} };

    assert.deepEqual(rememberedIn(store), { broker: null, filters: [] });
    assert.deepEqual(new SavedBrokers(store).all, []);
  });
}

test('a browser that keeps nothing is no error', () => {
  const store = {
    getItem: () => {
      throw new Error('forbidden');
    },
    setItem: () => {
      throw new Error('forbidden');
    },
  };

  assert.equal(new SavedBrokers(store).save({ address: 'a', username: '' }), false);
  assert.equal(new SavedBrokers(undefined).save({ address: 'a', username: '' }), false);
  assert.deepEqual(rememberedIn(undefined), { broker: null, filters: [] });
});
