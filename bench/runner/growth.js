// @ts-check
/** How the cost grows with the work: what is measured along which axis. */
import { join } from 'node:path';
import { Problem, capture, root, run, which } from '../../scripts/run.mjs';
import { LABELS } from './clients.js';
import { summarize } from './summary.js';
import { bytes, short } from './tables.js';

/** @typedef {import('./plot.js').Chart} Chart */
/** @typedef {import('./plot.js').Line} Line */
/** @typedef {import('./works.js').Work} Work */
/** @typedef {import('./summary.js').Result['clients'][string]} Summary */
/** @typedef {Chart & { id: string, most: number }} Growth `most`: the exponent that is allowed */

/** Never worse than in proportion; a tenth for what the machine does besides. */
const LINEAR = 1.1;
/** Hardly more for each ten times as many. */
const FLAT = 0.2;

const SIZES = [16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
const NUMBERS = [1, 10, 100, 1000, 10_000];
const QUEUES = [...NUMBERS, 100_000];
const HATS = [1, 10, 100, 1000];

/**
 * @typedef {object} Axis
 * @property {string} id
 * @property {string} title
 * @property {string} xLabel
 * @property {string} yLabel
 * @property {number} most
 * @property {number[]} values
 * @property {(value: number) => string} show
 * @property {{ name?: string, work: (value: number) => Work }[]} series
 * @property {(summary: Summary) => number} cost
 */

const PROCESSOR = 'processor time of the page, µs a message';

/** @type {Axis[]} */
const AXES = [
  {
    ...{ id: 'publish-size', title: 'Publishing with QoS 0, against the size of the message' },
    ...{ xLabel: 'payload, bytes', yLabel: PROCESSOR, most: LINEAR, values: SIZES, show: bytes },
    series: [{ work: (size) => sized('publish', size, ['ours', 'mqttjs', 'raw-batched']) }],
    cost: ({ rendererUs }) => rendererUs,
  },
  {
    ...{
      id: 'receive-size',
      title: 'Receiving, one message per WebSocket message, against its size',
    },
    ...{ xLabel: 'payload, bytes', yLabel: PROCESSOR, most: LINEAR, values: SIZES, show: bytes },
    series: [{ work: (size) => sized('receive', size, ['ours', 'mqttjs', 'raw-batched']) }],
    cost: ({ rendererUs }) => rendererUs,
  },
  {
    ...{ id: 'receive-subscriptions', title: 'Receiving, against the number of subscriptions' },
    ...{ xLabel: 'subscriptions', yLabel: PROCESSOR, most: FLAT, values: NUMBERS, show: short },
    series: [
      { name: 'without wildcards', work: (filters) => subscribed(filters, 'exact') },
      { name: 'with wildcards', work: (filters) => subscribed(filters, 'wildcard') },
    ],
    cost: ({ rendererUs }) => rendererUs,
  },
  {
    ...{ id: 'subscribe', title: 'Subscribing, all in one turn, against their number' },
    ...{ xLabel: 'subscriptions', yLabel: 'time until all are granted, ms', most: LINEAR },
    ...{ values: NUMBERS, show: short },
    series: [
      { name: 'without wildcards', work: (filters) => subscribed(filters, 'exact') },
      { name: 'with wildcards', work: (filters) => subscribed(filters, 'wildcard') },
    ],
    cost: ({ subscribeMs = NaN }) => subscribeMs,
  },
  {
    ...{ id: 'queue', title: 'Connecting with messages that wait, until all have arrived' },
    ...{ xLabel: 'messages that wait', yLabel: 'time, ms', most: LINEAR },
    ...{ values: QUEUES, show: short },
    series: [{ work: queued }],
    cost: ({ totalMs = NaN }) => totalMs,
  },
];

/**
 * @param {import('./bench.js').Bench} bench
 * @param {import('./extent.js').Extent} extent
 * @param {(words: string) => void} report
 * @returns {Promise<Growth[]>}
 */
export async function measureGrowth(bench, extent, report) {
  const growth = [];
  for (const axis of AXES) {
    /** @type {Map<string, Line>} */
    const lines = new Map();
    for (const { name, work } of axis.series) {
      for (const value of axis.values) {
        report(`${axis.title}: ${axis.show(value)}`);
        const request = work(value);
        const { clients } = summarize(
          request,
          await bench.run(request, { ...extent, repetitions: 3 }),
        );
        for (const [client, summary] of Object.entries(clients)) {
          const label = name ?? LABELS[client] ?? client;
          const line = lines.get(label) ?? { name: label, points: [] };
          line.points.push([value, axis.cost(summary)]);
          lines.set(label, line);
        }
      }
    }
    growth.push(chart(axis, [...lines.values()]));
  }
  return growth;
}

/** @param {Pick<Axis, 'id' | 'title' | 'xLabel' | 'yLabel' | 'most' | 'values' | 'show'>} axis @param {Line[]} lines @returns {Growth} */
function chart({ id, title, xLabel, yLabel, most, values, show }, lines) {
  const ticks = values.length > 6 ? values.filter((_, index) => index % 2 === 0) : values;
  const xTicks = ticks.map((value) => /** @type {[number, string]} */ ([value, show(value)]));
  return { id, title, xLabel, yLabel, most, xTicks, lines };
}

/**
 * Of the blocks: more hats for the same messages.
 *
 * @param {{ nullBroker: string, control: string }} peer
 * @param {(words: string) => void} report
 */
export async function measureHats(peer, report) {
  const { measureHats: measure } = await import('./scratch.js');
  const frames = await measure(peer, { hatCounts: HATS, seconds: 3, perSecond: 20 }, report);
  /** @type {Map<string, Line>} */
  const lines = new Map();
  for (const { editor, hats, runUs } of frames) {
    // Beside the line there is no room for how the editor loads the blocks.
    const [name = editor] = editor.split(',');
    const line = lines.get(editor) ?? { name, points: [] };
    line.points.push([hats, (hats * runUs) / 1000]);
    lines.set(editor, line);
  }
  const axis = {
    ...{ id: 'hats', title: 'One message for many hats, each with one block' },
    ...{ xLabel: 'hats', yLabel: 'processor time, ms a message', most: LINEAR },
    ...{ values: HATS, show: short },
  };
  return chart(axis, [...lines.values()]);
}

/** Instructions of the native core, which nothing else on the machine disturbs. */
export async function countInstructions() {
  if (which('valgrind') === undefined) {
    throw new Problem('Not installed: valgrind. On Debian or Ubuntu run: apt install valgrind');
  }
  const target = join(root, 'target');
  const crate = ['--package', 'scratch-mqtt-matching', '--profile', 'bench-native'];
  await run(
    'Compiling the core for callgrind',
    'cargo',
    ['build', '--locked', ...crate, '--target-dir', target],
    { env: { CARGO_TERM_COLOR: 'never' } },
  );
  const program = join(target, 'bench-native', 'scratch-mqtt-matching');
  /** @type {Line[]} */
  const lines = [];
  for (const [kind, name] of Object.entries(FILTER_KINDS)) {
    /** @type {[number, number][]} */
    const points = [];
    for (const filters of NUMBERS)
      points.push([filters, await instructions(program, kind, filters)]);
    lines.push({ name, points });
  }
  const axis = {
    ...{ id: 'matching', title: 'Receiving in the core, against the number of filters' },
    ...{ xLabel: 'filters', yLabel: 'instructions a message', most: FLAT },
    ...{ values: NUMBERS, show: short },
  };
  return chart(axis, lines);
}

const MESSAGES = 100;
/** Those of the program, with their filters. */
const FILTER_KINDS = { exact: 'room/N/state', plus: 'room/N/+', hash: '+/N/#' };

/** @param {string} program @param {string} kind @param {number} filters */
async function instructions(program, kind, filters) {
  const tool = ['--tool=callgrind', '--callgrind-out-file=/dev/null'];
  const only = '--toggle-collect=*measured_delivery*';
  const args = [...tool, only, program, kind, String(filters), String(MESSAGES)];
  const { code, output } = await capture('valgrind', args);
  const found = /Collected : (\d+)/.exec(output)?.[1];
  if (code !== 0 || found === undefined) throw new Problem(`valgrind failed.\n\n${output}`);
  return Number(found) / MESSAGES;
}

/**
 * The worst exponent among the lines of our own: 1 is in proportion, 0 is not at all. Between the two largest values
 * that are a hundred times apart, because small ones cost what everything costs.
 *
 * @param {Growth} growth
 */
export function exponent({ lines }) {
  const own = lines.filter(({ name }) => !OTHERS.includes(name));
  return Math.max(
    ...own.map(({ points }) => {
      const [x2 = NaN, y2 = NaN] = points.at(-1) ?? [];
      const [x1 = NaN, y1 = NaN] = points.findLast(([x]) => x <= x2 / 64) ?? [];
      return Math.log(y2 / y1) / Math.log(x2 / x1);
    }),
  );
}

const OTHERS = Object.entries(LABELS)
  .filter(([client]) => !client.startsWith('ours'))
  .map(([, label]) => label);

/** @param {'publish' | 'receive'} kind @param {number} payloadBytes @param {string[]} clients @returns {Work} */
function sized(kind, payloadBytes, clients) {
  const id = `growth-${kind}-${payloadBytes}`;
  return { id, kind, place: 'null', payloadBytes, clients, qos: 0, packetsPerFrame: 1 };
}

/** @param {number} filters @param {'exact' | 'wildcard'} filterKind @returns {Work} */
function subscribed(filters, filterKind) {
  return {
    ...{ id: `growth-${filterKind}-${filters}`, kind: 'receive', place: 'null', payloadBytes: 16 },
    ...{ packetsPerFrame: 64, filters, filterKind, clients: ['ours'] },
  };
}

/** @param {number} waiting @returns {Work} */
function queued(waiting) {
  return {
    ...{ id: `growth-queue-${waiting}`, kind: 'queue', place: 'null', payloadBytes: 16, waiting },
    // MQTT.js sends what waited about one message every two milliseconds.
    ...{ clients: waiting > 1000 ? ['ours'] : ['ours', 'mqttjs'], most: 1 },
  };
}
