// @ts-check
/** What is aimed at, as data: ratios between clients of the same run. */
import { exponent } from './growth.js';
import { ratio } from './summary.js';
import { bytes, describe, digits, short } from './tables.js';

/** @typedef {import('./summary.js').Result} Result */
/** @typedef {import('./sizes.js').Size} Size */
/** @typedef {import('./works.js').Work} Work */
/** @typedef {{ results: Result[], sizes?: Size[], scratch?: import('./scratch.js').Scratch, growth?: import('./growth.js').Growth[] }} Findings */
/**
 * @typedef {object} Verdict
 * @property {string} target
 * @property {string} wanted
 * @property {string} found
 * @property {boolean} isMet
 */

/**
 * A target for a ratio of ours to another client.
 *
 * @typedef {object} Ratio
 * @property {Partial<Work>} where the works that it is for: those with these properties
 * @property {string} figure
 * @property {string} to
 * @property {number} [least]
 * @property {number} [most]
 */
const RAW = 'raw-batched';
const MQTT_JS = 'mqttjs';
const RATE = 'perSecond';
const PROCESSOR = 'rendererUs';

/** @type {Work['payloadBytes'][]} */
const SMALL = [16, 256];
/** @type {Work['payloadBytes'][]} */
const LARGE = [65_536, 1_048_576];

/** @type {Ratio[]} */
const RATIOS = [
  ...SMALL.flatMap((payloadBytes) => {
    /** @param {0 | 1 | 2} qos @returns {Partial<Work>} */
    const publish = (qos) => ({ kind: 'publish', place: 'null', qos, payloadBytes });
    /** @param {number} packetsPerFrame @returns {Partial<Work>} */
    const receive = (packetsPerFrame) => ({
      ...{ kind: 'receive', place: 'null', packetsPerFrame, payloadBytes },
    });
    return [
      { where: publish(0), figure: RATE, to: RAW, least: 0.7 },
      { where: publish(0), figure: RATE, to: MQTT_JS, least: 8 },
      { where: publish(1), figure: RATE, to: RAW, least: 0.7 },
      { where: publish(1), figure: RATE, to: MQTT_JS, least: 30 },
      { where: publish(2), figure: RATE, to: MQTT_JS, least: 30 },
      { where: receive(64), figure: RATE, to: RAW, least: 0.8 },
      { where: receive(64), figure: RATE, to: MQTT_JS, least: 15 },
      { where: receive(1), figure: PROCESSOR, to: RAW, most: 1.1 },
      { where: receive(1), figure: PROCESSOR, to: MQTT_JS, most: 0.75 },
    ];
  }),
  { where: { kind: 'publish', place: 'broker', qos: 0 }, figure: RATE, to: RAW, least: 1 },
  {
    ...{ where: { kind: 'publish', place: 'broker', qos: 0 }, figure: PROCESSOR, to: MQTT_JS },
    most: 1 / 3,
  },
  { where: { kind: 'publish', place: 'broker', qos: 1 }, figure: RATE, to: MQTT_JS, least: 2 },
  { where: { kind: 'round-trip' }, figure: 'p50', to: RAW, most: 1.1 },
  ...LARGE.flatMap((payloadBytes) => [
    { where: publishLarge(payloadBytes), figure: RATE, to: MQTT_JS, least: 1 },
    { where: receiveLarge(payloadBytes), figure: RATE, to: MQTT_JS, least: 1 },
  ]),
];

/** @param {number} payloadBytes @returns {Partial<Work>} */
function publishLarge(payloadBytes) {
  return { kind: 'publish', place: 'null', qos: 0, payloadBytes };
}

/** @param {number} payloadBytes @returns {Partial<Work>} */
function receiveLarge(payloadBytes) {
  return { kind: 'receive', place: 'null', payloadBytes };
}

/** @type {[name: string, bytes: number][]} Compressed by gzip. */
const SIZES = [
  ['blocks (dist/mqtt.js)', 70_000],
  ['MqttClient (dist/split)', 45_000],
];

/** So much may the memory grow between a tenth of the messages and all of them. */
const FLAT_BYTES = 1 << 20;

/** In microseconds, in the official editor. */
const BLOCK_US = 20;

/** Those that the findings say something about. @param {Findings} findings @returns {Verdict[]} */
export function verdicts({ results, sizes = [], scratch, growth = [] }) {
  return [
    ...RATIOS.flatMap((target) => results.flatMap((result) => ratioVerdict(target, result))),
    ...sizes.flatMap(sizeVerdict),
    ...results.filter(({ work }) => work.kind === 'memory').flatMap(memoryVerdict),
    ...(scratch ? scratchVerdicts(scratch) : []),
    ...growth.map(growthVerdict),
  ];
}

/** @param {Ratio} target @param {Result} result @returns {Verdict[]} */
function ratioVerdict({ where, figure, to, least, most }, result) {
  const fits = Object.entries(where).every(
    ([key, value]) => result.work[/** @type {keyof Work} */ (key)] === value,
  );
  if (!fits) return [];
  const found = ratio(result, figure, 'ours', to);
  if (found === undefined) return [];
  const what = figure === RATE ? 'rate' : figure === PROCESSOR ? 'processor time' : 'median';
  const other = to === RAW ? 'raw' : 'MQTT.js';
  return [
    {
      target: `${describe(result.work)}: ${what}`,
      wanted: `${least === undefined ? '≤' : '≥'} ${digits(least ?? most ?? NaN)} × ${other}`,
      found: digits(found),
      isMet: found >= (least ?? -Infinity) && found <= (most ?? Infinity),
    },
  ];
}

/** @param {Size} size @returns {Verdict[]} */
function sizeVerdict({ name, gzip }) {
  const most = SIZES.find(([other]) => other === name)?.[1];
  if (most === undefined) return [];
  return [
    {
      target: `size of ${name}, gzip`,
      wanted: `≤ ${most / 1000} kB`,
      found: `${digits(gzip / 1000)} kB`,
      isMet: gzip <= most,
    },
  ];
}

/** @param {Result} result @returns {Verdict[]} */
function memoryVerdict({ clients, work }) {
  const found = clients.ours;
  if (found === undefined) return [];
  const of = (/** @type {string} */ when) =>
    (found[`heapBytes_${when}`] ?? NaN) + (found[`wasmBytes_${when}`] ?? NaN);
  const growth = of('after') - of('tenth');
  return [
    {
      target: `heap and wasm after ${short(work.most ?? 0)} messages each way, against 10 % of them`,
      wanted: `≤ ${bytes(FLAT_BYTES)} more`,
      found: `${growth < 0 ? '-' : ''}${digits(Math.abs(growth) / 1024)} KiB`,
      isMet: growth <= FLAT_BYTES,
    },
  ];
}

/** @param {import('./scratch.js').Scratch} scratch @returns {Verdict[]} */
function scratchVerdicts({ calls, frames }) {
  const official = calls.filter(({ editor }) => editor === 'official editor');
  const [slowest = { opcode: 'none', us: NaN }] = official.sort((a, b) => b.us - a.us);
  const latest = Math.max(
    ...frames.filter(({ hats }) => hats === 1).map(({ framesLate }) => framesLate),
  );
  return [
    {
      target: `block calls that do not wait, official editor (slowest: ${slowest.opcode})`,
      wanted: `< ${BLOCK_US} µs`,
      found: `${digits(slowest.us)} µs`,
      isMet: slowest.us < BLOCK_US,
    },
    {
      target: 'hat runs at 300 messages a second, one short script',
      wanted: 'in the next frame',
      found: latest === 0 ? 'in the next frame' : `up to ${latest} frames later`,
      isMet: latest === 0,
    },
  ];
}

/** @param {import('./growth.js').Growth} growth @returns {Verdict} */
function growthVerdict(growth) {
  const found = exponent(growth);
  return {
    target: `growth: ${growth.title}`,
    wanted: `exponent ≤ ${growth.most}`,
    found: found.toFixed(2),
    isMet: found <= growth.most,
  };
}
