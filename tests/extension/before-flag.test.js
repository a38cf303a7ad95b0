// @ts-check
// A project that was opened does nothing until a person starts it: what it shows on the stage, and
// the hats that are asked in every frame, run at once.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { EXTENSION_ID } from '../../extension/blocks/ids.js';
import { BLOCKS, SEPARATOR } from '../../extension/blocks/palette.js';
import { IOT_BLOCKS, IOT_ID } from '../../extension/iot/blocks.js';
import { mqtt, note, playProject as playUntilEnd, wait, whenFlag, whenMessage } from './project.js';

/** @typedef {import('./project.js').Block} Block */

const BROKER = 'wss://broker.test:8084/mqtt';

/** A connect block that still waits would keep the process alive. @type {{ disconnect(): void }[]} */
const made = [];

afterEach(() => {
  for (const blocks of made.splice(0)) blocks.disconnect();
});

/** @type {typeof playUntilEnd} */
async function playProject(...given) {
  const play = await playUntilEnd(...given);
  made.push(play.blocks);
  return play;
}

/** Every command, ours and CodeLab's, with something in each of its slots. */
const COMMANDS = [
  ...BLOCKS.flatMap((block) =>
    block === SEPARATOR || block.blockType !== 'command'
      ? []
      : [{ opcode: `${EXTENSION_ID}_${block.opcode}`, slots: Object.keys(block.arguments ?? {}) }],
  ),
  ...Object.entries(IOT_BLOCKS).flatMap(([opcode, block]) =>
    block.blockType !== 'command'
      ? []
      : [{ opcode: `${IOT_ID}_${opcode}`, slots: Object.keys(block.arguments) }],
  ),
];

/** @type {Record<string, string>} */
const VALUES = { BROKER, mqtt_uri: BROKER, HEX: 'ff', MODE: 'newest only', N: '5', QOS: '1' };

for (const { opcode, slots } of COMMANDS) {
  test(`${opcode} does nothing where the stage shows it`, async () => {
    const params = Object.fromEntries(slots.map((name) => [name, VALUES[name] ?? 'test']));
    const play = await playProject({}, { hasIot: true, monitors: [{ opcode, params }] });

    play.frames(5);
    play.greenFlag();
    play.frames(5);

    const { connection, delivery, subscriptions } = /** @type {any} */ (play.bridge);
    assert.deepEqual(play.client().calls, []);
    assert.equal(subscriptions.room, '');
    assert.equal(delivery.messages[0].mode, 'one by one');
    assert.equal(connection.clientName, '');
    assert.equal(connection.will, null);
    assert.equal(connection.login, null);
  });
}

test('a reporter on the stage subscribes to nothing and takes no message', async () => {
  const monitors = ['lastMessage', 'messageWaiting', 'nextMessage'].map((opcode) => ({
    opcode: `${EXTENSION_ID}_${opcode}`,
    params: { TOPIC: 'test' },
  }));
  const play = await playProject(
    {
      Cat: [
        whenFlag(
          mqtt('subscribe', { TOPIC: 'test' }),
          wait(1),
          ...Array(3).fill(noteNext),
          noteNext,
        ),
      ],
    },
    { monitors },
  );
  play.frames(3);
  assert.deepEqual(play.client().calls, []);

  play.greenFlag();
  play.frames();
  play.arrive(3, 30);
  play.frames(60);

  assert.deepEqual(play.list(), ['1', '2', '3', '']);
});

const noteNext = {
  opcode: 'data_addtolist',
  inputs: { ITEM: mqtt('nextMessage', { TOPIC: 'test' }) },
  fields: { LIST: ['seen', 'seen'] },
};

const connect = mqtt('connect', { BROKER });

/** @param {...Block} body @returns {Block[]} */
const whenTimer = (...body) => [
  {
    opcode: 'event_whengreaterthan',
    inputs: { VALUE: '-1' },
    fields: { WHENGREATERTHANMENU: ['TIMER', null] },
  },
  ...body,
];

/** @param {...Block} body @returns {Block[]} */
const whenReceived = (...body) => [
  { opcode: 'event_whenbroadcastreceived', fields: { BROADCAST_OPTION: ['go', 'go'] } },
  ...body,
];

/** @param {...Block} body @returns {Block[]} */
const whenClone = (...body) => [{ opcode: 'control_start_as_clone' }, ...body];

const broadcast = {
  opcode: 'event_broadcast',
  inputs: {
    BROADCAST_INPUT: { menu: 'event_broadcast_menu', fields: { BROADCAST_OPTION: ['go', 'go'] } },
  },
};

const cloneMyself = {
  opcode: 'control_create_clone_of',
  inputs: {
    CLONE_OPTION: {
      menu: 'control_create_clone_of_menu',
      fields: { CLONE_OPTION: ['_myself_', null] },
    },
  },
};

/** How a project starts a script by itself. @type {[string, Block[][], any[]?][]} */
const BY_ITSELF = [
  ['a hat that is asked in every frame', [whenTimer(connect)]],
  ['a broadcast of such a hat', [whenTimer(broadcast), whenReceived(connect)]],
  ['a clone that such a hat makes', [whenTimer(cloneMyself), whenClone(connect)]],
  [
    'a broadcast on the stage',
    [whenReceived(connect)],
    [{ opcode: 'event_broadcast', params: { BROADCAST_OPTION: 'go' } }],
  ],
  [
    'a clone made on the stage',
    [whenClone(connect)],
    [{ opcode: 'control_create_clone_of', params: { CLONE_OPTION: 'Cat' } }],
  ],
];

for (const [what, scripts, monitors] of BY_ITSELF) {
  test(`${what} does not connect before the green flag`, async () => {
    const play = await playProject({ Cat: [...scripts, whenFlag(connect)] }, { monitors });

    play.frames(5);

    assert.deepEqual(play.client().asked('connect'), []);

    play.greenFlag();
    play.frames(2);

    assert.notDeepEqual(play.client().asked('connect'), []);
  });
}

test('the status says why a script did not connect', async () => {
  const play = await playProject({ Cat: [whenTimer(connect)] });

  play.frames(2);

  assert.match(play.blocks.status(), /only after it was started: click the green flag\.$/);
});

/** @type {[string, Block[][], (play: any) => void][]} */
const BY_A_PERSON = [
  [
    'a click on a script',
    [[connect]],
    ({ runtime, sprite }) => {
      const [script] = sprite('Cat').blocks.getScripts();
      runtime.toggleScript(script, { target: sprite('Cat'), stackClick: true });
    },
  ],
  [
    'a click on a script that broadcasts',
    [[broadcast], whenReceived(connect)],
    ({ runtime, sprite }) => {
      const [script] = sprite('Cat').blocks.getScripts();
      runtime.toggleScript(script, { target: sprite('Cat'), stackClick: true });
    },
  ],
  [
    'a click on a sprite',
    [[{ opcode: 'event_whenthisspriteclicked' }, connect]],
    ({ runtime, sprite }) => runtime.startHats('event_whenthisspriteclicked', null, sprite('Cat')),
  ],
  [
    'a key',
    [[{ opcode: 'event_whenkeypressed', fields: { KEY_OPTION: ['any', null] } }, connect]],
    ({ runtime }) => runtime.ioDevices.keyboard.postData({ key: 'a', isDown: true }),
  ],
];

for (const [what, scripts, act] of BY_A_PERSON) {
  test(`${what} connects without the green flag`, async () => {
    const play = await playProject({ Cat: scripts });

    act(play);
    play.frames(3);

    assert.equal(play.client().asked('connect').length, 1);
  });
}

test('the next project waits for a person again, and has no connection until then', async () => {
  const play = await playProject({
    Cat: [whenTimer(connect, mqtt('publish', { MESSAGE: 'hi', TOPIC: 'test' })), whenFlag(connect)],
  });
  play.greenFlag();
  play.frames(2);
  const old = play.client();
  const before = old.asked('publish').length;
  assert.notEqual(before, 0);

  // Its scripts run before the editor says that it is loaded.
  play.runtime.once('RUNTIME_DISPOSED', () => assert.equal(old.state, 'closed'));
  await play.reload();
  play.frames(5);

  assert.equal(old.asked('publish').length, before);
  assert.deepEqual(play.client().asked('connect'), []);
});

test('hats are subscribed to as soon as a project is opened, on no connection', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  play.frames(2);

  assert.deepEqual(play.client().asked('subscribe'), [['test', 0, 1]]);
  assert.deepEqual(play.client().asked('connect'), []);
});
