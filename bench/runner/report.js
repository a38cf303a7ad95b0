// @ts-check
/** All tables of a run, in order. */
import { describe, digits, short, sideBySide } from './tables.js';

/** @typedef {import('./summary.js').Result} Result */
/** @typedef {import('./tables.js').Table} Table */
/** @typedef {import('./targets.js').Findings} Findings */
/** @typedef {import('./targets.js').Verdict} Verdict */

/** @param {Findings} findings @param {Verdict[]} targets @returns {Record<string, Table[]>} by section, without empty ones */
export function tables({ results, sizes = [], scratch }, targets) {
  const of = (/** @type {string[]} */ ...kinds) =>
    results.filter(({ work }) => kinds.includes(work.kind));
  const messages = of('publish', 'receive');
  const us = 'µs of processor time of the page for each message';
  /** @type {Record<string, Table[]>} */
  const all = {
    targets: [targetTable(targets)],
    messages: [
      sideBySide('Messages per second', messages, ({ perSecond }) => perSecond, short),
      sideBySide(us, messages, ({ rendererUs }) => rendererUs, digits),
    ],
    latency: [
      sideBySide('Round trip, median, ms', of('round-trip'), ({ p50 }) => p50, digits),
      sideBySide('Round trip, 99th percentile, ms', of('round-trip'), ({ p99 }) => p99, digits),
      sideBySide('Connecting, ms', of('connect'), ({ ms }) => ms, digits),
    ],
    start: of('start').flatMap(startTables),
    memory: of('memory').map(memoryTable),
    sizes: [sizeTable(sizes)],
    scratch: scratch ? scratchTables(scratch) : [],
  };
  return Object.fromEntries(
    Object.entries(all)
      .map(([name, list]) => /** @type {const} */ ([name, list.filter(hasRows)]))
      .filter(([, list]) => list.length > 0),
  );
}

/** @param {Table} table */
const hasRows = ({ rows }) => rows.length > 0;

/** @param {Verdict[]} verdicts @returns {Table} */
function targetTable(verdicts) {
  return {
    title: 'Targets',
    head: ['target', 'wanted', 'found', ''],
    rows: verdicts.map(({ target, wanted, found, isMet }) => [
      ...[target, wanted, found, isMet ? 'met' : 'not met'],
    ]),
  };
}

/** @param {Result} result @returns {Table[]} */
function startTables(result) {
  const parts = /** @type {const} */ ([
    ['downloadMs', 'download'],
    ['compileMs', 'compile and set up'],
    ['connectMs', 'first connection'],
    ['ms', 'all of it'],
  ]);
  const [first] = parts.map(([key]) => sideBySide('', [result], (it) => it[key], digits));
  const rows = parts.map(([key, name]) => {
    const [, ...cells] = sideBySide('', [result], (it) => it[key], digits).rows[0] ?? [];
    return [name, ...cells];
  });
  const [, ...names] = first?.head ?? [];
  return [{ title: 'Start in a new page, ms', head: ['part', ...names], rows }];
}

/** @param {Result} result @returns {Table} */
function memoryTable({ work, clients }) {
  const most = work.most ?? 0;
  const moments = /** @type {const} */ ([
    ['before', 'connected'],
    ['tenth', `after ${short(most / 10)} each way`],
    ['after', `after ${short(most)} each way`],
  ]);
  const kinds = ['heap', 'wasm', 'process'];
  const names = Object.keys(clients);
  return {
    title: 'Memory: JavaScript heap / wasm / private memory of the process, MiB',
    head: ['moment', ...names],
    rows: moments.map(([moment, words]) => [
      words,
      ...names.map((name) =>
        kinds
          .map((kind) => digits((clients[name]?.[`${kind}Bytes_${moment}`] ?? NaN) / (1 << 20)))
          .join(' / '),
      ),
    ]),
  };
}

/** @param {import('./sizes.js').Size[]} sizes @returns {Table} */
function sizeTable(sizes) {
  const kB = (/** @type {number} */ size) => digits(size / 1000);
  return {
    title: 'Size, kB',
    head: ['client', 'uncompressed', 'gzip', 'brotli'],
    rows: sizes.map(({ name, raw, gzip, brotli }) => [name, kB(raw), kB(gzip), kB(brotli)]),
  };
}

/** @param {import('./scratch.js').Scratch} scratch @returns {Table[]} */
function scratchTables({ calls, frames, load }) {
  const editors = [...new Set(calls.map(({ editor }) => editor))];
  const opcodes = [...new Set(calls.map(({ opcode }) => opcode))];
  const cost = (/** @type {string} */ editor, /** @type {string} */ opcode) =>
    calls.find((call) => call.editor === editor && call.opcode === opcode)?.us ?? NaN;
  return [
    {
      title: 'One call of a block that does not wait, µs',
      head: ['block', ...editors],
      rows: opcodes.map((opcode) => [
        opcode,
        ...editors.map((editor) => digits(cost(editor, opcode))),
      ]),
    },
    {
      title: '300 messages a second, each of which runs every hat',
      head: ['editor', 'hats', 'frames lost', 'frames late, at most', 'messages late', 'a run, µs'],
      rows: frames.map(({ editor, hats, lostPercent, framesLate, latePercent, runUs }) => [
        ...[editor, String(hats), `${digits(lostPercent)} %`, String(framesLate)],
        ...[`${digits(latePercent)} %`, digits(runUs)],
      ]),
    },
    {
      title: 'Until the official editor can be used, ms',
      head: ['', 'ms'],
      rows: [
        ['with an empty extension', digits(load.withoutMs)],
        ['with the blocks', digits(load.withMs)],
      ],
    },
  ];
}

/** Who failed, in words. @param {Result[]} results */
export function failures(results) {
  return results.flatMap(({ work, problems }) =>
    Object.entries(problems).map(([client, words]) => `${describe(work)}, ${client}: ${words}`),
  );
}
