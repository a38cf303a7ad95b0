// @ts-check
// What wasm-bindgen calls an import, in the wasm and in its bindings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { withShortImports } from '../../scripts/import-names.mjs';

const [FIRST, SECOND] = ['__wbg_first_caa4a6165639c8b5', '__wbg_second_0000000000000001'];

function compiled() {
  // More imports than one byte can count, and a name that is longer than one byte can say.
  const long = `__wbg_${'long'.repeat(40)}`;
  const more = Array.from({ length: 130 }, (_, index) => `${long}_${index}`);
  const imports = [FIRST, SECOND, ...more].map(
    (name, index) => `(import "./mqtt_bg.js" "${name}" (func $${index} (param i32) (result i32)))`,
  );
  const module = binaryen.parseText(`(module
    (import "./border.js" "soon" (func $soon (param i32) (result i32)))
    ${imports.join('\n')}
    (func $run (export "run") (result i32)
      (call $0 (call $1 (call $soon (i32.const 1))))))`);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

test('names of wasm-bindgen are short, and mean the same in both', () => {
  const bindings = `({ ${FIRST}: (x) => x + 1, ${SECOND}: (x) => x * 10 })`;

  const short = withShortImports(compiled(), bindings);

  const module = new WebAssembly.Module(new Uint8Array(short.wasm));
  const names = WebAssembly.Module.imports(module).map(({ name }) => name);
  const nothing = Object.fromEntries(names.map((name) => [name, () => 0]));
  const glue = { ...nothing, .../** @type {object} */ (eval(short.bindings)) };
  const ours = { soon: (/** @type {number} */ x) => x + 4 };
  const instance = new WebAssembly.Instance(module, { './mqtt_bg.js': glue, './border.js': ours });
  assert.equal(/** @type {() => number} */ (instance.exports.run)(), 51);
  assert.ok(names.every((name) => name.length <= 4));
});

test('names of our own modules stay, and what is no import in the bindings', () => {
  const short = withShortImports(compiled(), `wasm.__wbindgen_malloc(${FIRST}, soon)`);

  const module = new WebAssembly.Module(new Uint8Array(short.wasm));
  assert.equal(WebAssembly.Module.imports(module)[0]?.name, 'soon');
  assert.equal(short.bindings, 'wasm.__wbindgen_malloc($0, soon)');
});
