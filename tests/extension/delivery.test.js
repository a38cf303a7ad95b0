// @ts-check
// Delivery in the official runtime, with virtual frames.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUEUE_LIMIT } from '../../extension/delivery/with-runtime.js';
import { ROWS } from './delivery-table.js';
import { note, playProject, wait, whenFlag, whenMessage } from './project.js';

for (const { name, run } of ROWS) {
  test(name, async () => {
    const { seen, expected } = await run(playProject);

    assert.deepEqual(seen, expected);
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

test('a full queue skips the oldest messages, and the status counts them', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note(), wait(1))] });
  play.client().deliver('test', 'first');
  play.frames();

  for (let n = 1; n <= QUEUE_LIMIT + 7; n += 1) play.client().deliver('test', String(n));
  play.frames(40);

  assert.deepEqual(play.list(), ['test=first', 'test=8']);
  assert.match(play.blocks.status(), /7 messages were dropped .* topic test\./);
});

test('a script that was stopped takes the next message', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note(), wait(10))] });
  play.client().deliver('test', '1');
  play.client().deliver('test', '2');
  play.frames();

  play.runtime.stopForTarget(play.sprite('Cat'));
  play.frames();

  assert.deepEqual(play.list(), ['test=1', 'test=2']);
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

test('the green flag empties the queues and the count of what was dropped', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note(), wait(1))] });
  for (let n = 1; n <= QUEUE_LIMIT + 7; n += 1) play.client().deliver('test', String(n));
  play.frames();

  play.greenFlag();
  play.frames(60);

  assert.deepEqual(play.list(), ['test=8']);
  assert.doesNotMatch(play.blocks.status(), /dropped/);
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
