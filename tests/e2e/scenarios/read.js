// @ts-check
/** Messages read by a loop, without a hat: the way that works in every editor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  forever,
  join,
  messageWaiting,
  nextMessage,
  payload,
  publish,
  set,
  status,
  subscribe,
  topic,
  waitUntil,
  whenFlag,
  whenMessage,
} from '../support/blocks.js';
import { uniqueTopic } from '../support/names.js';
import { connectTo } from '../support/stage.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

const NUMBERS = Array.from({ length: 20 }, (_, index) => String(index + 1));

/** @param {string} filter @param {import('../support/blocks.js').Value} what */
const readAll = (filter, what) => forever(waitUntil(messageWaiting(filter)), add(what, 'got'));

/** @param {Stage} stage */
export function reading(stage) {
  test('a loop reads every message once, in order, with its topic', async () => {
    const { editor, broker, native } = stage;
    const room = uniqueTopic();
    const filter = `${room}/#`;
    const seen = join(nextMessage(filter), join(' ', join(payload(), join(' ', topic()))));
    await stage.play({
      Cat: {
        lists: { got: [] },
        scripts: [[whenFlag(), ...connectTo(broker), readAll(filter, seen)]],
      },
    });
    await stage.untilSubscribed(filter);

    for (const number of NUMBERS) await native.publish(`${room}/${number}`, number);

    assert.deepEqual(
      await editor.untilLength('Cat', 'got', NUMBERS.length),
      NUMBERS.map((number) => `${number} ${number} ${room}/${number}`),
    );
  });

  test('two loops on one topic share its messages: each is read by one of them', async () => {
    const { editor, broker, native } = stage;
    const shared = uniqueTopic();
    const reader = { lists: { got: [] } };
    await stage.play({
      Cat: {
        ...reader,
        scripts: [[whenFlag(), ...connectTo(broker), readAll(shared, nextMessage(shared))]],
      },
      Dog: { ...reader, scripts: [[whenFlag(), readAll(shared, nextMessage(shared))]] },
    });
    await stage.untilSubscribed(shared);

    for (const number of NUMBERS) await native.publish(shared, number);
    /** What both read; who asks just after the other finds nothing, an empty text. */
    const read = async () =>
      [...(await editor.list('Cat', 'got')), ...(await editor.list('Dog', 'got'))].filter(Boolean);
    await until('all to be read', async () => (await read()).length >= NUMBERS.length, {
      seen: read,
    });

    const ascending = (await read()).map(Number).sort((one, other) => one - other);
    assert.deepEqual(ascending.map(String), NUMBERS);
  });

  test('two loops whose topics overlap read each message once each', async () => {
    const { editor, broker, native } = stage;
    const room = uniqueTopic();
    const [all, one] = [`${room}/#`, `${room}/temp`];
    const reader = { variables: { asked: '' }, lists: { got: [] } };
    /** @param {string} filter */
    const reads = (filter) => [
      set('asked', messageWaiting(filter)),
      readAll(filter, nextMessage(filter)),
    ];
    await stage.play({
      Cat: { ...reader, scripts: [[whenFlag(), ...connectTo(broker), ...reads(all)]] },
      Dog: { ...reader, scripts: [[whenFlag(), ...reads(one)]] },
    });
    for (const sprite of ['Cat', 'Dog']) await editor.untilVariable(sprite, 'asked', /false/);
    await stage.untilSubscribed(all);

    const five = NUMBERS.slice(0, 5);
    for (const number of five) await native.publish(one, number);
    await native.publish(`${room}/end`, 'end');

    assert.deepEqual(await editor.untilLength('Cat', 'got', 6), [...five, 'end']);
    assert.deepEqual(await editor.untilLength('Dog', 'got', 5), five);
  });

  test('an answer that comes before the script asks for it is not lost', async () => {
    const { editor, broker } = stage;
    const asked = uniqueTopic();
    await stage.play({
      Cat: {
        variables: { answer: '' },
        scripts: [
          [
            whenFlag(),
            ...connectTo(broker),
            subscribe(asked),
            publish('yes', asked),
            waitUntil(messageWaiting(asked)),
            set('answer', nextMessage(asked)),
          ],
        ],
      },
    });

    await editor.untilVariable('Cat', 'answer', /^yes$/);
  });
}

/** Where hats hang. @param {Stage} stage */
export function readingWithoutHats(stage) {
  test('a hat never runs here, the loop reads every message, and the status says so', async () => {
    const { editor, broker, native } = stage;
    const both = uniqueTopic();
    await stage.play({
      Cat: {
        variables: { status: '', asked: '' },
        lists: { got: [], hat: [] },
        scripts: [
          [
            whenFlag(),
            ...connectTo(broker),
            set('asked', messageWaiting(both)),
            readAll(both, nextMessage(both)),
          ],
          [whenMessage(both), add(payload(), 'hat')],
          [whenFlag(), forever(set('status', status()))],
        ],
      },
    });
    // The hat has subscribed already; what the loop reads waits from its first question on.
    await editor.untilVariable('Cat', 'asked', /false/);
    await stage.untilSubscribed(both);

    for (const number of NUMBERS) await native.publish(both, number);

    assert.deepEqual(await editor.untilLength('Cat', 'got', NUMBERS.length), NUMBERS);
    assert.deepEqual(await editor.list('Cat', 'hat'), []);
    await editor.untilVariable('Cat', 'status', /“When” blocks do not run here/);
  });
}
