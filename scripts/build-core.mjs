// @ts-check
/** The core: Rust to wasm, its bindings, and fewer bytes. */
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dist, writeAtomically } from './dist.mjs';
import { root, run } from './run.mjs';
import { ensurePackages, ensureRust, ensureWasmBindgen } from './tools.mjs';

/** What is made on the way. */
const cache = join(root, '.cache', 'build');
/** The bindings of `dist/split/` as wasm-bindgen makes them, in some modules. */
export const BINDINGS = join(cache, 'split', 'mqtt.js');
export const CORE_INPUTS = [
  'Cargo.toml',
  'Cargo.lock',
  'src',
  'package-lock.json',
  'scripts/build-core.mjs',
  'scripts/import-names.mjs',
  'scripts/panics.mjs',
];
export const CORE_OUTPUTS = [
  'pkg/mqtt.js',
  'pkg/mqtt.d.ts',
  'pkg/mqtt_bg.wasm',
  'pkg/mqtt_bg.wasm.d.ts',
  'split/mqtt.d.ts',
  'split/mqtt.d.mts',
  'split/mqtt_bg.wasm',
];
/** Inlines a function only where that makes the code hardly longer: a tenth less wasm, as fast. */
const LESS_INLINED = '-Cllvm-args=-inline-threshold=30';
/** wasm-bindgen's classes have `[Symbol.dispose]`, which no numbered library of TypeScript declares yet. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';
/** What a program for Node need not have in its libraries, where wasm-bindgen and we name it, and how it is found. */
const NOT_EVERYWHERE = /** @type {const} */ ([
  [/(?<==> )WebSocket(?=;)/g, "OfHost<'WebSocket'>"],
  [/\bRequestInfo\b(?= \|)/g, "string | OfHost<'Request'>"],
  [/(?<=\| )URL(?= \|)/g, "OfHost<'URL'>"],
  [/(?<=\| )Response(?= \|)/g, "OfHost<'Response'>"],
  [/\bBufferSource(?= \|)/g, 'ArrayBufferView | ArrayBuffer'],
  [/\bWebAssembly\.(Memory|Module|Table)\b(?=[;\n ])(?!`)/g, "OfWebAssembly<'$1'>"],
]);
const FOUND = `
/** A class of the host, where the program has its type; \`any\` without it: a program for Node need not have \`dom\`. */
type OfHost<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer It }>
    ? It
    : any;
/** The same for one of \`WebAssembly\`. */
type OfWebAssembly<Name extends string> = typeof globalThis extends {
    WebAssembly: Record<Name, { prototype: infer It }>;
}
    ? It
    : any;
`;

/** Rust to wasm, its bindings, and fewer bytes. */
export async function buildCore() {
  await ensureRust();
  const bindgen = await ensureWasmBindgen();
  const target = join(root, 'target');
  rmSync(cache, { recursive: true, force: true });
  await compile('Compiling the core to wasm', target, 'release', [], LESS_INLINED);
  await bind(bindgen, compiled(target, 'release'), 'split');
  const title = 'Compiling it again, as small as possible, for the blocks';
  await compile(title, target, 'blocks', ['--no-default-features']);
  await bind(bindgen, compiled(target, 'blocks'), 'pkg', '--omit-default-module-path');
  await ensurePackages('.');
  await Promise.all(['split', 'pkg'].map((folder) => shrink(join(cache, folder, 'mqtt_bg.wasm'))));

  for (const entry of readdirSync(join(cache, 'pkg'), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile()) publish(join('pkg', relative(join(cache, 'pkg'), file)), file);
  }
  publish('split/mqtt_bg.wasm', join(cache, 'split', 'mqtt_bg.wasm'));
  const types = typesForAll(readFileSync(join(cache, 'split', 'mqtt.d.ts'), 'utf8'));
  writeAtomically(join(dist, 'split', 'mqtt.d.ts'), types);
  writeAtomically(join(dist, 'split', 'mqtt.d.mts'), types);
}

/** The types that wasm-bindgen writes, for programs without those of a browser. @param {string} types */
export function typesForAll(types) {
  let changed = types;
  for (const [name, found] of NOT_EVERYWHERE) {
    const before = changed;
    changed = before.replace(name, found);
    if (changed === before) throw new Error(`The types do not have ${name}`);
  }
  return DISPOSABLE + changed + FOUND;
}

/**
 * @param {string} title
 * @param {string} target
 * @param {string} profile One of Cargo.toml.
 * @param {string[]} more
 * @param {string} [flags] For rustc.
 */
async function compile(title, target, profile, more, flags = '') {
  // What others build with is a library; what a browser loads is asked for here alone.
  const cargo = ['rustc', '--profile', profile, '--locked', '--lib', '--crate-type', 'cdylib'];
  const features = ['--features', 'browser,allocator'];
  const place = ['--target', 'wasm32-unknown-unknown', '--target-dir', target];
  await run(title, 'cargo', [...cargo, ...features, ...place, ...more], {
    // The home folder of who builds is nobody's business, and the file does not depend on it.
    env: { RUSTFLAGS: `${remapped()} ${flags}`.trim(), CARGO_TERM_COLOR: 'never' },
  });
}

/** @param {string} target @param {string} profile */
function compiled(target, profile) {
  return join(target, 'wasm32-unknown-unknown', profile, 'scratch_mqtt.wasm');
}

export function remapped() {
  const { env } = process;
  const home = env.HOME ?? '';
  const places = {
    [env.CARGO_HOME ?? join(home, '.cargo')]: 'cargo',
    // The sources of the standard library, when they are installed.
    [env.RUSTUP_HOME ?? join(home, '.rustup')]: 'rustup',
    [root]: '.',
  };
  const flags = Object.entries(places).map(([path, name]) => `--remap-path-prefix=${path}=${name}`);
  return [env.RUSTFLAGS ?? '', ...flags].join(' ').trim();
}

/**
 * @param {string} program
 * @param {string} wasm
 * @param {string} folder Below the cache.
 * @param {string[]} more
 */
async function bind(program, wasm, folder, ...more) {
  const args = [
    '--target',
    'web',
    '--out-name',
    'mqtt',
    '--out-dir',
    join(cache, folder),
    ...more,
    wasm,
  ];
  await run(`Making the bindings of ${folder}/`, program, args);
  const { withShortImports } = await import('./import-names.mjs');
  const made = join(cache, folder, 'mqtt_bg.wasm');
  const glue = join(cache, folder, 'mqtt.js');
  const short = withShortImports(readFileSync(made), readFileSync(glue, 'utf8'));
  writeFileSync(made, short.wasm);
  writeFileSync(glue, short.bindings);
}

/** @param {string} file */
async function shrink(file) {
  const { withoutPanicTexts } = await import('./panics.mjs');
  writeFileSync(file, withoutPanicTexts(readFileSync(file)).bytes);
  // The first kilobyte is the end of the stack: no constant that is added to an address leads there.
  await optimize(file, '--low-memory-unused', '-Oz', '--converge');
}

/**
 * @param {string} file
 * @param {string[]} level
 */
export async function optimize(file, ...level) {
  const program = join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');
  const features = [
    '--enable-bulk-memory',
    '--enable-multivalue',
    '--enable-mutable-globals',
    '--enable-nontrapping-float-to-int',
    '--enable-reference-types',
    '--enable-sign-ext',
  ];
  const args = [
    program,
    file,
    '-o',
    file,
    ...level,
    '--strip-debug',
    '--strip-producers',
    ...features,
  ];
  await run('Optimizing the wasm', process.execPath, args);
}

/**
 * @param {string} output Below `dist/`.
 * @param {string} source
 */
function publish(output, source) {
  writeAtomically(join(dist, output), readFileSync(source));
}
