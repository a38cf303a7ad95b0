// @ts-check
/** Letters of every script, and bytes that are no letters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, payload, publish, topic, whenFlag, whenMessage } from '../support/blocks.js';
import { uniqueTopic } from '../support/names.js';
import { connectTo } from '../support/stage.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** @param {Stage} stage */
export function texts(stage) {
  test('é, 中文 and 😀 go both ways, in topics and in messages', async () => {
    const { native } = stage;
    const question = uniqueTopic('école/问题/😀');
    const answer = uniqueTopic('école/回答/😀');
    await native.subscribe(answer);
    await playEcho(stage, question, answer);

    await native.publish(question, 'é 中文 😀');

    assert.deepEqual(await native.untilTexts(answer, 1), [`${question}: é 中文 😀`]);
  });

  test('a message that is not UTF-8 is delivered, and so are an empty one and the next', async () => {
    const { native } = stage;
    const question = uniqueTopic();
    const answer = uniqueTopic();
    await native.subscribe(answer);
    await playEcho(stage, question, answer);

    await native.publish(question, Buffer.from([0xff, 0xfe, 0x00]));
    await native.publish(question, '');
    await native.publish(question, 'good');

    assert.deepEqual(await native.untilTexts(answer, 3), [
      `${question}: \ufffd\ufffd\0`,
      `${question}: `,
      `${question}: good`,
    ]);
  });
}

/**
 * Plays a project that answers each message with its topic and its payload.
 *
 * @param {Stage} stage
 * @param {string} question
 * @param {string} answer
 */
async function playEcho(stage, question, answer) {
  await stage.play({
    Cat: {
      scripts: [
        [whenFlag(), ...connectTo(stage.broker)],
        [whenMessage(question), publish(join(topic(), join(': ', payload())), answer)],
      ],
    },
  });
  await stage.untilSubscribed(question);
}
