// @ts-check
/**
 * `npm test`: every check, one line per step, stops at the first that fails. Single steps are run
 * by name: `npm test lint core`, or `npm run test:web`.
 *
 * The last line is `N passed, N failed`: the tests of all levels together.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { buildPeer } from '../bench/runner/peer.js';
import { buildMqtt5Wasm } from '../bench/runner/mqtt5-wasm.js';
import { buildBroker, serverFlags, startBroker } from './broker.mjs';
import { build } from './build.mjs';
import { ensureEditor } from './editor.mjs';
import { Problem, main, root, run, say, saysHelp, start, which } from './run.mjs';
import { ensureBrowser, ensurePeers } from './system.mjs';
import { testHelp } from './test-help.mjs';
import {
  ensureCargoBolero,
  ensureCargoDeny,
  ensureNode,
  ensurePackages,
  ensureRust,
  ensureWasmPack,
  toolsDir,
} from './tools.mjs';

/** @typedef {import('./test-counts.mjs').Counts} Counts */
/** @typedef {{ needs?: () => unknown, work: () => Promise<void> }} Level */

/** @type {Record<string, Level>} In the order in which they run. */
const LEVELS = {
  lint: { work: lint },
  core: { work: core },
  web: { needs: ensureBrowser, work: web },
  blocks: { work: blocks },
  docs: { needs: ensurePeers, work: docs },
  e2e: { needs: ensurePeers, work: e2e },
};
/** @type {Record<string, Level>} Only by name. */
const EXTRA = {
  fuzz: { work: fuzz },
  guided: { work: guided },
  soak: { needs: ensurePeers, work: soak },
};
/** Every statement of MQTT has a test or a reason, and the page that says so is up to date. */
const CONFORMANCE = join(root, 'scripts', 'conformance.mjs');
/** Others' code comes with the texts of its licenses. */
const SHIPPED = join(root, 'scripts', 'shipped.mjs');
/** Lists and pages that are made of other files are up to date. */
const MADE = join(root, 'scripts', 'made.mjs');
/** What `npm run fuzz` tries, unless the environment says otherwise. */
const LONG_RUN = {
  /** Inputs of the decoder, over both versions. */
  FUZZ_INPUTS: '10000000',
  /** Random histories of the session. */
  PROPERTY_RUNS: '200000',
  /** Damaged records of a kept session. */
  RECORD_INPUTS: '1000000',
};
/** What libFuzzer looks at, a minute each, unless `GUIDED_SECONDS` says otherwise. */
const GUIDED = ['address', 'decoder', 'records', 'session'];
const GUIDED_SECONDS = process.env.GUIDED_SECONDS ?? '60';
/** A file of tests that takes longer hangs: it is ended and named. */
const FILE_LIMIT_MS = 15 * 60_000;
/** What builds the program anew, where the others expect it. */
const ALONE = ['package.test.js'];
/** A workspace of its own. */
const FUZZ = ['--manifest-path', join(root, 'tests', 'fuzz', 'Cargo.toml')];

/** @type {Counts} */
const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const total = { ...NOTHING };
const quietCargo = { CARGO_TERM_COLOR: 'never' };

const HELP = testHelp(process.argv.slice(2), Object.keys(LEVELS), Object.keys(EXTRA));

await main(async () => {
  if (saysHelp(HELP)) return;
  try {
    await test(process.argv.slice(2));
  } catch (error) {
    // Whatever failed without counting is one failure: the last line never says 0 then.
    total.failed ||= 1;
    if (error instanceof Problem) console.error(`\n${error.message}`);
    else console.error(error);
    process.exitCode = 1;
  }
  if (total.skipped > 0) say(`${total.skipped} skipped`);
  say(`\n${total.passed} passed, ${total.failed} failed`);
});

/** @param {string[]} names */
async function test(names) {
  const levels = chosen(names);
  // Before minutes of building, not after.
  for (const { needs } of levels) await needs?.();
  ensureNode();
  await ensureRust();
  await Promise.all([
    ensurePackages('.').then(() => ensurePackages('tests')),
    levels.some(({ work }) => work !== fuzz && work !== guided) ? build() : undefined,
  ]);
  for (const { work } of levels) await work();
}

/** @param {string[]} names */
function chosen(names) {
  if (names.length === 0) return Object.values(LEVELS);
  return names.map((name) => {
    const level = LEVELS[name] ?? EXTRA[name];
    if (level !== undefined) return level;
    const all = [...Object.keys(LEVELS), ...Object.keys(EXTRA)].join(', ');
    throw new Problem(`There is no step ${name}. The steps are: ${all}`);
  });
}

async function lint() {
  const env = quietCargo;
  await run('Rust formatting', 'cargo', ['fmt', '--all', '--check'], {
    hint: 'Run: npm run format',
  });
  await run('Rust formatting (fuzzing)', 'cargo', ['fmt', ...FUZZ, '--check'], {
    hint: 'Run: npm run format',
  });
  await tool('Formatting', 'prettier/bin/prettier.cjs', ['--check', '.'], 'Run: npm run format');
  await tool('ESLint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']);
  await tool('Type check', 'typescript/bin/tsc', ['--project', '.']);
  await tool('Type check of the tests', 'typescript/bin/tsc', ['--project', 'tests']);
  await tool('Type check of the benchmark', 'typescript/bin/tsc', ['--project', 'bench']);
  await nodeTest('Lock files and threat model', filesIn(['lint']));
  const { output } = await run('What is made of other files', process.execPath, [MADE, '--check']);
  if (output.trim()) say(output.trimEnd());
  await run('Conformance list', process.execPath, [CONFORMANCE, '--check']);
  // Offline: an advisory of today must not fail what passed yesterday; and not every machine reaches them.
  const deny = ['--offline', '--locked', 'check', 'bans', 'licenses', 'sources'];
  // On a new machine nothing has asked for the crates of the server and of the benchmark yet.
  await run('Fetching all crates', 'cargo', ['fetch', '--locked'], { env });
  await run('Licenses and sources of crates', await ensureCargoDeny(), deny);
  await run('Notices of what is shipped', process.execPath, [SHIPPED, '--check']);
  const clippy = ['clippy', '--locked', '--all-targets'];
  const strict = ['--', '-D', 'warnings'];
  await run('Clippy', 'cargo', [...clippy, ...strict], { env });
  const documents = ['doc', '--locked', '--no-deps', '--lib'];
  await run('Documentation of the crate', 'cargo', documents, {
    env: { ...env, RUSTDOCFLAGS: '-D warnings' },
  });
  const wasm = ['--target', 'wasm32-unknown-unknown', '--features', 'browser,allocator'];
  await run('Clippy (browser half)', 'cargo', [...clippy, ...wasm, ...strict], { env });
  const server = ['--package', 'scratch-mqtt-server', '--profile', 'server'];
  // Any folder does for what `npm run package` puts inside.
  const packed = { ...env, SCRATCH_MQTT_FILES: join(root, 'www') };
  const features = ['--features', 'packed'];
  await run('Clippy (local broker)', 'cargo', [...clippy, ...server, ...features, ...strict], {
    env: packed,
  });
  const benches = ['--package', 'scratch-mqtt-bench-peer', '--package', 'scratch-mqtt-matching'];
  await run('Clippy (benchmark)', 'cargo', [...clippy, ...benches, ...strict], { env });
  await run('Clippy (fuzzing)', 'cargo', [...clippy, ...FUZZ, ...fuzzTarget(), ...strict], { env });
}

/**
 * @param {string} title
 * @param {string} script Below `node_modules/`.
 * @param {string[]} args
 * @param {string} [hint]
 */
function tool(title, script, args, hint) {
  const options = hint === undefined ? {} : { hint };
  return run(title, process.execPath, [join(root, 'node_modules', script), ...args], options);
}

async function core() {
  await cargoTest('Core tests', 'cargo', ['test', '--locked'], quietCargo);
  const server = ['test', '--locked', '--package', 'scratch-mqtt-server', '--profile', 'server'];
  await cargoTest('Local broker tests', 'cargo', server, { ...quietCargo, ...serverFlags() });
  const peer = ['test', '--locked', '--package', 'scratch-mqtt-bench-peer'];
  await cargoTest('Tests of the benchmark', 'cargo', peer, quietCargo);
  const replay = ['test', '--locked', ...FUZZ, ...fuzzTarget()];
  // What is stored, and nothing by chance: the other fuzz tests have seeds, this one has none.
  const env = { ...quietCargo, BOLERO_RANDOM_ITERATIONS: '0' };
  await cargoTest('Stored inputs of the fuzzer', 'cargo', replay, env);
}

/** In a real browser, with a real broker for the tests that need one. */
async function web() {
  const wasmPack = await ensureWasmPack();
  await buildBroker();
  const chromedriver = which('chromedriver') ?? 'chromedriver';
  const args = ['test', '--headless', '--chrome', '--chromedriver', chromedriver];
  const features = ['--features', 'browser,allocator,_test-broker'];
  const PATH = [join(toolsDir, 'bin'), process.env.PATH].join(delimiter);
  const broker = await startBroker({ host: '127.0.0.1', tcpPort: 0, webSocketPort: 0 });
  const SCRATCH_MQTT_TEST_BROKER = `ws://127.0.0.1:${broker.webSocketPort}/mqtt`;
  const env = { ...quietCargo, PATH, SCRATCH_MQTT_TEST_BROKER };
  try {
    await cargoTest('Web tests', wasmPack, [...args, '--', ...features], env);
  } finally {
    broker.stop();
  }
}

async function fuzz() {
  const env = { ...LONG_RUN, ...process.env, ...quietCargo };
  const cargo = ['test', '--locked', '--release', '--test'];
  await cargoTest('Fuzzing the decoder', 'cargo', [...cargo, 'codec', 'random_bytes'], env);
  await cargoTest('Histories of the session', 'cargo', [...cargo, 'protocol', 'any_history'], env);
  await cargoTest('Damaged records', 'cargo', [...cargo, 'protocol', 'no_record'], env);
}

/** New inputs are stored beside the old ones: `cargo bolero reduce` leaves those that are worth it. */
async function guided() {
  const bolero = await ensureCargoBolero();
  // Counting branches is an unstable option of the compiler, but works with the stable one.
  const how = ['--rustc-bootstrap', '-s', 'NONE', '-T', `${GUIDED_SECONDS}s`, ...fuzzTarget()];
  for (const target of GUIDED) {
    const args = ['bolero', 'test', `${target}::${target}`, ...FUZZ, ...how];
    await run(`Guided fuzzing of the ${target}`, bolero, args, { env: quietCargo });
    total.passed += 1;
  }
}

/** Not the folder of the workspace: the versions of crates are others. */
function fuzzTarget() {
  return ['--target-dir', join(root, 'target', 'fuzz')];
}

/** Says every minute how it goes, so its output is not kept for the end. */
async function soak() {
  const child = start(process.execPath, [join(root, 'tests', 'soak', 'run.js')], {
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Problem('The soak run failed; its seed is above.');
  total.passed += 1;
}

/**
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 */
function cargoTest(title, command, args, env) {
  return counted(title, command, args, { env }, (output) => {
    const counts = { ...NOTHING };
    for (const found of output.matchAll(
      /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm,
    )) {
      counts.passed += Number(found[1]);
      counts.failed += Number(found[2]);
      counts.skipped += Number(found[3]);
    }
    return counts;
  });
}

/** Those of the programs wait for sockets most of the time, the others compute: together they take as long as the first. */
async function blocks() {
  const both = await Promise.allSettled([
    nodeTest('Tests of the programs', filesIn(['build'])),
    nodeTest('Block tests', filesIn(['extension', 'console'])),
  ]);
  for (const one of both) if (one.status === 'rejected') throw one.reason;
}

/** Links, words and samples of the pages. */
async function docs() {
  await buildBroker();
  await nodeTest('Documentation', filesIn(['docs']));
}

async function e2e() {
  await ensureEditor();
  await ensurePackages('bench');
  await buildPeer();
  await buildMqtt5Wasm();
  const all = filesIn(['e2e']);
  const isAlone = (/** @type {string} */ file) => ALONE.includes(basename(file));
  await nodeTest('End-to-end tests: the one file', all.filter(isAlone));
  // Each starts brokers and a browser of its own, and waits most of the time.
  const rest = all.filter((file) => !isAlone(file));
  await nodeTest('End-to-end tests', rest, '--test-concurrency=2');
}

/** @param {string[]} folders Below `tests/`. */
function filesIn(folders) {
  return folders.map((folder) => join(root, 'tests', folder)).flatMap(testFiles);
}

/**
 * @param {string} title
 * @param {string[]} files
 * @param {string[]} more
 */
async function nodeTest(title, files, ...more) {
  const place = mkdtempSync(join(tmpdir(), 'scratch-mqtt-test-'));
  const results = join(place, 'counts.json');
  const reporters = [
    ['spec', 'stdout'],
    [new URL('test-counts.mjs', import.meta.url).href, results],
  ].flatMap(([reporter, file]) => [
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${file}`,
  ]);
  const args = ['--test', `--test-timeout=${FILE_LIMIT_MS}`, ...reporters, ...more, ...files];
  const env = { FORCE_COLOR: '0' };
  try {
    // Whoever is ended in the middle has counted nothing.
    await counted(title, process.execPath, args, { env }, () =>
      JSON.parse(readFileSync(results, 'utf8') || JSON.stringify(NOTHING)),
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function testFiles(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.test\.m?js$/.test(name))
    .map((name) => join(folder, name))
    .sort();
  if (files.length === 0) throw new Problem(`There are no tests in ${folder}`);
  return files;
}

/**
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {import('./run.mjs').RunOptions} options
 * @param {(output: string) => Counts} count
 */
async function counted(title, command, args, options, count) {
  /** @param {string} output */
  const add = (output) => {
    const counts = count(output);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    return counts;
  };
  const { output } = await run(title, command, args, { ...options, onfailure: add });
  const counts = add(output);
  if (counts.passed === 0) throw new Problem(`${title}: no test was run.\n\n${output}`);
  say(`    ${counts.passed} passed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
}
