// @ts-check
/** What `npm run bench` makes of its measurements. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, ratio, summarize } from '../../bench/runner/summary.js';
import { markdown, short, sideBySide } from '../../bench/runner/tables.js';
import { verdicts } from '../../bench/runner/targets.js';

/** @typedef {import('../../bench/runner/works.js').Work} Work */

/** @type {Work} */
const WORK = {
  ...{ id: 'work', kind: 'publish', place: 'null', payloadBytes: 256, qos: 0 },
  clients: ['ours', 'mqttjs'],
};

/** @param {string} client @param {number} ms @param {number} [count] */
const trial = (client, ms, count = 1000) => ({
  ...{ client, count, ms, rendererMs: ms / 2, browserMs: ms },
});

/** Ours is 10 times as fast; in the second repetition something else kept the machine busy. */
const RESULT = summarize(WORK, {
  trials: [
    ...[trial('ours', 1), trial('mqttjs', 10)],
    ...[trial('mqttjs', 900), trial('ours', 90)],
    ...[trial('ours', 2), trial('mqttjs', 20)],
  ],
  problems: {},
});

test('median is the middle, or between the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test('summary has medians for each message', () => {
  const { ours } = RESULT.clients;

  assert.equal(ours?.perSecond, 500_000);
  assert.equal(ours?.ms, 0.002);
  assert.equal(ours?.rendererUs, 1);
});

test('ratio compares what was measured in the same repetition', () => {
  assert.equal(ratio(RESULT, 'perSecond', 'ours', 'mqttjs'), 10);
  assert.equal(ratio(RESULT, 'rendererUs', 'ours', 'mqttjs'), 0.1);
  assert.equal(ratio(RESULT, 'perSecond', 'ours', 'paho'), undefined);
});

test('target is met or not by the ratio', () => {
  const verdictFor = (/** @type {number} */ ms) => {
    const report = { trials: [trial('ours', ms), trial('mqttjs', 10)], problems: {} };
    return verdicts({ results: [summarize(WORK, report)] }).map(({ found, isMet }) => [
      found,
      isMet,
    ]);
  };

  assert.deepEqual(verdictFor(1.25), [['8', true]]);
  assert.deepEqual(verdictFor(1.26), [['7.94', false]]);
});

test('size is compared in thousands of bytes', () => {
  const size = { name: 'ours (dist/split)', raw: 90_000, gzip: 45_001, brotli: 1 };

  const [verdict] = verdicts({ results: [], sizes: [size] });

  assert.equal(verdict?.isMet, false);
});

test('table shows a client that did not take part as a dash', () => {
  const table = sideBySide('Rate', [RESULT], ({ p50 }) => p50, short);

  assert.deepEqual(table.rows, [['null broker: publish QoS 0 256 B', '–', '–']]);
  assert.match(markdown(table), /^\*\*Rate\*\*\n\n\| work +\| ours \| MQTT\.js \|\n/);
});

test('numbers are shortened to three digits', () => {
  assert.deepEqual([1_234_567, 45_600, 789.4, 0.1234].map(short), [
    '1.23 M',
    '45.6 k',
    '789',
    '0.123',
  ]);
});
