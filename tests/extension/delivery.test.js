import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, numbered, playProject, wait, whenMessage } from './project.js';

for (const perSecond of [15, 30, 60, 300]) {
  test(`a short script handles each of 100 messages at ${perSecond} per second`, async () => {
    const play = await playProject({ Cat: [whenMessage('test', note())] });
    play.arrive(100, perSecond);
    play.frames(2);
    assert.deepEqual(play.list(), numbered());
  });
}
