// @ts-check
/** What must be on the machine: checked, and installed into the repository where that is possible. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { NO_NETWORK, Problem, capture, root, run, which } from './run.mjs';

/** Programs that `cargo install` puts into the repository. */
export const toolsDir = join(root, '.tools');
const WASM_TARGET = 'wasm32-unknown-unknown';
const WASM_PACK_VERSION = '0.15.1';
const CARGO_DENY_VERSION = '0.20.2';
const CARGO_BOLERO_VERSION = '0.13.5';
const NODE_WANTED = '20.19';

/** Rust and its wasm target, as the build needs them. */
export async function ensureRust() {
  const cargoBin = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin');
  // Freshly installed by rustup, but this shell was opened before.
  addToPath(cargoBin);
  const { code, stdout } = await capture('rustc', ['--version']);
  if (code !== 0 || which('cargo') === undefined) {
    throw new Problem(
      'Rust is not installed. Install it as https://rustup.rs says, and run this again.',
    );
  }
  const wanted = fileField('Cargo.toml', /^rust-version = "(\d+\.\d+)"/m);
  const found = /\d+\.\d+/.exec(stdout)?.[0] ?? '0.0';
  if (isOlder(found, wanted)) {
    throw new Problem(`Rust ${found} is too old, ${wanted} is needed. Run: rustup update stable`);
  }
  await ensureTarget(WASM_TARGET);
}

/** This system, as `rustc` names it. */
export async function ownTarget() {
  const { stdout } = await capture('rustc', ['--version', '--verbose']);
  return /^host: (.*)$/m.exec(stdout)?.[1] ?? '';
}

/** What Rust needs to compile for another system, without its linker. @param {string} target As `rustc` names it. */
export async function ensureTarget(target) {
  const { stdout } = await capture('rustc', ['--print', 'sysroot']);
  if (existsSync(join(stdout.trim(), 'lib', 'rustlib', target))) return;
  if (which('rustup') === undefined) {
    throw new Problem(
      `This Rust has no ${target} target and was not installed by rustup. ` +
        'Install Rust as https://rustup.rs says, and run this again.',
    );
  }
  await run(`Adding ${target} to Rust`, 'rustup', ['target', 'add', target], {
    hint: NO_NETWORK,
  });
}

/** Node, new enough. */
export function ensureNode() {
  const { node } = process.versions;
  if (!isOlder(node, NODE_WANTED)) return;
  throw new Problem(
    `Node ${node} is too old, ${NODE_WANTED} or newer is needed: https://nodejs.org/`,
  );
}

/** wasm-bindgen of exactly the version in Cargo.lock: any other one refuses the file. */
export function ensureWasmBindgen() {
  const version = fileField('Cargo.lock', /^name = "wasm-bindgen"\nversion = "([^"]+)"/m);
  // Without TLS: its test runner talks to a chromedriver on this computer only.
  return ensureCargoTool('wasm-bindgen-cli', 'wasm-bindgen', version, '--no-default-features');
}

/** wasm-pack, for the tests in the browser. */
export function ensureWasmPack() {
  return ensureCargoTool('wasm-pack', 'wasm-pack', WASM_PACK_VERSION);
}

/** cargo-deny, which reads the licenses and the sources of all crates. */
export function ensureCargoDeny() {
  return ensureCargoTool('cargo-deny', 'cargo-deny', CARGO_DENY_VERSION);
}

/** cargo-bolero, for fuzzing that follows the branches of the program. */
export function ensureCargoBolero() {
  const libFuzzer = ['--no-default-features', '--features', 'libfuzzer'];
  return ensureCargoTool('cargo-bolero', 'cargo-bolero', CARGO_BOLERO_VERSION, ...libFuzzer);
}

/**
 * @param {string} crate
 * @param {string} program
 * @param {string} version
 * @param {string[]} more Options of `cargo install`.
 * @returns {Promise<string>} The path of the program.
 */
async function ensureCargoTool(crate, program, version, ...more) {
  const own = join(toolsDir, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
  for (const path of [own, which(program)]) {
    if (path === undefined || !existsSync(path)) continue;
    const { stdout } = await capture(path, ['--version']);
    if (stdout.trim().split(' ')[1] === version) return path;
  }
  const args = ['install', crate, '--version', version, '--root', toolsDir, ...more];
  const quick = ['--locked', '--debug', '--force'];
  await run(`Installing ${crate} ${version}`, 'cargo', [...args, ...quick], {
    // A quarter of the time of a release build, and quick enough for files of our size.
    env: { CARGO_PROFILE_DEV_DEBUG: '0', CARGO_TARGET_DIR: undefined },
    hint: 'If a linker or compiler is missing: apt install build-essential',
  });
  return own;
}

/** @type {Map<string, Promise<void>>} */
const installs = new Map();

/**
 * npm packages exactly as in the lock file, when they are missing or older than it.
 *
 * @param {string} folder `.`, `tests` or `bench`.
 */
export function ensurePackages(folder) {
  const install = installs.get(folder) ?? installPackages(folder);
  installs.set(folder, install);
  return install;
}

/** @param {string} folder */
async function installPackages(folder) {
  const cwd = join(root, folder);
  const stamp = join(cwd, 'node_modules', '.installed');
  const lock = readFileSync(join(cwd, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const title =
    folder === '.' ? 'Installing npm packages' : `Installing npm packages of ${folder}/`;
  const { command, args } = npm('ci', '--no-audit', '--no-fund', '--loglevel', 'error');
  await run(title, command, args, { cwd, hint: NO_NETWORK });
  writeFileSync(stamp, lock);
}

/**
 * How to start npm.
 *
 * @param {string[]} args
 */
export function npm(...args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return { command: process.execPath, args: [script, ...args] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args };
}

/** @param {string} folder */
export function addToPath(folder) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (!folders.includes(folder)) process.env.PATH = [...folders, folder].join(delimiter);
}

/**
 * @param {string} file
 * @param {RegExp} pattern
 */
function fileField(file, pattern) {
  const found = pattern.exec(readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n'))?.[1];
  if (found === undefined) throw new Error(`${file}: nothing matches ${pattern}`);
  return found;
}

/**
 * @param {string} version
 * @param {string} wanted
 */
function isOlder(version, wanted) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
