// @ts-check
// TurboWarp's pause: the editor says so, and starts no script by a hat in that time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUEUE_LIMIT } from '../../extension/delivery/with-runtime.js';
import { mark, note, numbered, playProject, wait, whenConnection, whenMessage } from './project.js';

/** As the add-on does it. @param {any} runtime @param {{ saysSo?: boolean }} [kind] */
function pausable(runtime, { saysSo = true } = {}) {
  const { startHats } = runtime;
  let isPaused = false;
  runtime.startHats = (/** @type {any[]} */ ...args) =>
    isPaused ? undefined : startHats.apply(runtime, args);
  return {
    pause: () => {
      isPaused = true;
      if (saysSo) runtime.emit('RUNTIME_PAUSED');
    },
    goOn: () => {
      isPaused = false;
      if (saysSo) runtime.emit('RUNTIME_UNPAUSED');
    },
  };
}

for (const saysSo of [true, false]) {
  test(`messages wait while the project is paused, and run after it${saysSo ? '' : ', also where nothing says so'}`, async () => {
    const play = await playProject({
      Cat: [whenMessage('test', note()), whenMessage('test', note('cat'), wait(0.1))],
    });
    const { pause, goOn } = pausable(play.runtime, { saysSo });

    pause();
    play.arrive(20, 60);
    play.frames(5);
    assert.deepEqual(play.list(), []);
    assert.deepEqual(play.list('cat'), []);

    goOn();
    play.frames(100);
    assert.deepEqual(play.list(), numbered(20));
    assert.deepEqual(play.list('cat'), numbered(20));
  });
}

test('what waits in a pause is bounded, and what is dropped is counted', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  const { pause, goOn } = pausable(play.runtime);

  pause();
  for (let n = 1; n <= QUEUE_LIMIT + 10; n += 1) play.client().deliver('test', String(n));
  goOn();
  play.frames(100);

  assert.equal(play.list().length, QUEUE_LIMIT);
  assert.match(play.blocks.status(), /10 messages were dropped/);
});

test('changes of the connection wait too', async () => {
  const play = await playProject({ Cat: [whenConnection('made', mark('made'))] });
  const { pause, goOn } = pausable(play.runtime);

  pause();
  play.client().accept();
  play.frames(3);
  assert.deepEqual(play.list(), []);
  goOn();
  play.frames(3);

  assert.deepEqual(play.list(), ['made']);
});

test('without the inner function that starts a thread, no message is lost in a pause', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  const { runtime } = play;
  const pushThread = runtime._pushThread;
  const { startHats } = runtime;
  runtime.startHats = (/** @type {any[]} */ ...args) => {
    runtime._pushThread = pushThread;
    try {
      return startHats.apply(runtime, args);
    } finally {
      runtime._pushThread = undefined;
    }
  };
  runtime._pushThread = undefined;
  const { pause, goOn } = pausable(runtime, { saysSo: false });

  pause();
  play.arrive(5, 60);
  play.frames(5);
  goOn();
  play.frames(20);

  assert.deepEqual(play.list(), numbered(5));
});
