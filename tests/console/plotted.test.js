// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleModel, TAKEN_AT_ONCE } from '../../www/console/model/console-model.js';
import { keptOf } from '../../www/console/model/message-log.js';
import { MOST_POINTS, MOST_SERIES, Plotted } from '../../www/console/model/plotted.js';
import { message } from './messages.js';

/** @param {string} topic @param {string} payload @param {number} at in seconds */
const kept = (topic, payload, at) => keptOf(message(topic, payload), at * 1000);

test('a series begins with the messages that are known, and goes on', () => {
  const plotted = new Plotted();

  plotted.add('t', [], [kept('t', '1', 1), kept('other', '9', 2), kept('t', 'text', 3)]);
  plotted.take(kept('t', '2', 4));

  assert.deepEqual(plotted.times, [1, 4]);
  assert.deepEqual(plotted.series[0]?.values, [1, 2]);
  assert.equal(plotted.series[0]?.name, 't');
});

test('series share one time, with gaps', () => {
  const plotted = new Plotted();
  plotted.add('t', [], []);
  plotted.add('json', ['a', 0], []);

  plotted.take(kept('t', '1', 1));
  plotted.take(kept('json', '{"a":[5]}', 2));
  plotted.take(kept('json', '{"a":[]}', 3));

  assert.deepEqual(plotted.times, [1, 2]);
  assert.deepEqual(
    plotted.series.map(({ name, values }) => [name, values]),
    [
      ['t', [1, null]],
      ['json · a[0]', [null, 5]],
    ],
  );
});

test('two fields of one message are at one time', () => {
  const plotted = new Plotted();
  plotted.add('t', ['a'], []);
  plotted.add('t', ['b'], []);

  plotted.take(kept('t', '{"a":1,"b":2}', 1));

  assert.deepEqual(plotted.times, [1]);
});

test('a series that is added later keeps what the log has lost', () => {
  const plotted = new Plotted();
  plotted.add('t', [], []);
  for (const at of [1, 2, 3]) plotted.take(kept('t', String(at), at));

  plotted.add('u', [], [kept('u', '7', 2), kept('t', '3', 3)]);

  assert.deepEqual(plotted.times, [1, 2, 3]);
  assert.deepEqual(plotted.series[0]?.values, [1, null, 3]);
  assert.deepEqual(plotted.series[1]?.values, [null, 7, null]);
});

test('a series that is taken away leaves its color, and no empty times', () => {
  const plotted = new Plotted();
  plotted.add('t', [], []);
  plotted.add('u', [], []);
  plotted.take(kept('t', '1', 1));
  plotted.take(kept('u', '2', 2));

  plotted.remove(/** @type {any} */ (plotted.find('t', [])));
  plotted.add('v', [], []);

  assert.deepEqual(plotted.times, [2]);
  assert.deepEqual(
    plotted.series.map(({ color }) => color),
    [1, 0],
  );
});

test('there are only so many series and numbers', () => {
  const plotted = new Plotted();
  for (let number = 0; number <= MOST_SERIES; number++) plotted.add(`t/${number}`, [], []);
  for (let at = 1; at <= MOST_POINTS + 1; at++) plotted.take(kept('t/0', String(at), at));

  assert.equal(plotted.series.length, MOST_SERIES);
  assert.ok(plotted.times.length <= MOST_POINTS);
  assert.equal(plotted.times.at(-1), MOST_POINTS + 1);
  for (const { values } of plotted.series) assert.equal(values.length, plotted.times.length);
});

test('a clock that is set back draws no line to the left', () => {
  const plotted = new Plotted();
  plotted.add('t', [], []);

  plotted.take(kept('t', '1', 10));
  plotted.take(kept('t', '2', 5));

  assert.deepEqual(plotted.times, [10, 10]);
});

test('what is in the plot is said in numbers, of the time that is shown', () => {
  const plotted = new Plotted();
  plotted.add('t', [], [kept('t', '1', 1), kept('t', '3', 2), kept('t', '8', 3)]);

  assert.deepEqual(plotted.summaries(1, 2), [
    { name: 't', color: 0, points: 2, last: 3, least: 1, most: 3, mean: 2 },
  ]);
});

test('what came in a pause is shown after it', () => {
  const model = new ConsoleModel();
  model.isPaused = true;
  model.receive(message('t'), 0);

  assert.equal(model.take(), false);
  assert.equal(model.log.size, 0);
  model.isPaused = false;
  model.take();

  assert.equal(model.log.size, 1);
  assert.equal(model.tree.topics, 1);
});

test('a frame takes only so many messages', () => {
  const model = new ConsoleModel();
  for (let count = 0; count <= TAKEN_AT_ONCE; count++) model.receive(message('t'), 0);

  assert.equal(model.take(), true);
  assert.equal(model.log.size, TAKEN_AT_ONCE);
  assert.equal(model.take(), false);
  assert.equal(model.taken, TAKEN_AT_ONCE + 1);
});

test('a search holds for what comes, in the tree and in the log', () => {
  const model = new ConsoleModel();
  model.search({ topic: (topic) => topic === 'a', message: ({ topic }) => topic === 'a' });

  for (const topic of ['a', 'b']) model.receive(message(topic), 0);
  model.take();

  assert.deepEqual(
    model.tree.rows.map(({ topic }) => topic),
    ['a'],
  );
  assert.equal(model.found.size, 1);
});
