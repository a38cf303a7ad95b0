// @ts-check
// What the build takes out of the wasm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { withoutPanicTexts } from '../../scripts/panics.mjs';

/** @param {string} functions In the text format. */
function trapping(functions) {
  const module = binaryen.parseText(`(module
    (import "host" "throw" (func $throw (param i32)))
    (func $"<u32 as core::fmt::Display>::fmt" (result i32) (i32.const 0))
    (table 1 funcref)
    (elem (i32.const 0) $"<u32 as core::fmt::Display>::fmt")
    ${functions})`);
  binaryen.setDebugInfo(true);
  const bytes = module.emitBinary();
  module.dispose();
  return withoutPanicTexts(bytes).trapping;
}

const FORMATTING = '<u32 as core::fmt::Display>::fmt';

test('a function that cannot return traps, and what formats with it', () => {
  const found = trapping(`
    (func $panic (drop (call $"${FORMATTING}")) (unreachable))
    (func $run (export "run") (if (i32.const 1) (then (call $panic))))`);

  assert.deepEqual(found.sort(), [FORMATTING, 'panic']);
});

test('a function that throws in JavaScript stays', () => {
  const found = trapping(`
    (func $fail (call $throw (i32.const 1)) (unreachable))
    (func $later (call $fail) (unreachable))
    (func $run (export "run") (call $later))`);

  assert.deepEqual(found, [FORMATTING]);
});

test('a function that may return stays', () => {
  const found = trapping(`
    (func $maybe (param i32) (if (local.get 0) (then (return))) (unreachable))
    (func $run (export "run") (call $maybe (i32.const 1)))`);

  assert.deepEqual(found, [FORMATTING]);
});

test('what formats stays when something else uses it', () => {
  const found = trapping(`
    (func $panic (unreachable))
    (func $run (export "run") (drop (call $"${FORMATTING}")) (call $panic))`);

  assert.deepEqual(found, ['panic']);
});
