// @ts-check
/** The parts of `npm run bench`: every client can do what it is measured with. No timing decides anything. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Bench } from '../../bench/runner/bench.js';
import { ALL, EXACTLY_ONCE } from '../../bench/runner/clients.js';
import { QUICK } from '../../bench/runner/extent.js';

/** @typedef {import('../../bench/runner/works.js').Work} Work */

/** So many messages, once; the first trial, which finds the number, does as many. */
const COUNT = 10;
const EXTENT = { ...QUICK, repetitions: 1, trialMs: 60_000 };

/** @type {Bench} */
let bench;

before(async () => {
  bench = await Bench.open();
});

after(() => bench?.close());

/** @type {Omit<Work, 'id'>[]} */
const WORKS = [
  { kind: 'publish', place: 'null', payloadBytes: 16, qos: 0, clients: ALL },
  { kind: 'publish', place: 'null', payloadBytes: 16, qos: 1, clients: ALL },
  { kind: 'publish', place: 'null', payloadBytes: 16, qos: 2, clients: EXACTLY_ONCE },
  { kind: 'publish', place: 'null', payloadBytes: 100_000, qos: 0, clients: ALL },
  { kind: 'receive', place: 'null', payloadBytes: 16, packetsPerFrame: 3, clients: ALL },
  { kind: 'receive', place: 'null', payloadBytes: 100_000, packetsPerFrame: 1, clients: ALL },
  { kind: 'round-trip', place: 'null', payloadBytes: 16, clients: ALL },
  { kind: 'connect', place: 'null', payloadBytes: 0, clients: ALL },
  { kind: 'publish', place: 'broker', payloadBytes: 16, qos: 1, clients: ALL },
  { kind: 'receive', place: 'broker', payloadBytes: 16, packetsPerFrame: 1, clients: ALL },
  { kind: 'start', place: 'null', payloadBytes: 0, clients: ['ours', 'mqttjs'], isFresh: true },
  { kind: 'memory', place: 'null', payloadBytes: 16, clients: ['ours'], isFresh: true },
];

for (const [index, work] of WORKS.entries()) {
  const { kind, place, qos, payloadBytes } = work;
  const name = [kind, qos === undefined ? '' : `QoS ${qos}`, `${payloadBytes} B`, place];
  test(`every client can do it: ${name.filter(Boolean).join(', ')}`, async () => {
    const { trials, problems } = await bench.run(
      { ...work, id: `smoke-${index}`, most: COUNT },
      EXTENT,
    );

    assert.deepEqual(problems, {});
    assert.deepEqual(trials.map(({ client }) => client).sort(), [...work.clients].sort());
    assert(trials.every(({ count }) => count === (work.isFresh ? 1 : COUNT)));
  });
}

test('client that fails is reported with its reason, and the others go on', async () => {
  const { trials, problems } = await bench.run(
    {
      ...{ id: 'smoke-failure', kind: 'publish', place: 'null', payloadBytes: 16, qos: 2 },
      ...{ clients: ['no such client', 'raw'], most: COUNT },
    },
    EXTENT,
  );

  assert.match(problems['no such client'] ?? '', /there is no client/);
  assert.deepEqual(
    trials.map(({ client }) => client),
    ['raw'],
  );
});
