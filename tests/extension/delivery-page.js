// @ts-check
// The page that says what becomes of messages in each engine: measured, then written.
import { isDeepStrictEqual } from 'node:util';
import { QUEUE_LIMIT } from '../../extension/delivery/sandboxed.js';
import { ROWS } from './delivery-table.js';
import { numbered } from './project.js';
import { FRAME_MS, makeSandbox } from './sandbox.js';

/** @typedef {{ seen: unknown, expected: unknown }} Result */

/**
 * How many of the things that scripts should have seen they saw, each in its place.
 *
 * @param {Result} result
 */
export function cellOf({ seen, expected }) {
  const wanted = textsOf(expected);
  const right = textsOf(seen).filter((text, index) => text === wanted[index]).length;
  const isExact = isDeepStrictEqual(seen, expected);
  return `${isExact ? '' : '**'}${right} of ${wanted.length}${isExact ? '' : '**'}`;
}

/** @param {unknown} value @returns {string[]} */
const textsOf = (value) =>
  Array.isArray(value) ? value.flatMap(textsOf) : typeof value === 'string' ? [value] : [];

/** What the scripts of a sandbox saw: messages, how many come in a second, hats on their topic. */
const SANDBOX_LOADS = /** @type {const} */ ([
  [100, 6, 1],
  [100, 6, 3],
  [100, 12, 1],
  [QUEUE_LIMIT, Infinity, 2],
  [2 * QUEUE_LIMIT, Infinity, 1],
]);

/** @returns {Promise<{ workload: string, result: Result, dropped: number }[]>} */
export async function sandboxRows() {
  const rows = [];
  for (const [count, perSecond, hats] of SANDBOX_LOADS) {
    const { bridge, client, frames } = await makeSandbox();
    const topics = Array.from({ length: hats }, () => 'test');
    /** @type {string[]} */
    const seen = frames(topics, 1);
    let arrived = 0;
    for (let frame = 1; arrived < count; frame += 1) {
      const due = Math.min(count, Math.floor((frame * FRAME_MS * perSecond) / 1000));
      for (; arrived < due; arrived += 1) client().deliver('test', String(arrived + 1));
      seen.push(...frames(topics, 1));
    }
    seen.push(...frames(topics, 8 * count));
    const speed = perSecond === Infinity ? 'at once' : `at ${perSecond} per second`;
    const runs = numbered(count).flatMap((text) => topics.map(() => text));
    const dropped = bridge.status.dropped.count;
    rows.push({
      workload: `${count} messages ${speed}, ${hats} ${hats === 1 ? 'hat' : 'hats'}`,
      result: { seen, expected: runs.slice(dropped * hats) },
      dropped,
    });
  }
  return rows;
}

/**
 * @param {Record<string, Result[]>} engines what each row gave, by the name of the engine
 * @param {Awaited<ReturnType<typeof sandboxRows>>} sandbox
 */
export function deliveryPage(engines, sandbox) {
  const names = Object.keys(engines);
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    '# From message to script: what each editor guarantees',
    '',
    '**The rule**: each message runs each script of its topic once, in order; up to 1,000 wait for a script, then the oldest is dropped and',
    'counted. In a sandbox about six messages a second are handled, and up to 100 wait. The tables are the evidence: the share of the expected',
    'runs of scripts that got the right message in the right place. (What a broker delivers is another matter:',
    '[QoS](qos-and-what-is-lost.md).)',
    '',
    'Frames and the clock are counted, so that every computer gives the same numbers. Written by',
    '`UPDATE_DELIVERY=1 node --test tests/e2e/engines.test.js`; `npm test` measures again and compares.',
    '',
    '## With a runtime',
    '',
    'The official editor, TurboWarp unsandboxed, Xcratch, Gandi, PenguinMod and packaged projects. Packaged projects run in',
    "TurboWarp's engines; Xcratch and Gandi in the official one, of another age.",
    '',
    line(['workload', ...names]),
    line(['---', ...names.map(() => '---')]),
    ...ROWS.map(({ name }, row) =>
      line([
        name.replace(/ handles? 100 of 100 messages( each)?/, ''),
        ...names.map((engine) => cellOf(/** @type {Result} */ (engines[engine]?.[row]))),
      ]),
    ),
    '',
    '## In a sandbox',
    '',
    'The editor asks each hat in each frame, and sees only that an answer becomes true. Six messages a second are handled as',
    `they come; faster ones wait, up to ${QUEUE_LIMIT} of them, and then the oldest are dropped and counted.`,
    '',
    line(['workload', 'runs of scripts', 'dropped and counted']),
    line(['---', '---', '---']),
    ...sandbox.map(({ workload, result, dropped }) =>
      line([workload, cellOf(result), String(dropped)]),
    ),
    '',
    'A loop with `message waiting on topic?` and `next message on topic` needs no hat, and takes one message in about three',
    'frames; up to 1,000 wait.',
    '',
    'A sandbox does not see the green flag. What an earlier run published for a broker that was not there is therefore sent',
    'when it comes: after six presses, six messages. A script that begins with `disconnect` takes it back.',
    '',
  ].join('\n');
}
