// @ts-check
// Editors that cannot be installed: what each does with an extension, by its published contract, done to
// the built files. Where a virtual machine is needed it is the official one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import nodeVm from 'node:vm';
import minilog from 'minilog';
import VirtualMachine from 'scratch-vm';
import { BLOCKS } from '../../extension/blocks/palette.js';
import { LANGUAGES } from '../../extension/texts/languages.js';
import { note, projectOf, whenMessage } from './project.js';

minilog.disable();

const ID = 'scratchmqtt';
const OPCODES = BLOCKS.flatMap((block) => (typeof block === 'object' ? [block.opcode] : []));

/** A project with a hat of ours. */
const PROJECT = projectOf({ Cat: [whenMessage('test', note())] });

/** @param {string} name below `dist/` */
const addressOf = (name) => new URL(`../../dist/${name}`, import.meta.url);

/**
 * Runs a built script as a page or a worker does.
 *
 * @param {string} name
 * @param {Record<string, unknown>} globals
 * @returns {any} the global object afterwards
 */
function run(name, globals) {
  const page = { TextDecoder, TextEncoder, setTimeout, clearTimeout, console, ...globals };
  nodeVm.runInNewContext(readFileSync(addressOf(name), 'utf8'), page);
  return page;
}

/** A virtual machine, and what it knows of our blocks. */
function virtualMachine() {
  const vm = new VirtualMachine();
  return {
    vm,
    /** What an editor does with an instance. @param {any} instance */
    register: (instance) => {
      const service = vm.extensionManager._registerInternalExtension(instance);
      vm.extensionManager._loadedExtensions.set(instance.getInfo().id, service);
    },
    /** The opcodes that can be run. */
    known: () =>
      Object.keys(vm.runtime._primitives)
        .filter((opcode) => opcode.startsWith(`${ID}_`))
        .map((opcode) => opcode.slice(ID.length + 1)),
    /** Whether the editor asks a hat in each frame. @param {string} hat */
    isAsked: (hat) => vm.runtime._hats[`${ID}_${hat}`].edgeActivated,
    /** Runs a reporter as a script does. @param {string} opcode */
    report: (opcode) => vm.runtime._primitives[`${ID}_${opcode}`]({}, {}),
  };
}

/** The `Scratch` of editors that follow TurboWarp, and what was registered. */
function unsandboxed(more = {}) {
  const editor = virtualMachine();
  const scratch = {
    vm: editor.vm,
    translate: Object.assign(() => '', { language: 'nl', setup: () => {} }),
    canFetch: () => Promise.resolve(true),
    extensions: { unsandboxed: true, register: editor.register, ...more },
  };
  return { ...editor, scratch };
}

for (const [name, more] of Object.entries({
  PenguinMod: { isPenguinMod: true },
  'Eureka in an official editor': { isEureka: true },
})) {
  test(`${name}: the script registers at once, with the runtime`, () => {
    const { scratch, known, isAsked, report } = unsandboxed(more);

    run('mqtt.js', { Scratch: scratch });

    assert.deepEqual(known(), OPCODES);
    assert.equal(isAsked('whenMessage'), false);
    assert.match(report('status'), /^Not connected|^Niet verbonden/);
    assert.doesNotMatch(report('status'), /sandbox/);
  });
}

test('Gandi: a page without a register function finds the class in tempExt', () => {
  const page = run('mqtt.js', {});
  const { vm, register, known, isAsked } = virtualMachine();
  const { Extension, info, l10n } = page.tempExt;

  register(new Extension(vm.runtime));

  assert.deepEqual(known(), OPCODES);
  assert.equal(isAsked('whenMessage'), false);
  assert.equal(info.extensionId, ID);
  assert.match(info.iconURL, /^data:image\/svg/);
  assert.match(info.insetIconURL, /^data:image\/svg/);
  assert.deepEqual(Object.keys(l10n).sort(), [...LANGUAGES].sort());
  for (const texts of Object.values(l10n)) {
    assert.ok(texts[info.name]);
    assert.ok(texts[info.description]);
  }
});

test('an editor with a register function gets no tempExt', () => {
  const page = run('mqtt.js', { Scratch: unsandboxed().scratch });

  assert.equal(page.tempExt, undefined);
});

test('E羊icques: its worker gets all blocks, and a note that hats do not run there', () => {
  /** @type {any[]} */
  const registered = [];
  const scratch = { extensions: { register: (/** @type {any} */ it) => registered.push(it) } };

  run('mqtt.js', { Scratch: scratch });

  const [instance] = registered;
  const { blocks } = instance.getInfo();
  assert.equal(blocks[0].blockType, 'button');
  assert.ok(OPCODES.every((opcode) => blocks.some((/** @type {any} */ b) => b.opcode === opcode)));
  // What crosses to the page is copied.
  assert.doesNotThrow(() => structuredClone(instance.getInfo()));
});

test('E羊icques: its plugin puts the blocks into the page, once', () => {
  const { vm, known, isAsked, report } = virtualMachine();

  run('plugin.js', { vm });
  run('plugin.js', { vm });

  assert.deepEqual(known(), OPCODES);
  assert.equal(isAsked('whenMessage'), false);
  assert.doesNotMatch(report('status'), /sandbox/);
  const categories = vm.runtime._blockInfo.filter((/** @type {any} */ { id }) => id === ID);
  assert.equal(categories.length, 1);
});

/**
 * Gandi's machine, by its published source: it makes extensions by their id, and forgets with each
 * project which of them are loaded.
 */
function gandi() {
  const editor = virtualMachine();
  const { vm } = editor;
  const { extensionManager: manager, runtime } = vm;
  /** @type {Map<string, new (runtime: unknown) => object>} */
  const known = new Map();
  manager.injectExtension = (/** @type {string} */ id, /** @type {any} */ Extension) =>
    known.set(id, Extension);
  manager.loadExtensionURL = (/** @type {string} */ id) => {
    const Extension = known.get(id);
    if (!Extension) return Promise.reject(new Error(`Extension not found: ${id}`));
    if (!manager.isExtensionLoaded(id)) editor.register(new Extension(runtime));
    return Promise.resolve();
  };
  const { clear } = vm;
  vm.clear = () => {
    clear.call(vm);
    manager._loadedExtensions.clear();
    runtime._blockInfo.length = 0;
  };
  return editor;
}

test('Gandi: the plugin is still known when the next project asks for it', async () => {
  const { vm, known, isAsked } = gandi();

  run('plugin.js', { vm });
  assert.deepEqual(known(), OPCODES);
  for (const project of [projectOf({}), PROJECT, PROJECT]) await vm.loadProject(project);

  assert.equal(vm.extensionManager.isExtensionLoaded(ID), true);
  assert.equal(isAsked('whenMessage'), false);
  assert.deepEqual(
    vm.runtime._blockInfo.map((/** @type {any} */ { id }) => id),
    [ID],
  );
});

test('Gandi: a second plugin brings the blocks back that a project without them took away', async () => {
  const { vm } = gandi();
  run('plugin.js', { vm });
  await vm.loadProject(projectOf({}));

  run('plugin.js', { vm });

  assert.equal(vm.extensionManager.isExtensionLoaded(ID), true);
  assert.equal(vm.runtime._blockInfo.length, 1);
});

test('a plugin in a page without a virtual machine does nothing', () => {
  assert.doesNotThrow(() => run('plugin.js', {}));
});

test('Xcratch: the module names the extension, and makes the blocks with the runtime', async () => {
  const { entry, blockClass } = await import(addressOf('mqtt.mjs').href);
  const { vm, register, known, isAsked } = virtualMachine();
  const address = 'https://school.test/mqtt.mjs';
  // The editor writes where it loaded the module from.
  entry.extensionURL = address;
  blockClass.extensionURL = address;

  const instance = new blockClass(vm.runtime);
  register(instance);

  assert.equal(entry.extensionId, instance.getInfo().id);
  assert.equal(blockClass.EXTENSION_ID, ID);
  assert.equal(instance.getInfo().extensionURL, address);
  assert.equal(entry.name, 'MQTT');
  assert.ok(entry.description);
  assert.deepEqual(known(), OPCODES);
  assert.equal(isAsked('whenMessage'), false);
});

for (const [language, description] of /** @type {const} */ ([
  ['nl', /programma/],
  ['zh-cn', /消息/],
  ['ja-Hira', /^ボード、センサー、ほかの プログラムと/],
  ['xx', /^Exchange messages/],
])) {
  test(`Xcratch: its card is in the language of the editor, ${language}`, async () => {
    const { entry } = await import(addressOf('mqtt.mjs').href);
    // As the list does whenever it opens.
    /** @type {Record<string, string>} */
    const messages = {};
    entry.setFormatMessage(
      (/** @type {{ id: string, defaultMessage: string }} */ { id, defaultMessage }) =>
        messages[id] ?? defaultMessage,
    );
    Object.assign(messages, entry.translationMap[language]);

    assert.equal(entry.name, 'MQTT');
    assert.match(entry.description, description);
  });
}

test('Xcratch: its card has a wide cover, and the icon as its inset', async () => {
  const { entry, blockClass } = await import(addressOf('mqtt.mjs').href);

  assert.match(decodeURIComponent(entry.iconURL), /<svg [^>]*width="600" height="372"/);
  assert.equal(
    entry.insetIconURL,
    new blockClass(virtualMachine().vm.runtime).getInfo().menuIconURI,
  );
});

test('Xcratch: the blocks speak the language of the editor', async () => {
  const { blockClass } = await import(addressOf('mqtt.mjs').href);
  const { vm } = virtualMachine();
  vm.runtime.formatMessage = { setup: () => ({ locale: 'nl', translations: {} }) };

  // Each page has one connection: a page of its own.
  const { blockClass: fresh } = await import(`${addressOf('mqtt.mjs').href}?nl`);

  assert.notEqual(fresh, blockClass);
  assert.match(new fresh(vm.runtime).getInfo().blocks[0].text, /^verbind/);
});

test('Xcratch: the classic script is first imported, then run, and the class constructed again', async () => {
  // As a module it finds no `Scratch`; the editor sees no `entry` and takes the way of TurboWarp.
  const module = await import(`${addressOf('mqtt.js').href}?module`);
  assert.equal(module.entry, undefined);
  const editor = virtualMachine();
  /** @type {any[]} */
  const registered = [];
  const scratch = {
    vm: editor.vm,
    extensions: {
      unsandboxed: true,
      register: (/** @type {any} */ instance) => registered.push(instance),
    },
  };

  run('mqtt.js', { Scratch: scratch });
  editor.register(new registered[0].constructor(editor.vm.runtime));

  assert.deepEqual(editor.known(), OPCODES);
  assert.equal(editor.isAsked('whenMessage'), false);
});
