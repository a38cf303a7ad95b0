// @ts-check
/** The programs for boards in `examples/`, as far as they can be judged without running them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { root } from '../../scripts/run.mjs';

const PACKAGE = '@micropython/micropython-webassembly-pyscript';
/** What a card of a board fills in, by the same name in each program. */
const SETTINGS = ['BROKER', 'PORT', 'NAME', 'USER', 'PASSWORD', 'TOPIC'];
const BEGIN = /^(?:#|\/\/) ---- Settings: fill in these lines -+$/m;
const END = /^(?:#|\/\/) -{20,}$/m;

const folder = join(root, 'examples');
const programs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(?:py|ino)$/.test(path))
  .map((path) => ({ path, source: readFileSync(join(folder, path), 'utf8') }));

for (const { path, source } of programs)
  test(`${path} has all settings in one block, each once`, () => {
    const [, rest = ''] = source.split(BEGIN);
    const [block = ''] = rest.split(END);

    for (const name of SETTINGS)
      assert.equal(block.match(new RegExp(`\\b${name}(?:\\[\\])? = `, 'g'))?.length, 1, name);
  });

for (const part of ['docs/boards', 'examples'])
  for (const name of readdirSync(join(root, part), { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.md'))
      test(`what ${part}/${name} leads to is there`, () => {
        const path = join(root, part, name);
        const links = [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)];

        for (const [, link = ''] of links) assert.ok(existsSync(join(dirname(path), link)), link);
      });

for (const language of ['nl', 'zh-cn'])
  test(`the pages for boards are there in ${language}, with the same headings, code and figures`, () => {
    const english = join(root, 'docs', 'boards');
    const pages = readdirSync(english).filter((name) => name.endsWith('.md'));
    assert.deepEqual(readdirSync(join(english, language)).sort(), pages.sort());
    for (const name of pages)
      assert.deepEqual(shape(join(english, language, name)), shape(join(english, name)), name);
  });

/** What a translation leaves alone. @param {string} path */
function shape(path) {
  const page = readFileSync(path, 'utf8');
  const figures = page.match(/(?<=\| )\d+[.,]\d(?=[ ,，])/g) ?? [];
  return {
    headings: page.match(/^#+ /gm),
    questions: page.match(/^\*\*/gm),
    rows: page.match(/^\|/gm),
    constants: [...new Set(page.match(/`[A-Z_]{4,}`/g))].sort(),
    programs: page.match(/examples\/[\w./]+/g),
    figures: figures.map((figure) => figure.replace(',', '.')),
  };
}

describe('MicroPython', () => {
  /** @type {any} */
  let micropython;

  before(async () => {
    const path = createRequire(new URL('../package.json', import.meta.url)).resolve(PACKAGE);
    const { loadMicroPython } = await import(path);
    micropython = await loadMicroPython();
  });

  for (const { path, source } of programs.filter((one) => /^micro.*\.py$/.test(one.path)))
    test(`compiles ${path}`, () => {
      micropython.globals.set('source', source);

      micropython.runPython('compile(source, "program", "exec")');
    });

  test('compiles no syntax that only CPython has', () => {
    micropython.globals.set('source', 'match 1:\n    case 1:\n        pass\n');

    assert.throws(() => micropython.runPython('compile(source, "program", "exec")'), /SyntaxError/);
  });
});
