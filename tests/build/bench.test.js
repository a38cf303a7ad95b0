// @ts-check
/** What `npm run bench` makes of its measurements. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaced } from '../../bench/runner/docs.js';
import { exponent } from '../../bench/runner/growth.js';
import { svg } from '../../bench/runner/plot.js';
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
  const size = { name: 'MqttClient (dist/split)', raw: 90_000, gzip: 45_001, brotli: 1 };

  const [verdict] = verdicts({ results: [], sizes: [size] });

  assert.equal(verdict?.isMet, false);
});

test('table shows a client that did not take part as a dash', () => {
  const table = sideBySide('Rate', [RESULT], ({ p50 }) => p50, short);

  assert.deepEqual(table.rows, [['null broker: publish QoS 0 256 B', '–', '–']]);
  assert.match(markdown(table), /^\*\*Rate\*\*\n\n\| work +\| Scratch MQTT \| MQTT\.js \|\n/);
});

test('numbers are shortened to three digits', () => {
  assert.deepEqual([1_234_567, 45_600, 789.4, 0.1234].map(short), [
    '1.23 M',
    '45.6 k',
    '789',
    '0.123',
  ]);
});

/** @param {import('../../bench/runner/plot.js').Line[]} lines */
const growth = (lines) => ({
  ...{ id: 'growth', title: 'a < b', xLabel: 'x', yLabel: 'y', most: 1, lines },
  xTicks: /** @type {[number, string][]} */ ([[1, '1']]),
});

test('exponent is that of the worst line of our own, for large work', () => {
  const inProportion = [10, 10, 100, 1000].map((y, index) => [10 ** index, y]);
  const lines = /** @type {import('../../bench/runner/plot.js').Line[]} */ ([
    { name: 'ours', points: inProportion },
    {
      name: 'level',
      points: [
        [1, 5],
        [100, 5],
      ],
    },
    {
      name: 'MQTT.js',
      points: [
        [1, 1],
        [100, 10_000],
      ],
    },
  ]);

  assert.equal(exponent(growth(lines)).toFixed(3), '1.000');
});

test('picture is well-formed, and readable in the light and in the dark', () => {
  const picture = svg(
    growth([
      {
        name: 'ours & others',
        points: [
          [1, 0.5],
          [1000, 70],
        ],
      },
    ]),
  );

  assert.match(picture, /prefers-color-scheme: dark/);
  assert.match(picture, />a &lt; b</);
  assert.match(picture, />ours &amp; others</);
  assert.match(picture, /points="76,258\.8 570,58\.5"/);
  assert.doesNotMatch(picture, /NaN|undefined|Infinity/);
});

test('figures replace what stands between the markers of the page', () => {
  const page = 'a\n<!-- bench:sizes -->\nold\n<!-- /bench:sizes -->\nb\n';

  const written = replaced(page, 'sizes', 'new');

  assert.equal(written, 'a\n<!-- bench:sizes -->\n\nnew\n\n<!-- /bench:sizes -->\nb\n');
  assert.throws(() => replaced(page, 'memory', 'new'), /has no <!-- bench:memory -->/);
});
