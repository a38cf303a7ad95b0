// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedRange } from '../../www/console/views/fingers.js';

const RANGE = { from: 100, to: 200 };
const WIDTH = 500;

test('one finger moves the plot by as much as it moves', () => {
  assert.deepEqual(movedRange(RANGE, [250], [200], WIDTH), { from: 110, to: 210 });
});

test('two fingers that go apart zoom in, and what was under them stays there', () => {
  assert.deepEqual(movedRange(RANGE, [200, 300], [100, 400], WIDTH), {
    from: 140 - 100 / 15,
    to: 140 - 100 / 15 + 500 / 15,
  });
});

test('fingers that meet or cross show nothing new', () => {
  assert.equal(movedRange(RANGE, [200, 300], [250, 250], WIDTH), null);
  assert.equal(movedRange(RANGE, [200, 300], [300, 200], WIDTH), null);
});
