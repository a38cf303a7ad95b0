// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptOf } from '../../www/console/model/message-log.js';
import { Rate } from '../../www/console/model/rate.js';
import { MOST_LEVELS, MOST_TOPICS, TopicTree } from '../../www/console/model/topic-tree.js';
import { message } from './messages.js';

/** @typedef {import('../../www/console/model/topic-tree.js').TopicNode} TopicNode */

/** @param {{ most?: number, mostBytes?: number }} bounds @param {...string} topics */
function treeOf(bounds, ...topics) {
  const tree = new TopicTree(bounds);
  for (const topic of topics) tree.add(keptOf(message(topic), 0));
  return tree;
}

/** @param {TopicTree} tree */
const shown = (tree) => tree.rows.map(({ name, level }) => `${'-'.repeat(level - 1)}${name}`);

test('topics are levels, in the order of their names', () => {
  const tree = treeOf({}, 'class/10/light', 'class/9/temp', 'class/10/humid', '/lead', 'class');

  assert.deepEqual(shown(tree), [
    '',
    '-lead',
    'class',
    '-9',
    '--temp',
    '-10',
    '--humid',
    '--light',
  ]);
  assert.equal(tree.topics, 5);
  assert.equal(tree.root.topicsBelow, 5);
  assert.equal(tree.get('class')?.topicsBelow, 3);
});

test('a level is closed and opened', () => {
  const tree = treeOf({}, 'a/b/c', 'd');
  const [a] = tree.rows;

  tree.open(/** @type {TopicNode} */ (a), false);
  assert.deepEqual(shown(tree), ['a', 'd']);
  tree.open(/** @type {TopicNode} */ (a), true);

  assert.deepEqual(shown(tree), ['a', '-b', '--c', 'd']);
});

test('where there are many topics, new levels are closed', () => {
  const tree = treeOf({}, ...Array.from({ length: 60 }, (_, number) => `few/${number}`), 'late/x');

  assert.equal(shown(tree).includes('late'), true);
  assert.equal(shown(tree).includes('-x'), false);
});

test('a search shows what it finds, and what that is below', () => {
  const tree = treeOf({}, 'a/b/temp', 'a/c', 'temp', 'x/y');
  tree.open(/** @type {TopicNode} */ (tree.rows[0]), false);

  tree.search((topic) => topic.endsWith('temp'));
  assert.deepEqual(shown(tree), ['a', '-b', '--temp', 'temp']);
  tree.search(null);

  assert.deepEqual(shown(tree), ['a', 'temp', 'x', '-y']);
});

test('beyond the bound the topic that was heard longest ago goes, with levels that it leaves empty', () => {
  const tree = treeOf({ most: 2 }, 'a/b/c', 'a/d');

  tree.add(keptOf(message('a/b/c'), 0));
  tree.add(keptOf(message('e'), 0));

  assert.deepEqual(shown(tree), ['a', '-b', '--c', 'e']);
  assert.equal(tree.root.topicsBelow, 2);
});

test('the tree keeps 10,000 topics, and never more bytes than it says', () => {
  const tree = new TopicTree({ mostBytes: 100_000 });
  for (let number = 0; number < 200; number++) {
    tree.add(keptOf(message(`t/${number}`, 'x'.repeat(1_000)), 0));
  }
  assert.ok(tree.bytes <= 100_000);
  assert.ok(tree.topics > 50);

  const many = new TopicTree();
  for (let number = 0; number <= MOST_TOPICS; number++) many.add(keptOf(message(`t/${number}`), 0));

  assert.equal(many.topics, 10_000);
  assert.equal(many.get('t/0'), undefined);
});

test('a topic of very many levels is not as many rows', () => {
  const topic = Array(30_000).fill('x').join('/');
  const tree = treeOf({}, topic);

  assert.equal(tree.rows.length, MOST_LEVELS + 1);
  assert.equal(tree.rows.at(-1)?.topic, topic);
  assert.equal(tree.get(topic)?.messages, 1);
});

test('a topic is kept from a kept message on, until an empty one', () => {
  const tree = new TopicTree();
  const say = (/** @type {string} */ payload, /** @type {boolean} */ retain) => {
    tree.add(keptOf(message('lamp', payload, { retain }), 0));
    return tree.get('lamp')?.isKept;
  };

  assert.equal(say('on', false), false);
  assert.equal(say('on', true), true);
  assert.equal(say('off', false), true);
  assert.equal(say('', true), false);
});

test('what is kept below a level is found', () => {
  const tree = treeOf({}, 'a/x');
  for (const topic of ['a', 'a/b/c', 'd'])
    tree.add(keptOf(message(topic, 'x', { retain: true }), 0));

  assert.equal(tree.root.topicsKept, 3);
  const found = tree.keptBelow(/** @type {TopicNode} */ (tree.get('a')));

  assert.deepEqual(
    found.map(({ topic }) => topic),
    ['a', 'a/b/c'],
  );
});

test('a kept message that is cleared, or forgotten, counts no more', () => {
  const tree = new TopicTree({ most: 1 });
  tree.add(keptOf(message('a/b', 'x', { retain: true }), 0));
  const node = /** @type {TopicNode} */ (tree.get('a/b'));

  tree.keep(node, false);
  assert.equal(tree.root.topicsKept, 0);
  tree.keep(node, true);
  tree.add(keptOf(message('c'), 0));

  assert.equal(tree.root.topicsKept, 0);
});

test('messages of one topic share its text', () => {
  const tree = treeOf({}, 'a/b');
  const second = keptOf(message(['a', 'b'].join('/')), 0);

  tree.add(second);

  assert.equal(tree.get('a/b')?.last, second);
  assert.equal(tree.get('a/b')?.messages, 2);
});

for (const [every, seconds, expected] of /** @type {const} */ ([
  [100, 20, 10],
  [1_000, 20, 1],
  [500, 20, 2],
])) {
  test(`one message each ${every} ms is ${expected} a second`, () => {
    const rate = new Rate();
    let at = 1_700_000_000_000;

    for (let count = 0; count < (seconds * 1000) / every; count++) rate.add((at += every));

    assert.ok(Math.abs(rate.perSecond(at) - expected) <= expected / 5, `${rate.perSecond(at)}`);
  });
}

test('a topic that fell silent has no rate after two spans', () => {
  const rate = new Rate();
  for (let at = 0; at < 10_000; at += 100) rate.add(at);

  assert.equal(rate.perSecond(30_000), 0);
});
