// @ts-check
// `npm start` builds again what was changed, in a copy of the sources.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import vm from 'node:vm';
import { root } from '../../scripts/run.mjs';
import { Cleanup } from '../e2e/support/cleanup.js';
import { Program } from '../e2e/support/programs.js';
import { until } from '../e2e/support/wait.js';

const BUILD_LIMIT_MS = 120_000;
/** What the build reads, and what it has made of the Rust already. */
const NEEDED = [
  'Cargo.lock',
  'Cargo.toml',
  'package-lock.json',
  'package.json',
  'src',
  'server',
  'bench/matching',
  'bench/peer',
  'docs',
  'examples',
  'extension',
  'npm',
  'www/convert',
  'www/texts',
  'scripts',
  'dist',
  '.cache',
];

const cleanup = new Cleanup();
after(() => cleanup.run());

test('a changed text is built and seen, and what is no JSON is named with its line', async () => {
  const copy = copied();
  const dutch = join(copy, 'extension', 'locales', 'nl.json');
  const table = readFileSync(dutch, 'utf8');
  const program = watching(copy);
  await seen(program, 'Watching');

  writeFileSync(dutch, table.replace('"extension.name": "MQTT"', '"extension.name": "Proef"'));
  await until('the changed text in the script', () => dutchName(copy) === 'Proef', {
    withinMs: BUILD_LIMIT_MS,
    seen: () => program.output,
  });

  writeFileSync(dutch, '{\n  "extension.name": \n}\n');
  await seen(program, 'extension/locales/nl.json:3:0');
  assert.equal(dutchName(copy), 'Proef');

  writeFileSync(dutch, table);
  await until('the first text again', () => dutchName(copy) === 'MQTT', {
    withinMs: BUILD_LIMIT_MS,
    seen: () => program.output,
  });
});

test('a changed page of the documentation is made again', async () => {
  const copy = copied();
  const source = join(copy, 'docs', 'README.md');
  const program = watching(copy);
  await seen(program, 'Watching');

  writeFileSync(source, `${readFileSync(source, 'utf8')}\n## A new part\n`);

  const made = () => readFileSync(join(copy, 'dist', 'docs', 'index.html'), 'utf8');
  await until('the new part', () => made().includes('<h2 id="a-new-part">'), {
    withinMs: BUILD_LIMIT_MS,
    seen: () => program.output,
  });
  await seen(program, 'Built again');
});

/** @param {string} copy */
function watching(copy) {
  return cleanup.add(
    new Program(process.execPath, [
      '--input-type=module',
      '--eval',
      `const { watchSources } = await import(${JSON.stringify(join(copy, 'scripts', 'watch.mjs'))});
       watchSources();
       console.log('Watching');`,
    ]),
    (it) => it.end(),
  );
}

function copied() {
  const copy = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-watch-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  for (const path of NEEDED) cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return copy;
}

/** @param {Program} program @param {string} text */
function seen(program, text) {
  return until(`the program to say ${text}`, () => program.output.includes(text), {
    withinMs: BUILD_LIMIT_MS,
    seen: () => program.output,
  });
}

/** How the built script names the extension in Dutch. @param {string} folder */
function dutchName(folder) {
  let name = '';
  const Scratch = {
    vm: { getLocale: () => 'nl' },
    extensions: {
      register: (/** @type {any} */ extension) => {
        ({ name } = extension.getInfo());
      },
    },
  };
  const script = readFileSync(join(folder, 'dist', 'mqtt.js'), 'utf8');
  vm.runInNewContext(script, { Scratch, TextDecoder, TextEncoder, setTimeout, clearTimeout });
  return name;
}
