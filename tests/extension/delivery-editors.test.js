// @ts-check
// Runtimes that differ from the official one in what they offer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, numbered, playProject, wait, whenMessage } from './project.js';

test('without the inner function that starts a thread, scripts start one at a time', async () => {
  const play = await playProject({
    Cat: [whenMessage('test', note()), whenMessage('other', note('dog'))],
  });
  const { runtime } = play;
  const pushThread = runtime._pushThread;
  // `startHats` itself needs it; only the extension does not find it.
  runtime.startHats = withOwn(runtime, pushThread);
  runtime._pushThread = undefined;

  play.arrive(20, 60);
  play.frames(20);

  assert.deepEqual(play.list(), numbered(20));
  assert.deepEqual(play.list('dog'), []);
});

test('a runtime that tells of frames is not changed', async () => {
  const play = await playProject(
    { Cat: [whenMessage('test', note(), wait(0.1), note('after'))] },
    { prepare: tellOfFrames },
  );

  play.arrive(100, 30);
  play.frames(450);

  assert.equal(play.runtime._step.name, '_step');
  assert.deepEqual(play.list(), numbered());
  assert.deepEqual(play.list('after'), numbered());
});

test('the step of the runtime is wrapped once, however often the blocks are made', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  const { _step } = play.runtime;

  play.bridge.attach(play.runtime);

  assert.equal(play.runtime._step, _step);
});

/** @param {any} runtime @param {Function} pushThread */
function withOwn(runtime, pushThread) {
  const { startHats } = runtime;
  return (/** @type {any[]} */ ...args) => {
    runtime._pushThread = pushThread;
    try {
      return startHats.apply(runtime, args);
    } finally {
      runtime._pushThread = undefined;
    }
  };
}

/** As TurboWarp and PenguinMod do. @param {any} runtime */
function tellOfFrames(runtime) {
  const { sequencer } = runtime;
  const { stepThreads } = sequencer;
  runtime.constructor = class extends runtime.constructor {};
  Object.defineProperty(runtime.constructor, 'BEFORE_EXECUTE', { value: 'BEFORE_EXECUTE' });
  sequencer.stepThreads = () => {
    runtime.emit('BEFORE_EXECUTE');
    return stepThreads.call(sequencer);
  };
}
