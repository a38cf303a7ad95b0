// @ts-check
// The unpacking of the wasm inside the script.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compress } from 'lzma1';
import { unpack } from '../../extension/packed/lzma.js';
import { root } from '../../scripts/run.mjs';

/** @param {Uint8Array} bytes */
function assertComesBack(bytes) {
  const unpacked = unpack(compress(bytes, 9));

  assert.equal(Buffer.compare(Buffer.from(bytes), unpacked), 0);
}

test('the wasm comes back byte for byte', () => {
  assertComesBack(readFileSync(`${root}/dist/split/mqtt_bg.wasm`));
});

test('bytes of every kind come back', () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('a'),
    Buffer.alloc(100_000, 7),
    Buffer.from('abcdefghij'.repeat(5_000)),
    pseudoRandom(50_000, 256),
    pseudoRandom(50_000, 3),
    Buffer.concat([pseudoRandom(300_000, 256), pseudoRandom(300_000, 256)]),
  ]) {
    assertComesBack(bytes);
  }
});

/**
 * The same bytes each time, as many kinds as wanted.
 *
 * @param {number} length
 * @param {number} kinds
 */
function pseudoRandom(length, kinds) {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) % kinds;
    }),
  );
}
