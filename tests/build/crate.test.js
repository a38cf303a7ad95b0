// @ts-check
// The crate as others get it: what is in the archive, and what builds with it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KINDS } from '../../scripts/release/artifacts.mjs';
import { capture, root } from '../../scripts/run.mjs';
import { VERSION } from '../../scripts/version.mjs';

/** Everything that may be in it; cargo adds the last five itself. */
const CONTENT =
  /^(src\/.+\.(rs|js|d\.ts)|docs\/programmers\/rust\.md|examples\/rust\/\w+\.rs|LICENSE|Cargo\.(toml|toml\.orig|lock)|\.cargo_vcs_info\.json)$/;
/** What a program that depends on it gets besides. */
const DEPENDENCIES = ['bytes', 'mqttbytes'];

/** @type {string} */
let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-crate-'));
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** @param {string[]} args */
async function cargo(...args) {
  const result = await capture('cargo', args, { env: { CARGO_TERM_COLOR: 'never' } });
  assert.equal(result.code, 0, result.output);
  return result.stdout;
}

test('the archive holds what a program needs, and builds by itself', async () => {
  // Sources that nobody has committed yet are tested like all others.
  const how = ['--locked', '--offline', '--allow-dirty'];
  const listed = await cargo('package', '--list', ...how);
  await cargo('package', ...how);

  const files = listed.trim().split(/\r?\n/);
  const others = files.filter((file) => !CONTENT.test(file.replaceAll('\\', '/')));
  assert.deepEqual(others, []);
  assert.ok(files.some((file) => file.endsWith('tcp.rs')));
  const archive = join(await targetFolder(), 'package', `scratch-mqtt-${VERSION}.crate`);
  const { size } = statSync(archive);
  assert.ok(size < Number(KINDS.crate?.mostBytes), `${size} bytes`);
});

test('a program for wasm chooses its own allocator, and gets no bindings for JavaScript', async () => {
  const manifest = program(
    `scratch-mqtt = { path = ${JSON.stringify(await packed())} }`,
    `use scratch_mqtt::session::Session;
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;
#[unsafe(no_mangle)]
pub extern "C" fn wakes_at() -> f64 {
    Session::new(1).poll_timeout().map_or(0.0, |due| due.as_secs_f64())
}`,
  );
  const wasm = ['--target', 'wasm32-unknown-unknown', '--offline', '--manifest-path', manifest];

  const tree = await cargo('tree', '--prefix', 'none', '--format', '{lib}', ...wasm);
  await cargo('build', '--target-dir', join(folder, 'target'), ...wasm);

  const built = tree.trim().split(/\r?\n/).slice(2);
  assert.deepEqual([...new Set(built)].sort(), DEPENDENCIES);
});

test('the class for JavaScript is a feature of the archive', async () => {
  const manifest = program(
    `scratch-mqtt = { path = ${JSON.stringify(await packed())}, features = ["browser"] }`,
    'pub use scratch_mqtt::browser::client::MqttClient;',
  );
  const wasm = ['--target', 'wasm32-unknown-unknown', '--offline', '--manifest-path', manifest];

  await cargo('check', '--target-dir', join(folder, 'target'), ...wasm);
});

/** Where cargo unpacked the archive, to build it. */
const packed = async () => join(await targetFolder(), 'package', `scratch-mqtt-${VERSION}`);

async function targetFolder() {
  const metadata = await cargo('metadata', '--no-deps', '--offline', '--format-version', '1');
  return JSON.parse(metadata).target_directory;
}

/** A program of somebody else. @param {string} dependency @param {string} source @returns its manifest */
function program(dependency, source) {
  const place = mkdtempSync(join(folder, 'program-'));
  mkdirSync(join(place, 'src'));
  const manifest = join(place, 'Cargo.toml');
  writeFileSync(
    manifest,
    `[package]
name = "somebody-elses"
version = "1.0.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
${dependency}
[workspace]
`,
  );
  writeFileSync(join(place, 'src', 'lib.rs'), source);
  // The versions that are on this computer already.
  writeFileSync(join(place, 'Cargo.lock'), readFileSync(join(root, 'Cargo.lock')));
  return manifest;
}
