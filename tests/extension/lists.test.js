// @ts-check
// Blocks that write lists of the project and read them: by name, with the lists of the sprite before those of the stage.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HISTORY_BYTES, HISTORY_LIMIT, HISTORY_TOPICS } from '../../extension/delivery/history.js';
import { MOST_JSON } from '../../extension/values/json.js';
import { makeBlocks, makeConnected } from './harness.js';
import { mark, mqtt, playProject, whenFlag, whenMessage } from './project.js';

const TOPIC = 'test';

/**
 * A script of a sprite that has these lists.
 *
 * @param {Record<string, unknown>} lists
 */
function scriptWith(lists) {
  const variables = Object.fromEntries(
    Object.entries(lists).map(([name, value]) => [name, { value, _monitorUpToDate: true }]),
  );
  const target = {
    lookupVariableByNameAndType: (/** @type {string} */ name, /** @type {string} */ type) =>
      type === 'list' ? variables[name] : undefined,
  };
  return { util: /** @type {any} */ ({ thread: { target } }), variables };
}

for (const [json, items] of /** @type {[string, unknown[]][]} */ ([
  ['[1, 2.50, -3]', [1, 2.5, -3]],
  ['["a", "", "😀 \\"quoted\\"", true, null]', ['a', '', '😀 "quoted"', true, '']],
  ['[{"a": 1}, [2, 3]]', ['{"a":1}', '[2,3]']],
  [' [] ', []],
])) {
  test(`${json} becomes ${items.length} items`, async () => {
    const { blocks } = await makeBlocks();
    const { util, variables } = scriptWith({ values: ['old'] });

    blocks.jsonToList({ JSON: json, LIST: 'values' }, util);

    assert.deepEqual(variables.values, { value: items, _monitorUpToDate: false });
    assert.equal(blocks.lastError({}), '');
  });
}

for (const json of ['', 'hello', '[1, 2', '{"a":1}', '5', '"[1]"', '['.repeat(100_000)]) {
  test(`“${json.slice(0, 9)}” is explained, and the list stays as it was`, async () => {
    const { blocks } = await makeBlocks();
    const { util, variables } = scriptWith({ values: ['old'] });

    blocks.jsonToList({ JSON: json, LIST: 'values' }, util);

    assert.deepEqual(variables.values, { value: ['old'], _monitorUpToDate: true });
    assert.match(String(blocks.status()), /not a JSON list such as \[1, 2, 3\]/);
  });
}

test('JSON that is too long is explained, and the list stays as it was', async () => {
  const { blocks } = await makeBlocks();
  const { util, variables } = scriptWith({ values: ['old'] });

  blocks.jsonToList({ JSON: `["${'x'.repeat(MOST_JSON)}"]`, LIST: 'values' }, util);

  assert.deepEqual(variables.values?.value, ['old']);
  assert.match(String(blocks.status()), /262144 characters at most/);
});

for (const [items, json] of /** @type {[unknown[], string][]} */ ([
  [[1, '2', '-0.50', true], '[1,2,-0.50,true]'],
  [
    ['a', '', '😀 "quoted"', '007', 'nothing', ' x'],
    '["a","","😀 \\"quoted\\"","007","nothing"," x"]',
  ],
  [['{"a": 1}', '[2, "b"]', '{a}', '[', 'null'], '[{"a":1},[2,"b"],"{a}","[",null]'],
  [[NaN, Infinity, -Infinity], '["NaN","Infinity","-Infinity"]'],
  [[], '[]'],
])) {
  test(`a list of ${items.length} items is ${json}`, async () => {
    const { blocks } = await makeBlocks();
    const { util } = scriptWith({ values: items });

    assert.equal(blocks.listToJson({ LIST: 'values' }, util), json);
  });
}

test('a list is JSON up to what JSON blocks read; beyond it the status says so', async () => {
  for (const [items, length] of /** @type {[unknown[], number][]} */ ([
    [Array(MOST_JSON / 2 - 1).fill(1), MOST_JSON - 1],
    [Array(MOST_JSON / 2).fill(1), 0],
    [Array(200_000).fill(1), 0],
    [['x'.repeat(10 * MOST_JSON)], 0],
    // Each of these letters takes six in JSON.
    [['\u0001'.repeat(MOST_JSON / 6 + 1)], 0],
  ])) {
    const { blocks } = await makeBlocks();
    const { util } = scriptWith({ values: items });

    assert.equal(String(blocks.listToJson({ LIST: 'values' }, util)).length, length);
    assert.equal(/262144 characters at most/.test(String(blocks.status())), length === 0);
  }
});

for (const [opcode, args] of /** @type {['jsonToList', object][]} */ ([
  ['jsonToList', { JSON: '[1]' }],
  ['listToJson', {}],
  ['lastMessagesToList', { N: 20, TOPIC }],
  ['whoIsHereToList', {}],
])) {
  test(`${opcode} says which list there is not`, async () => {
    const { blocks } = await makeConnected();

    const answer = blocks[opcode]({ ...args, LIST: 'valeus' }, scriptWith({ values: [] }).util);

    assert.equal(answer ?? '', '');
    assert.match(String(blocks.lastError({})), /There is no list “valeus”/);
  });

  test(`${opcode} says where lists cannot be reached`, async () => {
    const { blocks } = await makeConnected({ runtime: null });

    assert.equal(blocks[opcode]({ ...args, LIST: 'values' }) ?? '', '');
    assert.match(String(blocks.lastError({})), /MQTT cannot reach lists here/);
  });
}

test('who is here is in a list, a name an item', async () => {
  const { blocks, client } = await makeConnected();
  const { util, variables } = scriptWith({ names: ['old'] });
  blocks.whoIsHereToList({ LIST: 'names' }, util);
  assert.deepEqual(variables.names?.value, []);

  for (const name of ['Zoe, the second', 'Ada']) client().deliver(`${name}/status`, 'online');
  blocks.whoIsHereToList({ LIST: 'names' }, util);

  assert.deepEqual(variables.names?.value, ['Ada', 'Zoe, the second']);
});

/** Blocks that have asked for the last messages once. @param {any} [editor] */
async function makeRemembering(editor) {
  const made = await makeConnected(editor);
  assert.equal(made.blocks.lastMessages({ N: 20, TOPIC }), '[]');
  return made;
}

for (const [where, editor] of /** @type {[string, any][]} */ ([
  ['with a runtime', {}],
  ['in a sandbox', { runtime: null }],
])) {
  test(`${where} the last messages are JSON, the oldest of them first`, async () => {
    const { blocks, client } = await makeRemembering(editor);
    assert.deepEqual(client().asked('subscribe'), [[TOPIC, 0, 2]]);

    for (const payload of ['1', '21.50', 'hot', '{"temp": 3}']) client().deliver(TOPIC, payload);

    assert.equal(blocks.lastMessages({ N: 3, TOPIC }), '[21.50,"hot",{"temp":3}]');
    assert.equal(blocks.lastMessages({ N: '2.9', TOPIC }), '["hot",{"temp":3}]');
    assert.equal(blocks.lastMessages({ N: 1e9, TOPIC }), '[1,21.50,"hot",{"temp":3}]');
    for (const N of [0, -1, 0.5, '', 'many', NaN]) {
      assert.equal(blocks.lastMessages({ N, TOPIC }), '[]');
    }
  });
}

test('the last messages are the items of a list', async () => {
  const { blocks, client } = await makeRemembering();
  const { util, variables } = scriptWith({ values: ['old'] });
  for (const payload of ['1', '2', '3']) client().deliver(TOPIC, payload);

  blocks.lastMessagesToList({ N: 2, TOPIC, LIST: 'values' }, util);

  assert.deepEqual(variables.values, { value: ['2', '3'], _monitorUpToDate: false });
});

test('what came last before the first question is the first that is remembered', async () => {
  const { blocks, client } = await makeConnected();
  blocks.subscribe({ TOPIC: 'sensor/+' });
  for (const payload of ['1', '2']) client().deliver('sensor/a', payload);

  assert.equal(blocks.lastMessages({ N: 20, TOPIC: 'sensor/a' }), '[2]');
  assert.equal(blocks.lastMessages({ N: 20, TOPIC: 'sensor/+' }), '[2]');
  client().deliver('sensor/b', '3');
  assert.equal(blocks.lastMessages({ N: 20, TOPIC: 'sensor/a' }), '[2]');
  assert.equal(blocks.lastMessages({ N: 20, TOPIC: 'sensor/+' }), '[2,3]');
});

test('what the broker keeps is not remembered again with every connection', async () => {
  const { blocks, client } = await makeRemembering();
  for (const payload of ['1', '1', '2']) client().deliver(TOPIC, payload);

  client().deliver(TOPIC, '2', { retain: true });
  client().deliver(TOPIC, '3', { retain: true });

  assert.equal(blocks.lastMessages({ N: 20, TOPIC }), '[1,1,2,3]');
});

test('the flag forgets no message; another room and another project do', async () => {
  const { bridge, blocks, client } = await makeRemembering();
  client().deliver(TOPIC, '1');

  bridge.projectStarted();
  assert.equal(blocks.lastMessages({ N: 20, TOPIC }), '[1]');
  blocks.setRoom({ ROOM: '6b' });
  assert.equal(blocks.lastMessages({ N: 20, TOPIC }), '[]');
  client().deliver('6b/test', '2');
  assert.equal(blocks.lastMessages({ N: 20, TOPIC }), '[2]');
  bridge.projectLoaded();
  assert.equal(blocks.lastMessages({ N: 20, TOPIC }), '[]');
});

test('of each topic so many messages and bytes are remembered, and no message that is longer', async () => {
  const { bridge, blocks, client } = await makeRemembering();
  const last = () => bridge.history.last(TOPIC, 1e6);

  for (let index = 0; index < HISTORY_LIMIT + 5; index++) client().deliver(TOPIC, String(index));
  assert.deepEqual([last().length, last()[0]], [HISTORY_LIMIT, '5']);

  const half = 'x'.repeat(HISTORY_BYTES / 2);
  for (const sign of ['a', 'b']) client().deliver(TOPIC, sign + half);
  assert.deepEqual(last(), [`b${half}`]);
  client().deliver(TOPIC, half + half);
  assert.deepEqual(last(), [`b${half}`]);
  assert.equal(blocks.lastError({}), '');
});

test('of so many topics messages are remembered, and those asked for longest ago are forgotten', async () => {
  const { blocks, client } = await makeConnected();
  const topics = Array.from({ length: HISTORY_TOPICS }, (_, index) => `t${index}`);
  const all = (/** @type {string} */ topic) => blocks.lastMessages({ N: 20, TOPIC: topic });
  for (const topic of topics) {
    all(topic);
    client().deliver(topic, '1');
  }
  client().deliver('t0', '2');
  client().deliver('t1', '2');

  all('t0');
  all('one more');

  assert.equal(all('t0'), '[1,2]');
  // Only what came last is still known.
  assert.equal(all('t1'), '[2]');
});

test('a topic that cannot be is reported', async () => {
  const { blocks } = await makeConnected();

  assert.equal(blocks.lastMessages({ N: 20, TOPIC: 'a#/b' }), '[]');
  assert.match(String(blocks.status()), /# must be the last part\./);
});

test('in a real project a script fills the list of the stage, or of its own sprite and clone', async () => {
  const play = await playProject({
    Cat: [
      whenMessage(TOPIC, mqtt('lastMessagesToList', { N: '2', TOPIC, LIST: 'seen' })),
      whenMessage('own', mqtt('jsonToList', { JSON: mqtt('messagePayload'), LIST: 'own' })),
      whenMessage('json', mark(mqtt('listToJson', { LIST: 'own' }), 'after')),
      whenFlag(mqtt('subscribe', { TOPIC })),
    ],
  });
  play.greenFlag();
  play.frames(2);

  for (const payload of ['1', '2', '3']) {
    play.client().deliver(TOPIC, payload);
    play.frames(2);
  }
  play.client().deliver('own', '[1,"a b"]');
  play.frames(2);
  play.client().deliver('json', '');
  play.frames(2);

  assert.deepEqual(play.list(), ['2', '3']);
  assert.deepEqual(play.ownLists('Cat'), [[1, 'a b']]);
  assert.deepEqual(play.list('after'), ['[1,"a b"]']);
});
