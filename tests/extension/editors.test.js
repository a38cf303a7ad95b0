// @ts-check
// What editors offer, and how the built script registers with them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { BLOCKS } from '../../extension/blocks/palette.js';
import { detectEnvironment } from '../../extension/editors/support/environment.js';

const script = new URL('../../dist/mqtt.js', import.meta.url);

for (const [page, isSecure] of /** @type {[any, boolean][]} */ ([
  [{ location: { href: 'https://editor.test/' } }, true],
  [{ location: { href: 'http://localhost:8000/editor' } }, false],
  [{ location: { href: 'file:///home/project.html' } }, false],
  [{ location: { href: 'blob:https://editor.test/1234' } }, true],
  [{ location: { href: 'blob:http://localhost:8000/1234' } }, false],
  [{ location: { href: 'about:srcdoc' }, document: { baseURI: 'https://editor.test/' } }, true],
  [{ location: { href: 'about:srcdoc' }, document: { baseURI: 'http://localhost/' } }, false],
  [{}, false],
])) {
  test(`${JSON.stringify(page)} is ${isSecure ? '' : 'not '}a secure page`, () => {
    assert.equal(detectEnvironment({}, undefined, page).isSecurePage(), isSecure);
  });
}

for (const [what, scratch, page, locale] of /** @type {[string, any, any, string][]} */ ([
  ['the editor', { vm: { getLocale: () => 'nl' }, translate: { language: 'de' } }, {}, 'nl'],
  ['the translations of the editor', { translate: { language: 'zh-cn' } }, {}, 'zh-cn'],
  ['the browser', {}, { navigator: { language: 'nl-BE' } }, 'nl'],
  ['all that the user reads', {}, { navigator: { languages: ['fy', 'nl', 'en'] } }, 'nl'],
  ['the user', { vm: { getLocale: () => 'fy' } }, { navigator: { languages: ['nl'] } }, 'nl'],
  ['nothing', {}, {}, 'en'],
])) {
  test(`the language comes from ${what}`, () => {
    assert.equal(detectEnvironment(scratch, undefined, page).locale(), locale);
  });
}

test('the runtime is the one of the constructor, else that of the page', () => {
  const given = /** @type {any} */ ({});
  const scratch = /** @type {any} */ ({ vm: { runtime: {} } });

  assert.equal(detectEnvironment(scratch, given).runtime, given);
  assert.equal(detectEnvironment(scratch).runtime, scratch.vm.runtime);
  assert.equal(detectEnvironment({}).runtime, undefined);
});

/**
 * Runs the built script as a packaged project does: its editor is the argument of a function.
 *
 * @param {any} [runtime]
 */
function runScript(runtime) {
  assert.ok(existsSync(script), 'dist/mqtt.js is missing: npm run build');
  /** @type {any[]} */
  const registered = [];
  const scratch = {
    extensions: { register: (/** @type {any} */ extension) => registered.push(extension) },
    ...(runtime && { vm: { runtime } }),
  };
  const source = `(function(Scratch) { ${readFileSync(script, 'utf8')} })(scratch);`;
  vm.runInNewContext(source, { scratch, TextDecoder, TextEncoder, setTimeout, clearTimeout });
  return registered;
}

test('the built script registers before it has ended, and only once', () => {
  const registered = runScript();

  assert.equal(registered.length, 1);
  assert.equal(registered[0].getInfo().id, 'scratchmqtt');
});

test('an editor that constructs the class again with its runtime gets the same connection', () => {
  const [first] = runScript();

  const second = new first.constructor({ threads: [], targets: [], _step: () => {} });

  assert.equal(second.bridge, first.bridge);
  assert.doesNotMatch(first.status(), /sandbox/);
});

test('a script that runs twice registers twice, and breaks nothing', () => {
  const runtime = { threads: [], targets: [], _step: () => {} };

  for (const [extension] of [runScript(runtime), runScript(runtime)]) {
    assert.equal(extension.getInfo().blocks.length, BLOCKS.length);
  }
  runtime._step();
});
