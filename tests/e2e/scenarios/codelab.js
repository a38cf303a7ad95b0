// @ts-check
/** Projects of CodeLab's extension: as they are, and changed to our blocks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProject } from '../../../www/convert/sb3.js';
import {
  connect,
  iotConnect,
  iotIsConnected,
  isConnected,
  set,
  waitUntil,
  whenFlag,
} from '../support/blocks.js';
import { Lesson, guestAddress } from '../support/codelab.js';
import { makeProject } from '../support/project.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** @param {Stage} stage */
export function codelab(stage) {
  test('a project of CodeLab runs with iot.js as it is', async () => {
    const { bench, broker, editor } = stage;
    const lesson = new Lesson(guestAddress(broker));
    await editor.addExtension(iotUrl(bench));

    await editor.loadProject(lesson.file);

    await lesson.play(editor, bench);
  });

  test('a project of CodeLab runs when it was changed to our blocks', async () => {
    const { bench, broker, editor } = stage;
    const lesson = new Lesson(guestAddress(broker));
    const changed = openProject(lesson.file).convert({
      stripsLogins: false,
      extensionUrl: bench.extensionUrl,
    });

    await editor.loadProject(Buffer.from(changed));

    await lesson.play(editor, bench);
  });

  test('blocks of both extensions share one connection', async () => {
    const { bench, broker, editor } = stage;
    await editor.addExtension(bench.extensionUrl);
    await editor.addExtension(iotUrl(bench));
    await editor.loadProject(
      makeProject({
        extensions: ['iot', 'scratchmqtt'],
        extensionUrl: bench.extensionUrl,
        sprites: {
          Cat: {
            variables: { ours: '' },
            scripts: [
              [
                whenFlag(),
                iotConnect(guestAddress(broker)),
                waitUntil(iotIsConnected()),
                connect(guestAddress(broker)),
                set('ours', isConnected()),
              ],
            ],
          },
        },
      }),
    );
    const before = connectionsOf(broker);

    await editor.greenFlag();

    assert.equal(await editor.untilVariable('Cat', 'ours', /true|false/), true);
    assert.equal(connectionsOf(broker), before + 1);
  });
}

/** @param {import('../support/bench.js').Bench} bench */
const iotUrl = ({ extensionUrl }) => new URL('iot.js', extensionUrl).href;

/** How many connections the broker has accepted. @param {{ log: string }} broker */
const connectionsOf = ({ log }) => log.split('Sending CONNACK to ').length - 1;
