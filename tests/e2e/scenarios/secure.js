// @ts-check
/** A page that came over https, as every hosted Scratch does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, set, status, whenFlag } from '../support/blocks.js';
import { BROKER_NAME } from '../support/bench.js';
import { connectTo } from '../support/stage.js';

/** @param {import('../support/stage.js').Stage} stage */
export function onSecurePage(stage) {
  test('an address with ws:// gives a sentence, and the one with wss:// connects', async () => {
    const { editor, broker } = stage;

    await stage.play({
      Cat: {
        variables: { first: '', then: '' },
        scripts: [
          [
            whenFlag(),
            connect(`ws://${BROKER_NAME}:${broker.ports.ws}/mqtt`),
            set('first', status()),
            ...connectTo(broker),
            set('then', status()),
          ],
        ],
      },
    });

    await editor.untilVariable('Cat', 'then', /^Connected to wss/);
    assert.match(
      String(await editor.variable('Cat', 'first')),
      /This page is secure .* Use wss:\/\//,
    );
  });
}
