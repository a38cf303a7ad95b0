// @ts-check
// What is measured here for every way of delivery is in the table of docs/decisions; the runtime is
// the official one, its frames are virtual.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUEUE_LIMIT } from '../../extension/delivery/with-runtime.js';
import { mqtt, note, numbered, playProject, wait, whenFlag, whenMessage } from './project.js';

const RATES = [15, 30, 60, 300];

/** `set [value] to (message payload)` */
const setValue = {
  opcode: 'data_setvariableto',
  inputs: { VALUE: mqtt('messagePayload') },
  fields: { VARIABLE: ['value', 'value'] },
};

const forever = { opcode: 'control_forever', inputs: { SUBSTACK: [wait(0)] } };

const broadcast = {
  opcode: 'event_broadcast',
  inputs: {
    BROADCAST_INPUT: { menu: 'event_broadcast_menu', fields: { BROADCAST_OPTION: ['go', 'go'] } },
  },
};

for (const perSecond of RATES) {
  test(`a short script handles 100 of 100 messages at ${perSecond} per second`, async () => {
    const play = await playProject({ Cat: [whenMessage('test', note())] });

    play.arrive(100, perSecond);

    assert.deepEqual(play.list(), numbered());
  });

  test(`a script that waits handles 100 of 100 messages at ${perSecond} per second`, async () => {
    const play = await playProject({
      Cat: [whenMessage('test', note(), wait(0.1), note('after'))],
    });

    play.arrive(100, perSecond);
    play.frames(450);

    assert.deepEqual(play.list(), numbered());
    assert.deepEqual(play.list('after'), numbered());
  });

  test(`two sprites and a clone handle 100 of 100 messages each at ${perSecond} per second`, async () => {
    const makeClone = {
      opcode: 'control_create_clone_of',
      inputs: {
        CLONE_OPTION: {
          menu: 'control_create_clone_of_menu',
          fields: { CLONE_OPTION: ['_myself_', null] },
        },
      },
    };
    const play = await playProject({
      Cat: [whenMessage('test', note('own of Cat'))],
      Dog: [whenFlag(makeClone), whenMessage('test', note('own of Dog'))],
    });
    play.greenFlag();
    play.frames();

    play.arrive(100, perSecond);

    assert.deepEqual(play.ownLists('Cat'), [numbered()]);
    assert.deepEqual(play.ownLists('Dog'), [numbered(), numbered()]);
  });

  test(`a receiver of a broadcast runs 100 times at ${perSecond} messages per second`, async () => {
    const play = await playProject({
      Cat: [whenMessage('test', setValue, broadcast)],
      Dog: [
        [
          { opcode: 'event_whenbroadcastreceived', fields: { BROADCAST_OPTION: ['go', 'go'] } },
          {
            opcode: 'data_addtolist',
            inputs: { ITEM: { opcode: 'data_variable', fields: { VARIABLE: ['value', 'value'] } } },
            fields: { LIST: ['received', 'received'] },
          },
        ],
      ],
    });

    play.arrive(100, perSecond);
    play.frames(110);

    assert.deepEqual(
      play.list('received'),
      numbered().map((seen) => seen.replace('test=', '')),
    );
  });
}

test('a burst of 100 messages is handled in the frames in which it arrives', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  for (let frame = 0; frame < 10; frame += 1) {
    for (let n = 1; n <= 10; n += 1) play.client().deliver('test', String(frame * 10 + n));
    play.frames();
    assert.equal(play.list().length, (frame + 1) * 10);
  }
});

test('messages of another topic start no script', async () => {
  const play = await playProject({
    Cat: [whenMessage('one', note('cat')), whenMessage('two', note('dog'))],
  });

  play.arrive(100, 60, ['one', 'two']);

  assert.deepEqual(
    play.list('cat'),
    numbered(100, 'one').filter((_, index) => index % 2 === 0),
  );
  assert.deepEqual(
    play.list('dog'),
    numbered(100, 'two').filter((_, index) => index % 2 === 1),
  );
});

test('a hat with wildcards gets the messages of every topic that matches', async () => {
  const play = await playProject({ Cat: [whenMessage('sensor/+/temp', note())] });

  play.client().deliver('sensor/1/temp', '20');
  play.client().deliver('sensor/1/light', '7');
  play.client().deliver('sensor/2/temp', '21');
  play.frames();

  assert.deepEqual(play.list(), ['sensor/1/temp=20', 'sensor/2/temp=21']);
});

test('topics differ by upper and lower case', async () => {
  const play = await playProject({ Cat: [whenMessage('Test', note())] });

  play.client().deliver('test', 'lower');
  play.client().deliver('Test', 'upper');
  play.frames();

  assert.deepEqual(play.list(), ['Test=upper']);
});

test('a script that never ends stops no other script', async () => {
  const play = await playProject({
    Cat: [whenMessage('test', note('cat'), forever)],
    Dog: [whenMessage('test', note('dog'))],
  });

  play.arrive(100, 60);

  assert.deepEqual(play.list('cat'), ['test=1']);
  assert.deepEqual(play.list('dog'), numbered());
});

test('a script that waits for some messages finishes them in order', async () => {
  const isFifth = {
    opcode: 'operator_equals',
    inputs: {
      OPERAND1: {
        opcode: 'operator_mod',
        inputs: { NUM1: mqtt('messagePayload'), NUM2: '5' },
      },
      OPERAND2: '0',
    },
  };
  const waitSometimes = {
    opcode: 'control_if',
    inputs: { CONDITION: isFifth, SUBSTACK: [wait(0.1)] },
  };
  const play = await playProject({ Cat: [whenMessage('test', waitSometimes, note())] });

  let mostAlive = 0;
  for (let n = 1; n <= 100; n += 1) {
    play.client().deliver('test', String(n));
    play.frames();
    mostAlive = Math.max(mostAlive, play.runtime.threads.length);
  }
  play.frames(100);

  assert.deepEqual(play.list(), numbered());
  assert.equal(mostAlive, 1);
});

test('a full queue skips the oldest messages, and the status counts them', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note(), wait(1))] });
  play.client().deliver('test', 'first');
  play.frames();

  for (let n = 1; n <= QUEUE_LIMIT + 7; n += 1) play.client().deliver('test', String(n));
  play.frames(40);

  assert.deepEqual(play.list(), ['test=first', 'test=8']);
  assert.match(play.blocks.status(), /7 messages were skipped .* topic test\./);
});

test('the red button empties the queues and keeps the connection', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note(), wait(1))] });
  for (let n = 1; n <= 5; n += 1) play.client().deliver('test', String(n));
  play.frames();

  play.stopAll();
  play.frames(60);

  assert.deepEqual(play.list(), ['test=1']);
  assert.equal(play.blocks.isConnected(), true);
});

test('the green flag empties the queues and the count of what was skipped', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note(), wait(1))] });
  for (let n = 1; n <= QUEUE_LIMIT + 7; n += 1) play.client().deliver('test', String(n));
  play.frames();

  play.greenFlag();
  play.frames(60);

  assert.deepEqual(play.list(), ['test=8']);
  assert.doesNotMatch(play.blocks.status(), /skipped/);
});

test('a sprite that is deleted leaves no queue behind', async () => {
  const play = await playProject({ Cat: [whenMessage('test', wait(1))] });
  for (let n = 1; n <= 5; n += 1) play.client().deliver('test', String(n));

  play.vm.deleteSprite(play.sprite('Cat').id);
  play.frames(2);

  assert.equal(play.queues(), 0);
});

test('a clone that is deleted leaves no queue behind', async () => {
  const play = await playProject({ Cat: [whenMessage('test', wait(1))] });
  const clone = play.sprite('Cat').makeClone();
  play.runtime.addTarget(clone);
  for (let n = 1; n <= 5; n += 1) play.client().deliver('test', String(n));
  play.frames();
  assert.equal(play.queues(), 2);

  play.runtime.disposeTarget(clone);
  play.frames();

  assert.equal(play.queues(), 1);
});

test('a script that is clicked runs with the last message', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  play.client().deliver('test', 'last');
  play.frames();

  play.runtime.toggleScript(play.sprite('Cat').blocks.getScripts()[0], { stackClick: true });
  play.frames();

  assert.deepEqual(play.list(), ['test=last', 'test=last']);
});

test('a script that no message started sees the last message', async () => {
  const play = await playProject({ Cat: [whenFlag(note())] });
  play.client().subscribe('test');
  play.client().deliver('test', 'last');

  play.greenFlag();
  play.frames();

  assert.deepEqual(play.list(), ['test=last']);
});

test('payload and topic stay those of the message while a script waits', async () => {
  const play = await playProject({ Cat: [whenMessage('#', wait(0.1), note())] });
  play.client().deliver('one', '1');
  play.frames();

  play.client().deliver('two', '2');
  play.frames(20);

  assert.deepEqual(play.list(), ['one=1', 'two=2']);
});
