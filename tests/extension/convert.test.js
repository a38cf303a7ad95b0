// @ts-check
// Projects from CodeLab's blocks to ours, and what people choose instead of a project.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { loginsIn, withoutLogins } from '../../www/convert/logins.js';
import { convert, inspect } from '../../www/convert/project.js';
import { MOST_BYTES, countBlocks, openProject } from '../../www/convert/sb3.js';
import { choice, iot, mark, mqtt, playProject, projectOf, whenFlag } from './project.js';

const ADDRESS = 'wss://anna:geheim@broker.test:8084/mqtt';

/** @param {string} mqtt_uri */
const lesson = (mqtt_uri) =>
  JSON.parse(
    projectOf({
      Cat: [
        whenFlag(iot('connect_to_mqtt', { mqtt_uri }), iot('subTopic', { topic: '/in' })),
        [iot('whenMessage', { topic: '/in' }), mark(iot('getComingMessage'))],
      ],
      Dog: [whenFlag(iot('pubMessage', { topic: '/out', message: 'hello' }))],
    }),
  );

/** A file with a project. @param {any} project @param {Record<string, Uint8Array>} [more] */
const sb3 = (project, more = {}) =>
  zipSync({ 'project.json': strToU8(JSON.stringify(project)), ...more });

/** @param {any} project @param {Partial<Parameters<typeof convert>[1]>} [options] @returns {any} */
const converted = (project, options = {}) => convert(project, { stripsLogins: false, ...options });

/** What blocks are made of, in any order. @param {any} project @returns {any[]} */
const blocksOf = (project) =>
  project.targets.flatMap((/** @type {any} */ t) => Object.values(t.blocks));

test('every block gets the name of ours, and its slots too', () => {
  const before = blocksOf(lesson(ADDRESS)).filter(({ opcode }) => opcode.startsWith('iot_'));

  const after = blocksOf(converted(lesson(ADDRESS)));

  assert.equal(before.length, 5);
  assert.deepEqual(
    after
      .filter(({ opcode }) => opcode.startsWith('scratchmqtt_'))
      .map(({ opcode, inputs }) => [opcode, ...Object.keys(inputs)])
      .sort(),
    [
      ['scratchmqtt_connect', 'BROKER'],
      ['scratchmqtt_messagePayload'],
      ['scratchmqtt_publish', 'TOPIC', 'MESSAGE'],
      ['scratchmqtt_subscribe', 'TOPIC'],
      ['scratchmqtt_whenMessage', 'TOPIC'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(after), /iot_|mqtt_uri/);
});

test('a changed project runs in the official runtime', async () => {
  const play = await playProject({}, { file: JSON.stringify(converted(lesson(ADDRESS))) });

  play.vm.greenFlag();
  play.frames(2);
  play.client().accept();
  play.client().deliver('/in', 'hello');
  play.frames(3);

  assert.deepEqual(play.list(), ['hello']);
  assert.deepEqual(play.client().asked('publish'), [['/out', 'hello', 0, false]]);
});

test('the list of extensions has ours in the place of the old one', () => {
  const project = { ...lesson(ADDRESS), extensions: ['pen', 'iot', 'scratchmqtt'] };
  project.extensionURLs = { iot: 'https://a.test/iot.js', other: 'https://a.test/other.js' };

  const { extensions, extensionURLs } = converted(project, {
    extensionUrl: 'https://b.test/mqtt.js',
  });

  assert.deepEqual(extensions, ['pen', 'scratchmqtt']);
  assert.deepEqual(extensionURLs, {
    other: 'https://a.test/other.js',
    scratchmqtt: 'https://b.test/mqtt.js',
  });
});

test('monitors change with their blocks', () => {
  const monitor = { id: 'iot_getComingMessage', opcode: 'iot_getComingMessage', params: {}, x: 5 };
  const other = { id: 'x', opcode: 'data_variable', params: { VARIABLE: 'iot_getComingMessage' } };

  const { monitors } = converted({ ...lesson(ADDRESS), monitors: [monitor, other] });

  const name = 'scratchmqtt_messagePayload';
  assert.deepEqual(monitors, [{ ...monitor, id: name, opcode: name }, other]);
});

test('a project that is changed twice is the same, and says that there is nothing left', () => {
  const once = converted(lesson(ADDRESS));

  assert.deepEqual(converted(once), once);
  assert.equal(inspect(once).count, 0);
});

test('a block that CodeLab added later stays, and the project keeps asking for its extension', () => {
  const project = lesson(ADDRESS);
  project.targets[1].blocks.later = { opcode: 'iot_later', inputs: {}, fields: {} };

  const { extensions, targets } = converted(project);

  assert.equal(inspect(project).unknown, 1);
  assert.equal(targets[1].blocks.later.opcode, 'iot_later');
  assert.deepEqual(extensions, ['scratchmqtt', 'iot']);
});

test('what is found is counted, with its sprites and its login, and never with the password', () => {
  const found = inspect(lesson(ADDRESS));

  assert.deepEqual(found, {
    count: 5,
    sprites: ['Cat', 'Dog'],
    unknown: 0,
    logins: [{ user: 'anna', broker: 'broker.test:8084' }],
    hasHiddenAddress: false,
  });
});

for (const [address, user, stripped] of [
  ['wss://anna:geheim@broker.test:8084/mqtt', 'anna', 'wss://broker.test:8084/mqtt'],
  ['wss://anna@broker.test/mqtt', 'anna', 'wss://broker.test/mqtt'],
  ['ws://a%40b:c%3Ad@10.0.0.1:8083', 'a@b', 'ws://10.0.0.1:8083'],
  ['wss://anna:ge@im@broker.test/mqtt', 'anna', 'wss://broker.test/mqtt'],
  ['wss://anna:a/b@broker.test/mqtt', 'anna', 'wss://broker.test/mqtt'],
  ['anna:geheim@broker.test:8084/mqtt', 'anna', 'broker.test:8084/mqtt'],
  ['  WSS://anna:geheim@broker.test', 'anna', '  WSS://broker.test'],
  ['wss://100%:geheim@broker.test', '100%', 'wss://broker.test'],
]) {
  test(`the login is taken out of ${address}`, () => {
    const project = lesson(String(address));

    const text = JSON.stringify(converted(project, { stripsLogins: true }));

    assert.equal(inspect(project).logins[0]?.user, user);
    assert.ok(text.includes(JSON.stringify(stripped)), text);
    assert.doesNotMatch(text, /anna|geheim|100%/);
  });
}

test('an address without a login stays as it is', () => {
  const address = 'wss://broker.test:8084/mqtt';
  const project = lesson(address);

  assert.deepEqual(inspect(project).logins, []);
  assert.deepEqual(
    converted(project, { stripsLogins: true }),
    converted(project, { stripsLogins: false }),
  );
});

test('logins are taken out of variables, lists, other texts and monitors too', () => {
  const project = lesson('wss://broker.test/mqtt');
  const [stage] = project.targets;
  stage.variables.address = ['address', ADDRESS];
  stage.lists.addresses = ['addresses', ['one', `two: ${ADDRESS}!`]];
  project.monitors = [{ id: 'address', opcode: 'data_variable', value: ADDRESS }];

  const text = JSON.stringify(converted(project, { stripsLogins: true }));

  assert.equal(inspect(project).logins.length, 1);
  assert.doesNotMatch(text, /anna|geheim/);
  assert.ok(text.includes('two: wss://broker.test:8084/mqtt!'));
});

test('the ids of blocks and variables stay, whatever they look like', () => {
  const project = lesson(ADDRESS);
  const { blocks } = project.targets[1];
  const connect = /** @type {any} */ (
    Object.values(blocks).find((/** @type {any} */ { opcode }) => opcode === 'iot_connect_to_mqtt')
  );
  connect.inputs.mqtt_uri = [3, 'a:b@c/d', [10, ADDRESS]];
  blocks['a:b@c/d'] = { opcode: 'operator_join', inputs: {}, fields: {}, parent: 'x' };

  const after = blocksOf(converted(project, { stripsLogins: true }));

  const { inputs } = after.find(({ opcode }) => opcode === 'scratchmqtt_connect');
  assert.deepEqual(inputs.BROKER, [3, 'a:b@c/d', [10, 'wss://broker.test:8084/mqtt']]);
  assert.equal(inspect(project).hasHiddenAddress, true);
});

test('an address in a variable is one that is not seen here', () => {
  const project = lesson(ADDRESS);
  const connect = blocksOf(project).find(({ opcode }) => opcode === 'iot_connect_to_mqtt');
  connect.inputs.mqtt_uri = [3, [12, 'address', 'id'], [10, '']];

  assert.equal(inspect(project).hasHiddenAddress, true);
});

test('pictures and sounds are the same bytes in the new file', () => {
  const picture = new Uint8Array([0x89, 0x50, 0x4e, 0x47, ...Array(500).fill(7)]);
  const sound = strToU8('RIFF'.repeat(1000));
  const opened = openProject(sb3(lesson(ADDRESS), { 'a.png': picture, 'b.wav': sound }));

  const files = unzipSync(opened.convert({ stripsLogins: true }));

  assert.deepEqual(Object.keys(files).sort(), ['a.png', 'b.wav', 'project.json']);
  assert.deepEqual([files['a.png'], files['b.wav']], [picture, sound]);
  assert.doesNotMatch(strFromU8(/** @type {any} */ (files['project.json'])), /geheim|iot_/);
});

const whole = sb3(lesson(ADDRESS));
const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

/** @type {[string, Uint8Array, string][]} */
const others = [
  ['an empty file', new Uint8Array(), 'empty'],
  ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), 'not-a-project'],
  ['a text', strToU8('hello'), 'not-a-project'],
  ['JSON of something else', strToU8('{"a":1}'), 'not-a-project'],
  ['JSON that is nothing', strToU8('null'), 'not-a-project'],
  ['an archive of something else', zipSync({ 'a.txt': strToU8('a') }), 'not-a-project'],
  ['project.json alone', strToU8(JSON.stringify(lesson(ADDRESS))), 'only-json'],
  ['a project of Scratch 2', sb3({ objName: 'Stage', children: [] }), 'older-scratch'],
  ['the JSON of Scratch 2', strToU8('{"objName":"Stage"}'), 'older-scratch'],
  ['a project of Scratch 1.4', strToU8('ScratchV02 and more'), 'older-scratch'],
  ['a sprite', zipSync({ 'sprite.json': strToU8('{}') }), 'sprite'],
  ['a file that was cut off', whole.slice(0, whole.length / 2), 'broken'],
  ['the first two letters of an archive', strToU8('PK'), 'broken'],
  [
    'an archive with a project.json that is none',
    zipSync({ 'project.json': strToU8('{') }),
    'broken',
  ],
  [
    'a project that is nested too deep',
    zipSync({ 'project.json': strToU8(deep) }),
    'not-a-project',
  ],
  ['a project without those blocks', sb3(JSON.parse(projectOf({ Cat: [] }))), 'no-blocks'],
  ['a project that was changed already', sb3(converted(lesson(ADDRESS))), 'no-blocks'],
  ['targets that are none', sb3({ targets: [null, 7, 'x'] }), 'broken'],
  ['a huge file', new Uint8Array(MOST_BYTES + 1), 'too-large'],
  [
    'a small archive of something huge',
    zipSync({ 'project.json': new Uint8Array(MOST_BYTES + 1) }, { level: 1 }),
    'too-large',
  ],
];

for (const [what, bytes, problem] of others) {
  test(`${what} is told apart`, () => {
    assert.throws(() => openProject(bytes), { problem });
  });
}

test('blocks for MQTT are counted, ours and those of CodeLab, and no menus', () => {
  const made = mqtt('whenConnection', { STATE: choice('STATE', 'made') });
  const ours = projectOf({ Cat: [whenFlag(mqtt('connect', { BROKER: 'class' })), [made]] });

  assert.equal(countBlocks(sb3(JSON.parse(ours))), 2);
  assert.equal(countBlocks(sb3(lesson(ADDRESS))), 5);
  assert.equal(countBlocks(sb3(JSON.parse(projectOf({ Cat: [] })))), 0);
});

for (const [what, bytes, problem] of others.filter(([, , it]) => it !== 'no-blocks')) {
  test(`${what} is no project of a lesson`, () => {
    assert.throws(() => countBlocks(bytes), { problem });
  });
}

test('an archive that lies about its sizes takes no more room than it says', () => {
  const bytes = zipSync({ 'project.json': new Uint8Array(1_000_000) });
  // The uncompressed size, in the directory at the end.
  const entry = findLast(bytes, [0x50, 0x4b, 0x01, 0x02]);
  bytes.set([10, 0, 0, 0], entry + 24);

  assert.throws(() => openProject(bytes), { problem: 'broken' });
});

/** @param {Uint8Array} bytes @param {number[]} wanted */
function findLast(bytes, wanted) {
  for (let at = bytes.length - wanted.length; at >= 0; at -= 1) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  throw new Error('not found');
}

/**
 * An archive, field by field, in which nothing needs to be true.
 *
 * @param {{ name?: string, packed?: Uint8Array, method?: number, size?: number, flags?: number, at?: number }[]} entries
 *   `at`: where the file stands that this entry means, if not its own.
 */
function archiveOf(entries) {
  /** @type {Uint8Array[]} */
  const files = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let place = 0;
  for (const {
    name = 'a',
    packed = new Uint8Array(),
    method = 8,
    size = 0,
    flags = 0,
    at,
  } of entries) {
    const bytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(bytes.length, 22);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    common.copy(central, 6);
    central.writeUInt32LE(at ?? place, 42);
    directory.push(central, bytes);
    if (at !== undefined) continue;
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, bytes, packed]);
    files.push(local);
    place += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(place, 16);
  return new Uint8Array(Buffer.concat([...files, ...directory, end]));
}

const zeros = deflateSync(new Uint8Array(1 << 20), { level: 9 });
const json = strToU8(JSON.stringify(lesson(ADDRESS)));
const projectEntry = { name: 'project.json', packed: deflateSync(json), size: json.length };
const project = archiveOf([projectEntry]);
const local = project.length - 22 - 46 - 'project.json'.length;

/** @type {[string, Uint8Array, string][]} */
const hostile = [
  [
    'thousands of names for one file',
    archiveOf([
      projectEntry,
      { name: 'kernel', packed: zeros, size: 1 << 20 },
      ...Array.from({ length: 40 }, (_, index) => ({
        name: `k${index}`,
        packed: zeros,
        size: 1 << 20,
        at: local,
      })),
    ]),
    'broken',
  ],
  [
    'a file that begins inside another',
    archiveOf([projectEntry, { name: 'b', packed: zeros, size: 1 << 20, at: 5 }]),
    'broken',
  ],
  ['a file behind its end', archiveOf([projectEntry, { name: 'b', at: 1e9 }]), 'broken'],
  ['more than it says', archiveOf([projectEntry, { packed: zeros, size: 10 }]), 'broken'],
  ['less than it says', archiveOf([projectEntry, { packed: zeros, size: 2 << 20 }]), 'broken'],
  ['too much, as it says', archiveOf([projectEntry, { packed: zeros, size: 1e9 }]), 'too-large'],
  [
    'too much in many files',
    archiveOf([
      projectEntry,
      ...Array.from({ length: 100 }, (_, index) => ({
        name: `f${index}`,
        packed: zeros,
        size: 1 << 20,
      })),
    ]),
    'too-large',
  ],
  ['more files than any project', archiveOf(Array(10_001).fill({})), 'too-large'],
  ['two files of one name', archiveOf([projectEntry, projectEntry]), 'broken'],
  ['a file with a password', archiveOf([{ ...projectEntry, flags: 1 }]), 'broken'],
  ['a file packed in another way', archiveOf([{ ...projectEntry, method: 99 }]), 'broken'],
  ['a stored file of another size', archiveOf([{ ...projectEntry, method: 0 }]), 'broken'],
  ['a damaged picture', archiveOf([projectEntry, { packed: strToU8('no'), size: 9 }]), 'broken'],
];

for (const [what, bytes, problem] of hostile) {
  test(`an archive with ${what} is refused`, () => {
    assert.throws(() => openProject(bytes), { problem });
  });
}

test('what an archive claims is looked at before anything is unpacked', () => {
  const bomb = archiveOf([
    projectEntry,
    ...Array(9_000).fill({ name: 'same', packed: new Uint8Array(10), size: 10 }),
  ]);
  // Were the first file unpacked, its damage would be found first.
  bomb.fill(0xff, 42, 60);

  assert.throws(() => openProject(bomb), { problem: 'broken' });
  assert.ok(openProject(project).found.count > 0);
});

test('names that lead out of the archive are left out of the new one', () => {
  const names = ['../a.png', '/b.png', 'c/../../d', 'e\\f', 'C:g', './h', 'i\0', '..', 'dir/'];
  const entries = names.map((name) => ({ name, packed: strToU8('x'), method: 0, size: 1 }));
  const good = ['j.png', 'folder/k.wav', '..l.svg'].map((name) => ({
    name,
    packed: strToU8('x'),
    method: 0,
    size: 1,
  }));

  const opened = openProject(archiveOf([...entries, projectEntry, ...good]));

  const files = unzipSync(opened.convert({ stripsLogins: true }));
  assert.deepEqual(Object.keys(files).sort(), ['..l.svg', 'folder/k.wav', 'j.png', 'project.json']);
});

// Each of them would take hours if a letter or a sprite were looked at once for every other.
const MANY = 5_000_000;

for (const [what, address, left] of [
  ['spaces', ' '.repeat(MANY), ' '.repeat(MANY)],
  ['letters', 'a'.repeat(MANY), 'a'.repeat(MANY)],
  ['@', '@'.repeat(MANY), ''],
  ['schemes', 'ws://'.repeat(MANY / 5), 'ws://'.repeat(MANY / 5)],
  ['spaces before a login', `${' '.repeat(MANY)}u:p@b`, `${' '.repeat(MANY)}b`],
  ['colons', `${':'.repeat(MANY)}@b`, 'b'],
]) {
  test(`an address of millions of ${what} is read once`, { timeout: 60_000 }, () => {
    assert.equal(withoutLogins(String(address), true), left);
    assert.ok(loginsIn(String(address), true).length <= 1);
    assert.ok(loginsIn(String(address), false).length <= 1);
    assert.ok(withoutLogins(String(address), false).length <= MANY + 10);
  });
}

test('a project of hundreds of thousands of sprites is read once', { timeout: 60_000 }, () => {
  const block = { opcode: 'iot_getComingMessage' };
  const targets = Array.from({ length: 400_000 }, (_, index) => ({
    name: `sprite ${index}`,
    blocks: { block },
  }));

  const { count, sprites } = inspect({ targets });

  assert.equal(count, 400_000);
  assert.equal(sprites.length, 400_000);
});
