// @ts-check
/** Connecting: with the right and the wrong password, and by every way to write an address. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BROKER } from '../../../extension/blocks/ids.js';
import { BROKER_NAME } from '../support/bench.js';
import {
  connect,
  disconnect,
  isConnected,
  login,
  set,
  status,
  whenFlag,
} from '../support/blocks.js';
import { PASSWORD, USER } from '../support/mosquitto.js';
import { connectTo, watcher } from '../support/stage.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** @param {Stage} stage */
export function connecting(stage) {
  test('the green flag connects over wss with a password', async () => {
    const { editor, broker } = stage;

    await stage.play({
      Cat: {
        variables: { connected: '' },
        scripts: [[whenFlag(), ...connectTo(broker), set('connected', isConnected())]],
      },
      Watcher: watcher(),
    });

    await editor.untilVariable('Cat', 'connected', /^true$/);
    await editor.untilVariable('Watcher', 'status', /^Connected to wss:\/\/localhost/);
    assert.match(
      broker.log,
      new RegExp(`New client connected from .* as scratch\\w+ .*u'${USER}'`),
    );
  });

  for (const { name, address, shown } of addresses) {
    test(`${name} connects`, async () => {
      const { editor, broker } = stage;

      await stage.play({
        Cat: {
          variables: { status: '' },
          scripts: [[whenFlag(), disconnect(), ...address(broker), set('status', status())]],
        },
      });

      assert.equal(await editor.untilVariable('Cat', 'status', /^Connected to/), shown(broker));
    });
  }

  test('a wrong password gives a sentence and a single attempt, and the project runs on', async () => {
    const { editor, broker } = stage;
    const before = broker.refusals;

    await stage.play({
      Cat: {
        variables: { status: '', then: '' },
        scripts: [
          [
            whenFlag(),
            disconnect(),
            login(USER, 'wrong'),
            connect(broker.wss),
            set('status', status()),
            set('then', 'the project runs on'),
          ],
        ],
      },
      Watcher: watcher(),
    });

    await editor.untilVariable('Cat', 'then', /runs on/);
    assert.match(
      String(await editor.variable('Cat', 'status')),
      /refused the user name or password/,
    );
    assert.equal(await editor.variable('Watcher', 'connected'), false);
    assert.equal(broker.refusals, before + 1);
  });
}

/** @typedef {import('../support/mosquitto.js').Mosquitto} Mosquitto */

/** @type {{ name: string, address: (broker: Mosquitto) => import('../support/blocks.js').Block[], shown: (broker: Mosquitto) => string }[]} */
const addresses = [
  {
    name: 'an address with a login in it, which is never shown,',
    address: ({ wss }) => [
      connect(wss.replace('//', `//${USER}:${encodeURIComponent(PASSWORD)}@`)),
    ],
    shown: ({ wss }) => `Connected to ${wss}.`,
  },
  {
    name: 'the connect block as it lies in the palette',
    address: () => [connect(DEFAULT_BROKER)],
    shown: () =>
      `Connected to ${DEFAULT_BROKER}. This broker is public: everybody on the internet can read what you send. Send nothing private, and use a room of your own.`,
  },
  {
    name: 'a host and a port without wss:// and without /mqtt',
    address: ({ ports }) => [login(USER, PASSWORD), connect(`${BROKER_NAME}:${ports.wss}`)],
    shown: ({ ports }) => `Connected to ${BROKER_NAME}:${ports.wss}.`,
  },
];
