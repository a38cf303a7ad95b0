// @ts-check
// Numbers in texts, and bytes as texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, hexOf } from '../../extension/values/bytes.js';
import { numberIn } from '../../extension/values/numbers.js';

for (const [text, numbers] of /** @type {[string, number[]][]} */ ([
  ['21.5 °C', [21.5]],
  ['-3', [-3]],
  ['−3 °C', [-3]],
  ['+7', [7]],
  ['t=-0.5;h=45%', [-0.5, 45]],
  ['.5', [0.5]],
  ['x:120,y:-45', [120, -45]],
  ['120,45', [120, 45]],
  ['1.5,2.5', [1.5, 2.5]],
  ['2026-11-22 05:59', [2026, 11, 22, 5, 59]],
  ['sensor-5', [5]],
  ['v1.2.3', [1.2, 3]],
  ['3.', [3]],
  ['1e3', [1000]],
  ['2E-2', [0.02]],
  ['5 m', [5]],
  ['CO2: 415', [2, 415]],
  ['{"temp":21.5}', [21.5]],
  ['-', []],
  ['', []],
  ['hello', []],
])) {
  test(`the numbers in ${text || 'nothing'} are ${numbers.join(' and ') || 'none'}`, () => {
    const found = numbers.map((_, index) => numberIn(text, index + 1));

    assert.deepEqual(found, numbers);
    assert.equal(numberIn(text, numbers.length + 1), '');
  });
}

for (const place of [0, -1, 0.5, NaN, Infinity]) {
  test(`there is no number ${place}`, () => {
    assert.equal(numberIn('1 2 3', place), '');
  });
}

for (const [hex, bytes] of /** @type {[string, number[] | null][]} */ ([
  ['ff 00 80', [255, 0, 128]],
  ['FF0080', [255, 0, 128]],
  [' ff\n00  80 ', [255, 0, 128]],
  ['', []],
  ['f', null],
  ['f f', null],
  ['ff 0', null],
  ['fg', null],
  ['0x10', null],
  ['-1', null],
])) {
  test(`the bytes ${hex || '(none)'} are ${bytes ? bytes.join(' ') || 'none' : 'not right'}`, () => {
    const read = bytesOf(hex);

    assert.deepEqual(read && [...read], bytes);
  });
}

test('bytes are shown as they are written', () => {
  assert.equal(hexOf(new Uint8Array([255, 0, 128])), 'ff 00 80');
  assert.equal(hexOf(new Uint8Array()), '');
});

test('many bytes are read in time', () => {
  const hex = 'ab '.repeat(500_000);

  assert.equal(bytesOf(hex)?.length, 500_000);
  assert.equal(bytesOf(`${hex}x`), null);
});
