// @ts-check
/** What pupils write by mistake: a sentence says what is wrong, and the project runs on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts } from '../support/ports.js';
import {
  connect,
  disconnect,
  isConnected,
  list,
  publish,
  set,
  setRoom,
  status,
  subscribe,
  whenFlag,
} from '../support/blocks.js';
import { uniqueTopic } from '../support/names.js';
import { connectTo } from '../support/stage.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** @typedef {{ name: string, block: import('../support/blocks.js').Block, says: RegExp }} Mistake */

/** @type {Mistake[]} */
const topicMistakes = [
  { name: 'an empty topic', block: publish('hello', ''), says: /The topic is empty\. Write one/ },
  {
    name: 'a wildcard in a publish topic',
    block: publish('hello', 'a/+'),
    says: /cannot publish to a\/\+/,
  },
  {
    name: 'a topic of 65,536 bytes',
    block: publish('hello', 't'.repeat(65_536)),
    says: /topic is too long/,
  },
  {
    name: 'a wildcard that does not stand alone',
    block: subscribe('a/b#'),
    says: /In the topic a\/b#/,
  },
  { name: 'an empty topic to subscribe to', block: subscribe(''), says: /The topic is empty/ },
  { name: 'a wildcard in a room', block: setRoom('a/#'), says: /room name cannot contain/ },
];

/** @type {Mistake[]} */
const addressMistakes = [
  { name: 'no address', block: connect(''), says: /address is empty/ },
  {
    name: 'an address with a space',
    block: connect('wss://my broker:8084/mqtt'),
    says: /space in the broker’s address/,
  },
  {
    name: 'an http:// address',
    block: connect('http://broker.example/mqtt'),
    says: /starts with http/,
  },
  { name: 'an mqtt:// address', block: connect('mqtt://broker.example'), says: /starts with wss/ },
  {
    name: 'a port of boards',
    block: connect('broker.example:1883'),
    says: /Port 1883 is for boards/,
  },
  {
    name: 'a port that cannot be',
    block: connect('wss://broker.example:99999'),
    says: /port .* is not right/,
  },
];

/** @param {Stage} stage */
export function mistakes(stage) {
  test('a topic that cannot be gives a sentence, and the connection stays', async () => {
    const { editor, broker } = stage;
    const before = [whenFlag(), ...connectTo(broker)];

    await stage.play({ Cat: sayingEach(before, topicMistakes) });

    await editor.untilVariable('Cat', 'then', /runs on/);
    await assertSaid(stage, topicMistakes);
    assert.equal(await editor.variable('Cat', 'connected'), true);
  });

  test('an address that cannot be gives a sentence', async () => {
    const { editor } = stage;

    await stage.play({ Cat: sayingEach([whenFlag(), disconnect()], addressMistakes) });

    await editor.untilVariable('Cat', 'then', /runs on/);
    await assertSaid(stage, addressMistakes);
  });

  test('a port where nothing answers gives a sentence, and the right address then connects', async () => {
    const { editor, broker } = stage;
    const [port = 0] = await freePorts(1);
    const wrong = [
      {
        name: 'unknown port',
        block: connect(`wss://localhost:${port}/mqtt`),
        says: new RegExp(`localhost:${port}`),
      },
    ];
    const cat = sayingEach([whenFlag(), disconnect()], wrong);
    const script = cat.scripts?.[0] ?? [];

    await stage.play({
      Cat: {
        ...cat,
        scripts: [[...script, ...connectTo(broker), set('connected', isConnected())]],
      },
    });

    await editor.untilVariable('Cat', 'connected', /true/, 30_000);
    await assertSaid(stage, wrong);
  });

  test('a number and a list are published as their texts', async () => {
    const { broker, native } = stage;
    const sent = uniqueTopic();
    await native.subscribe(sent);

    await stage.play({
      Cat: {
        lists: { things: ['red', 'green', '3'] },
        scripts: [
          [
            whenFlag(),
            ...connectTo(broker),
            publish(0.5, sent),
            publish(list('things'), sent),
            publish(isConnected(), sent),
          ],
        ],
      },
    });

    assert.deepEqual(await native.untilTexts(sent, 3), ['0.5', 'red green 3', 'true']);
  });
}

/**
 * A sprite that makes each mistake and keeps the sentence that follows.
 *
 * @param {import('../support/blocks.js').Block[]} begin
 * @param {Mistake[]} cases
 * @returns {import('../support/project.js').Sprite}
 */
function sayingEach(begin, cases) {
  const steps = cases.flatMap(({ name, block }) => [block, set(name, status())]);
  const end = [set('connected', isConnected()), set('then', 'the project runs on')];
  return {
    variables: Object.fromEntries(
      [...cases.map(({ name }) => name), 'connected', 'then'].map((name) => [name, '']),
    ),
    scripts: [[...begin, ...steps, ...end]],
  };
}

/** @param {Stage} stage @param {Mistake[]} cases */
async function assertSaid({ editor }, cases) {
  for (const { name, says } of cases)
    assert.match(String(await editor.variable('Cat', name)), says, name);
}
