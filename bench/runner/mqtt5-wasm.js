// @ts-check
/** mqtt5-wasm, a crate: compiled here with the tools that compile ours. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optimize } from '../../scripts/build-core.mjs';
import { root, run } from '../../scripts/run.mjs';
import { ensurePackages, ensureRust, ensureWasmBindgen } from '../../scripts/tools.mjs';

/** Where its module and wasm are. */
export const mqtt5WasmDir = join(root, '.cache', 'bench', 'mqtt5-wasm');

const crate = join(root, 'bench', 'mqtt5-wasm');

/** Builds it unless that has been done. */
export async function buildMqtt5Wasm() {
  const lock = readFileSync(join(crate, 'Cargo.lock'), 'utf8');
  const stamp = join(mqtt5WasmDir, '.built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  await ensureRust();
  const bindgen = await ensureWasmBindgen();
  await ensurePackages('.');
  const target = join(root, 'target', 'mqtt5-wasm');
  const cargo = ['build', '--release', '--locked', '--target', 'wasm32-unknown-unknown'];
  await run('Compiling mqtt5-wasm', 'cargo', [...cargo, '--target-dir', target], {
    cwd: crate,
    env: { CARGO_TERM_COLOR: 'never' },
  });
  rmSync(mqtt5WasmDir, { recursive: true, force: true });
  mkdirSync(mqtt5WasmDir, { recursive: true });
  const wasm = join(target, 'wasm32-unknown-unknown', 'release', 'mqtt5_wasm.wasm');
  const bind = ['--target', 'web', '--out-name', 'mqtt5_wasm', '--out-dir', mqtt5WasmDir, wasm];
  await run('Making the bindings of mqtt5-wasm', bindgen, bind);
  await optimize(join(mqtt5WasmDir, 'mqtt5_wasm_bg.wasm'), '-O3');
  writeFileSync(stamp, lock);
}
