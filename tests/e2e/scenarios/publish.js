// @ts-check
/** What a project publishes: too fast, and in vain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  connect,
  forever,
  login,
  publish,
  repeat,
  set,
  status,
  variable,
  whenClicked,
  whenFlag,
} from '../support/blocks.js';
import { PASSWORD, USER } from '../support/mosquitto.js';
import { uniqueTopic } from '../support/names.js';
import { freePorts } from '../support/ports.js';
import { connectTo } from '../support/stage.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** @param {Stage} stage */
export function publishing(stage) {
  test('a loop without a pause keeps no message from the broker, and the status counts', async () => {
    const { broker, editor, native } = stage;
    const loop = uniqueTopic('loop');
    const next = uniqueTopic('next');
    await native.subscribe(loop);
    await native.subscribe(next);

    await stage.play({
      Cat: {
        variables: { status: '' },
        scripts: [
          [
            whenFlag(),
            ...connectTo(broker),
            repeat(3000, publish('again', loop)),
            publish('last', loop),
            publish('hello', next),
            forever(set('status', status())),
          ],
        ],
      },
    });

    assert.deepEqual(await native.untilTexts(next, 1, 60_000), ['hello']);
    const texts = await native.untilTexts(loop, 201);
    assert.equal(texts.at(-1), 'last');
    // Every message of the loop was sent, or is counted.
    await editor.untilVariable('Cat', 'status', (value) => {
      const notSent = Number(/too fast: (\d+) not sent/.exec(String(value))?.[1]);
      return native.texts(loop).length + notSent === 3001;
    });
  });

  test('six green flags with a wrong address, then the right one: one message', async () => {
    const { broker, editor, native } = stage;
    const [port] = await freePorts(1);
    const topic = uniqueTopic('hello');
    await native.subscribe(topic);
    await stage.play({
      Cat: {
        variables: { address: `ws://localhost:${port}` },
        lists: { runs: [] },
        scripts: [
          [
            whenFlag(),
            login(USER, PASSWORD),
            connect(variable('address')),
            publish('hello', topic),
            add(status(), 'runs'),
          ],
          [whenClicked(), set('address', broker.wss)],
        ],
      },
    });
    for (let runs = 1; runs < 6; runs += 1) {
      await editor.untilLength('Cat', 'runs', runs, 20_000);
      await editor.greenFlag();
    }
    await editor.untilLength('Cat', 'runs', 6, 20_000);
    await editor.click('Cat');
    await editor.untilVariable('Cat', 'address', /wss/);

    await editor.greenFlag();

    const said = await editor.untilLength('Cat', 'runs', 7, 20_000);
    assert.match(String(said.at(-1)), /1 messages of the last run were not sent/);
    await native.publish(topic, 'end');
    const texts = await native.untilTexts(topic, 2);
    assert.deepEqual(texts, ['hello', 'end']);
  });
}
