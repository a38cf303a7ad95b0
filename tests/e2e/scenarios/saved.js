// @ts-check
/** A project that is saved and opened again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  payload,
  publishWith,
  subscribe,
  unsubscribe,
  whenFlag,
  whenMessage,
} from '../support/blocks.js';
import { uniqueTopic } from '../support/names.js';
import { connectTo } from '../support/stage.js';

/** @param {import('../support/stage.js').Stage} stage */
export function saving(stage) {
  test('a saved project works in a new page', async () => {
    const { broker, native } = stage;
    const question = uniqueTopic();
    const answer = uniqueTopic();
    await native.subscribe(answer);
    await stage.play({
      Cat: {
        lists: { got: [] },
        scripts: [
          [whenFlag(), ...connectTo(broker), subscribe('other'), unsubscribe('other')],
          [
            whenMessage(question),
            add(payload(), 'got'),
            publishWith(payload(), answer, '2', 'yes'),
          ],
        ],
      },
    });
    await stage.untilSubscribed(question);
    const file = await stage.editor.saveProject();

    await stage.reopen();
    await stage.editor.loadProject(file);
    await stage.editor.greenFlag();
    await stage.untilSubscribed(question, 2);
    await native.publish(question, 'again');

    assert.deepEqual(await stage.editor.untilLength('Cat', 'got', 1), ['again']);
    assert.deepEqual(await native.untilTexts(answer, 1), ['again']);
    await native.publish(answer, '', { retain: true });
  });
}
