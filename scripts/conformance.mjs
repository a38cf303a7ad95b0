// @ts-check
/**
 * `npm run conformance`: writes docs/reference/conformance.md, the list of every statement of MQTT 3.1.1 and
 * 5.0 that binds or concerns a client, with the tests of each. With `--check`, as `npm test`
 * runs it, nothing is written.
 *
 * A test cites a statement as `[MQTT-3.1.0-1]` (3.1.1) or `[MQTT5-3.1.2-20]` (5.0), in its doc
 * comment or inside it. Where a test reads a table, "Each case names its statement" in its doc
 * comment counts the citations beside the cases of its file, and "Each case of `cases.rs` names its
 * statement" those of another one.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Problem, isMain, main, root, saysHelp } from './run.mjs';

/** @typedef {{ side: string, rule: string, why?: string }} Statement */
/** @typedef {{ file: string, name: string, cites: string[] }} Test */

const STATEMENTS = join(root, 'scripts', 'conformance', 'statements.json');
const PAGE = join(root, 'docs', 'reference', 'conformance.md');
const VERSIONS = /** @type {const} */ ([
  ['3.1.1', 'MQTT-'],
  ['5.0', 'MQTT5-'],
]);

const HELP = `npm run conformance

Writes docs/reference/conformance.md from the citations in the tests. It takes a second. Press Ctrl+C to stop.

  --check   writes nothing, and fails when the page is not up to date
  --help    this text`;

if (isMain(import.meta.url)) {
  // eslint-disable-next-line require-await -- `main` takes work that may wait.
  await main(async () => {
    if (saysHelp(HELP, ['--check'])) return;
    const page = conformancePage();
    if (!process.argv.includes('--check')) return writeFileSync(PAGE, page);
    let written = '';
    try {
      written = readFileSync(PAGE, 'utf8');
    } catch {
      // Not there is not up to date.
    }
    if (written !== page) {
      throw new Problem(
        'docs/reference/conformance.md is not up to date.\n\nRun: npm run conformance',
      );
    }
  });
}

/** The page; fails where a statement has neither a test nor a reason, or does not exist. */
function conformancePage() {
  const statements = /** @type {Record<string, Statement>} */ (
    JSON.parse(readFileSync(STATEMENTS, 'utf8'))
  );
  const tests = ['tests', 'src'].flatMap((folder) =>
    rustFiles(join(root, folder)).flatMap(testsOf),
  );
  const proofs = new Map(Object.keys(statements).map((id) => [id, /** @type {Test[]} */ ([])]));
  const problems = [];
  for (const test of tests) {
    for (const id of test.cites) {
      const found = proofs.get(id);
      if (found === undefined) problems.push(`${test.file}: ${test.name} cites ${id}: no such id`);
      else found.push(test);
    }
  }
  for (const [id, statement] of Object.entries(statements)) {
    const proved = proofs.get(id)?.length !== 0;
    if (!proved && statement.why === undefined) problems.push(`${id} has neither test nor reason`);
    if (proved && statement.why !== undefined) problems.push(`${id} has a test: leave the why out`);
  }
  if (problems.length > 0) throw new Problem(problems.join('\n'));
  return [...head(), ...VERSIONS.flatMap((version) => section(version, statements, proofs))].join(
    '\n',
  );
}

function head() {
  return [
    '# Conformance',
    '',
    'Every statement of the two specifications that binds or concerns a client, and the tests of each.',
    'Written by `npm run conformance` from the citations in the tests; `npm test` checks that it is up to date.',
    '',
    'Side: **S** what we send, **R** what we receive (also rules for servers, where a client must cope with a breach),',
    '**L** what happens inside.',
    '',
  ];
}

/**
 * @param {readonly [string, string]} version
 * @param {Record<string, Statement>} statements
 * @param {Map<string, Test[]>} proofs
 */
function section([version, prefix], statements, proofs) {
  const rows = Object.entries(statements).filter(([id]) => id.startsWith(prefix));
  const tested = rows.filter(([id]) => proofs.get(id)?.length !== 0);
  const cited = new Set(rows.flatMap(([id]) => proofs.get(id) ?? []));
  return [
    `## MQTT ${version}`,
    '',
    `${rows.length} statements: ${tested.length} tested by ${cited.size} tests, ` +
      `${rows.length - tested.length} with a reason why no test can.`,
    '',
    '| statement | side | rule | tested by |',
    '|---|---|---|---|',
    ...rows.map(([id, { side, rule, why }]) => {
      const proof = why ?? (proofs.get(id) ?? []).map(link).join('<br>');
      return `| ${id} | ${side} | ${rule} | ${proof} |`;
    }),
    '',
  ];
}

/** @param {Test} test */
function link({ file, name }) {
  return `[${basename(file)}: ${name}](../../${file})`;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function rustFiles(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter(({ name }) => name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return rustFiles(path);
      return entry.name.endsWith('.rs') ? [path] : [];
    });
}

/**
 * The tests of a file with the statements that each cites.
 *
 * @param {string} path
 * @returns {Test[]}
 */
function testsOf(path) {
  const file = relative(root, path).split(sep).join('/');
  const lines = readFileSync(path, 'utf8').split('\n');
  return testLines(lines).map(([first, last]) => {
    const text = lines.slice(first, last + 1).join('\n');
    const name = /\bfn (\w+)/.exec(text)?.[1] ?? '?';
    const table = /Each case (?:of `([\w.]+)` )?names its statement/.exec(
      text.replace(/\s+\/\/\/ /g, ' '),
    );
    const source = table?.[1] === undefined ? lines : linesOf(join(dirname(path), table[1]));
    const cases = table === null ? '' : withoutTests(source).join('\n');
    return { file, name, cites: [...new Set(citations(text + cases))] };
  });
}

/** @param {string} path */
function linesOf(path) {
  return readFileSync(path, 'utf8').split('\n');
}

/** @param {string[]} lines */
function withoutTests(lines) {
  const tests = testLines(lines);
  return lines.filter((_, number) => !tests.some(([a, b]) => a <= number && number <= b));
}

/** @param {string} text */
function citations(text) {
  return [...text.matchAll(/\[(MQTT5?-\d[\d.]*(?:-\d+)?)\]/g)].map(([, id]) => String(id));
}

/**
 * First and last line of each test: from its doc comment to the brace below its `fn`.
 *
 * @param {string[]} lines
 */
function testLines(lines) {
  /** @type {[number, number][]} */
  const tests = [];
  for (const [number, line] of lines.entries()) {
    const attribute = /^( *)#\[(?:wasm_bindgen_)?test\]$/.exec(line);
    if (attribute === null) continue;
    let first = number;
    while (/^ *(?:\/\/\/|#\[)/.test(lines[first - 1] ?? '')) first -= 1;
    const last = lines.indexOf(`${attribute[1]}}`, number);
    if (last === -1) throw new Problem(`a test without an end: ${lines[number + 1]}`);
    tests.push([first, last]);
  }
  return tests;
}
