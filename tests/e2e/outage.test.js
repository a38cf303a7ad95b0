// @ts-check
/** The broker is gone for ten seconds; all editors live through the same outage. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBench } from './support/bench.js';
import {
  add,
  equals,
  isConnected,
  payload,
  publish,
  publishWith,
  set,
  waitUntil,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { officialEditor } from './support/editors/official-editor.js';
import { turbowarp } from './support/editors/turbowarp.js';
import { uniqueTopic } from './support/names.js';
import { Stage, connectTo, watcher } from './support/stage.js';
import { until } from './support/wait.js';

/** How long the broker is away at least, in milliseconds. */
const OUTAGE_MS = 10_000;
/** How long the clients may take to be back, in milliseconds: they wait longer after each attempt. */
const BACK_MS = 60_000;

/** @type {import('./support/bench.js').Bench} */
let bench;
const stages = [
  new Stage({
    name: 'official editor',
    open: async ({ browser, start }) => officialEditor(await browser.newPage(), { start }),
  }),
  new Stage({
    name: 'TurboWarp',
    open: async ({ browser, origin }) => turbowarp(await browser.newPage(), { origin }),
  }),
];
/** One for each stage. */
const questions = stages.map(() => uniqueTopic('question'));
const answers = stages.map(() => uniqueTopic('answer'));

before(async () => {
  bench = await openBench();
  for (const stage of stages) await stage.open(bench);
});
after(async () => {
  await Promise.allSettled(stages.map((stage) => stage.close()));
  await bench?.cleanup.run();
});

describe('a broker that is killed and comes back after ten seconds', () => {
  test('is noticed by every project, whose scripts go on', async () => {
    for (const [index, stage] of stages.entries())
      await play(stage, questions[index] ?? '', answers[index] ?? '');

    const killedAt = Date.now();
    await bench.broker.kill();

    for (const stage of stages) {
      await stage.editor.untilVariable('Cat', 'noticed', /yes/);
      await stage.editor.untilVariable('Watcher', 'status', /Trying again in \d+ s/);
    }
    for (const question of questions) {
      bench.native
        .publish(question, 'from afar while away', { qos: 1, retain: true })
        .catch(() => {});
    }
    await until('the end of the outage', () => Date.now() - killedAt >= OUTAGE_MS);
  });

  test('gets what the projects published while it was away, in order', async () => {
    await bench.broker.start();

    for (const answer of answers) {
      const sent = () => publishedTo(answer);
      await until(`three messages to ${answer}`, () => sent().length >= 3, {
        withinMs: BACK_MS,
        seen: sent,
      });
      assert.deepEqual(sent(), ['q0', 'q1', 'q2']);
    }
  });

  test('gives the projects what others published meanwhile, and what they publish now', async () => {
    for (const [index, { editor }] of stages.entries()) {
      assert.deepEqual(await editor.untilLength('Cat', 'got', 1), ['from afar while away']);

      await bench.native.publish(questions[index] ?? '', 'from afar, afterwards', { qos: 1 });

      assert.deepEqual(await editor.untilLength('Cat', 'got', 2), [
        'from afar while away',
        'from afar, afterwards',
      ]);
      await editor.untilVariable('Watcher', 'status', /^Connected to/);
      assert.deepEqual(editor.errors, []);
    }
  });
});

/**
 * A project that publishes when it sees that the connection is lost.
 *
 * @param {Stage} stage
 * @param {string} question
 * @param {string} answer
 */
async function play(stage, question, answer) {
  await stage.play({
    Cat: {
      variables: { noticed: '' },
      lists: { got: [] },
      scripts: [
        [
          whenFlag(),
          ...connectTo(stage.broker),
          waitUntil(equals(isConnected(), 'false')),
          publish('first', answer),
          publishWith('second', answer, '1', 'no'),
          publishWith('third', answer, '2', 'no'),
          set('noticed', 'yes'),
        ],
        [whenMessage(question), add(payload(), 'got')],
      ],
    },
    Watcher: watcher(),
  });
  await stage.untilSubscribed(question);
}

/**
 * What the broker has received at a topic, as its log tells it: whoever subscribes may be back later than Scratch.
 *
 * @param {string} topic
 * @returns {string[]} the QoS of each message
 */
function publishedTo(topic) {
  const lines = bench.broker.log.matchAll(
    /^Received PUBLISH from scratch\w+ \(d0, (q\d), r0, m\d+, '(.*)', /gm,
  );
  return [...lines].filter((line) => line[2] === topic).map((line) => line[1] ?? '');
}
