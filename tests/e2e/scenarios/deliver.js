// @ts-check
/** Messages into scripts, and out of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  cloneMyself,
  forever,
  join,
  lastMessage,
  payload,
  publish,
  publishWith,
  repeat,
  set,
  setRoom,
  subscribe,
  topic,
  unsubscribe,
  whenFlag,
  whenMessage,
} from '../support/blocks.js';
import { mosquittoPub, mosquittoSub } from '../support/native.js';
import { uniqueTopic } from '../support/names.js';
import { connectTo } from '../support/stage.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** @param {Stage} stage */
export function delivering(stage) {
  test('300 messages in one second arrive in order in two sprites and a clone', async () => {
    const { editor, broker, native } = stage;
    const room = uniqueTopic();
    const note = [whenMessage(`${room}/#`), add(join(topic(), join(' ', payload())), 'got')];
    await stage.play({
      Cat: {
        lists: { got: [] },
        scripts: [note, [whenFlag(), ...connectTo(broker), cloneMyself()]],
      },
      Dog: { lists: { got: [] }, scripts: [note] },
    });
    await stage.untilSubscribed(`${room}/#`);
    await until('the clone', async () => (await editor.lists('Cat', 'got')).length === 2);
    const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
    const expected = numbers.map((number) => `${room}/${number % 7} message ${number}`);

    const started = Date.now();
    await Promise.all(
      numbers.map((number) => native.publish(`${room}/${number % 7}`, `message ${number}`)),
    );
    const took = Date.now() - started;

    const lists = async () => [
      ...(await editor.lists('Cat', 'got')),
      ...(await editor.lists('Dog', 'got')),
    ];
    await until(
      '300 runs of every script',
      async () => (await lists()).every((got) => got.length >= 300),
      {
        seen: async () => (await lists()).map((got) => [got.length, got.slice(-2)]),
      },
    );
    assert(took < 1_000, `all were published within one second, not ${took} ms`);
    assert.deepEqual(await lists(), [expected, expected, expected]);
  });

  test('a script that takes several frames ends one message before it takes the next', async () => {
    const { editor, broker, native } = stage;
    const asked = uniqueTopic();
    await stage.play({
      Cat: {
        lists: { got: [] },
        scripts: [
          [whenFlag(), ...connectTo(broker)],
          [whenMessage(asked), repeat(3, add(payload(), 'got'))],
        ],
      },
    });
    await stage.untilSubscribed(asked);
    const numbers = Array.from({ length: 20 }, (_, index) => String(index + 1));

    for (const number of numbers) void native.publish(asked, number);

    const got = await editor.untilLength('Cat', 'got', 60);
    assert.deepEqual(
      got,
      numbers.flatMap((number) => [number, number, number]),
    );
  });

  test('topics belong to the room, and unsubscribe ends what a hat began', async () => {
    const { editor, broker, native } = stage;
    const room = uniqueTopic('room');
    await native.subscribe(`${room}/out`);
    await stage.play({
      Cat: {
        lists: { got: [], ends: [] },
        scripts: [
          [whenFlag(), setRoom(room), ...connectTo(broker)],
          [whenMessage('in'), add(join(topic(), payload()), 'got'), publish(payload(), 'out')],
          [whenMessage('end'), unsubscribe('in'), add(topic(), 'ends')],
        ],
      },
    });
    await stage.untilSubscribed(`${room}/in`);
    await stage.untilSubscribed(`${room}/end`);

    await native.publish(`${room}/in`, '1');
    assert.deepEqual(await native.untilTexts(`${room}/out`, 1), ['1']);
    await native.publish(`${room}/end`, '');
    await until('UNSUBSCRIBE', () => broker.unsubscriptions(`${room}/in`) === 1);
    await native.publish(`${room}/in`, '2');
    await native.publish(`${room}/end`, '');

    assert.deepEqual(await editor.untilLength('Cat', 'ends', 2), ['end', 'end']);
    assert.deepEqual(await editor.list('Cat', 'got'), ['in1']);
  });

  test('a reply published by Scratch arrives at mosquitto_sub', async () => {
    const { broker } = stage;
    const question = uniqueTopic('question');
    const answer = uniqueTopic('answer');
    const subscriber = await mosquittoSub(broker, answer, ['-v']);
    try {
      await stage.play({
        Cat: {
          scripts: [
            [whenFlag(), ...connectTo(broker)],
            [whenMessage(question), publish(join('reply to ', payload()), answer)],
          ],
        },
      });
      await stage.untilSubscribed(question);

      await mosquittoPub(broker, question, 'how are you?');

      await until(
        'the reply',
        () => subscriber.output.includes(`${answer} reply to how are you?\n`),
        {
          seen: () => subscriber.output,
        },
      );
    } finally {
      await subscriber.end();
    }
  });

  test('what is subscribed and published before connect is done when connected', async () => {
    const { broker, native } = stage;
    const early = uniqueTopic('early');
    const sent = uniqueTopic('sent');
    await native.publish(early, 'kept for you', { retain: true, qos: 1 });
    await native.subscribe(sent);
    await stage.reopen();

    await stage.play({
      Cat: {
        variables: { last: '' },
        scripts: [
          [
            whenFlag(),
            subscribe(early),
            publish('first', sent),
            publishWith('second', sent, '1', 'no'),
            publishWith('third', sent, '2', 'no'),
            ...connectTo(broker),
            forever(set('last', lastMessage(early))),
          ],
        ],
      },
    });

    assert.deepEqual(await native.untilTexts(sent, 3), ['first', 'second', 'third']);
    await stage.editor.untilVariable('Cat', 'last', /^kept for you$/);
    await native.publish(early, '', { retain: true, qos: 1 });
  });
}
