// @ts-check
// Projects from CodeLab's blocks to ours, and what people choose instead of a project.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { convert, inspect } from '../../www/convert/project.js';
import { MOST_BYTES, openProject } from '../../www/convert/sb3.js';
import { iot, mark, playProject, projectOf, whenFlag } from './project.js';

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
