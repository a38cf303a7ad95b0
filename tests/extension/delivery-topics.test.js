// @ts-check
// Which topics the hats subscribe to, and when; in the official runtime.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, playProject, whenMessage } from './project.js';

const topicVariable = { opcode: 'data_variable', fields: { VARIABLE: ['topic', 'topic'] } };

/** @param {any} first @param {any} second */
const join = (first, second) => ({
  opcode: 'operator_join',
  inputs: { STRING1: first, STRING2: second },
});

/** A reporter whose value only a running script knows. */
const letterOf = {
  opcode: 'operator_letter_of',
  inputs: { LETTER: '1', STRING: topicVariable },
};

/** @param {any} play @param {string} value */
const setTopic = (play, value) => {
  play.runtime.getTargetForStage().lookupVariableById('topic').value = value;
};

/** Types a text into the topic of the first hat. @param {any} play @param {string} text */
const type = (play, text) => {
  const { blocks } = play.sprite('Cat');
  const input = blocks.getBlock(blocks.getScripts()[0]).inputs.TOPIC.block;
  blocks.blocklyListen({
    type: 'change',
    blockId: input,
    element: 'field',
    name: 'TEXT',
    newValue: text,
  });
};

test('a hat subscribes to its own topic, as the owner of hats', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  assert.deepEqual(play.client().asked('subscribe'), [['test', 0, 1]]);
});

test('two hats with one topic subscribe once', async () => {
  const play = await playProject({
    Cat: [whenMessage('test', note())],
    Dog: [whenMessage('test', note())],
  });

  assert.deepEqual(play.client().asked('subscribe'), [['test', 0, 1]]);
});

test('a hat that is deleted unsubscribes', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  const { blocks } = play.sprite('Cat');
  blocks.deleteBlock(blocks.getScripts()[0]);
  play.frames(20);

  assert.deepEqual(play.client().asked('unsubscribe'), [['test', 1]]);
});

test('what is wrong with the topic of a hat is said in each run of the project', async () => {
  const play = await playProject({ Cat: [whenMessage('a/#/b', note())] });

  for (let run = 0; run < 3; run += 1) {
    play.runtime.greenFlag();
    play.frames();
    assert.match(play.blocks.status(), /In the topic a\/#\/b, # must be the last part\./);
  }
  // And not in each frame, in the place of everything else.
  play.blocks.publish({ MESSAGE: 'hello', TOPIC: '' });
  play.frames();
  assert.match(play.blocks.status(), /The topic is empty\./);
});

test('a space at the end of a topic is named until the topic is put right', async () => {
  const play = await playProject({ Cat: [whenMessage('test ', note())] });
  assert.match(play.blocks.status(), /has a space at one end\./);

  type(play, 'test');
  play.frames(20);

  assert.doesNotMatch(play.blocks.status(), /space/);
});

test('a hat in a room subscribes to the topic in that room', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  play.blocks.setRoom({ ROOM: '6b' });
  play.client().deliver('6b/test', 'here');
  play.client().deliver('test', 'elsewhere');
  play.frames();

  assert.deepEqual(play.client().asked('subscribe').at(-1), ['6b/test', 0, 1]);
  assert.deepEqual(play.client().asked('unsubscribe'), [['test', 1]]);
  assert.deepEqual(play.list(), ['test=here']);
});

test('a hat with a variable follows the variable', async () => {
  const play = await playProject({ Cat: [whenMessage(topicVariable, note())] });

  setTopic(play, 'other');
  play.frames();
  play.client().deliver('test', 'old');
  play.client().deliver('other', 'new');
  play.frames();

  assert.deepEqual(play.list(), ['other=new']);
});

test('a hat with joined texts subscribes to the whole', async () => {
  const play = await playProject({
    Cat: [whenMessage(join('sensor/', join(topicVariable, '/temp')), note())],
  });

  assert.deepEqual(play.client().asked('subscribe'), [['sensor/test/temp', 0, 1]]);
});

test('a topic that only a running script knows is compared when the script starts', async () => {
  const play = await playProject({ Cat: [whenMessage(letterOf, note())] });
  play.blocks.subscribe({ TOPIC: '#' });

  play.client().deliver('t', 'mine');
  play.client().deliver('x', 'another');
  play.frames(2);

  assert.deepEqual(play.list(), ['t=mine']);
});

test('a topic is not subscribed to at every letter that is typed', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  for (const text of ['', 't', 'to', 'top', 'topi', 'topic']) {
    type(play, text);
    play.frames(2);
  }
  play.frames(20);

  assert.deepEqual(play.client().asked('subscribe'), [
    ['test', 0, 1],
    ['topic', 0, 1],
  ]);
});

test('a script that gets a wait block takes one message at a time from then on', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  play.client().deliver('test', '1');
  play.frames();
  const { blocks } = play.sprite('Cat');
  const last = blocks.getBlock(blocks.getScripts()[0]).next;
  const [wait, shadow] = ['new wait', 'new number'];
  blocks.createBlock({
    id: wait,
    opcode: 'control_wait',
    inputs: { DURATION: { name: 'DURATION', block: shadow, shadow } },
    fields: {},
    next: null,
    parent: null,
    topLevel: true,
    shadow: false,
  });
  blocks.createBlock({
    id: shadow,
    opcode: 'math_positive_number',
    inputs: {},
    fields: { NUM: { name: 'NUM', value: '1' } },
    next: null,
    parent: wait,
    topLevel: false,
    shadow: true,
  });
  blocks.blocklyListen({ type: 'move', blockId: wait, newParentId: last });

  play.client().deliver('test', '2');
  play.client().deliver('test', '3');
  play.frames();

  assert.deepEqual(play.list(), ['test=1', 'test=2']);
});

test('unsubscribe silences a hat until the green flag', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });

  play.blocks.unsubscribe({ TOPIC: 'test' });
  play.frames(2);
  play.client().deliver('test', 'silent');
  play.greenFlag();
  play.client().deliver('test', 'heard');
  play.frames();

  assert.deepEqual(play.list(), ['test=heard']);
});

test('subscribe brings back a hat that unsubscribe silenced', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  play.blocks.unsubscribe({ TOPIC: 'test' });
  play.frames(2);

  play.blocks.subscribe({ TOPIC: 'test' });
  play.client().deliver('test', 'heard');
  play.frames();

  assert.deepEqual(play.list(), ['test=heard']);
});

test('another project gets no message of the last one', async () => {
  const play = await playProject({ Cat: [whenMessage('test', note())] });
  const first = play.client();
  play.blocks.setRoom({ ROOM: '6b' });

  await play.reload();

  assert.deepEqual(first.asked('disconnect').length > 0, true);
  assert.equal(first.onmessage, null);
  assert.notEqual(play.client(), first);
  assert.deepEqual(play.client().asked('subscribe'), [['test', 0, 1]]);
});

/** @param {any} play @param {string} filter */
const refuse = (play, filter) =>
  play.client().onevent?.({ type: 'subscribeFailed', subscription: 1, filter, reasonCode: 0x80 });

test('a hat whose topic is refused asks once for each connection, run and text', async () => {
  const play = await playProject({ Cat: [whenMessage('secret', note())] });
  const asked = () => play.client().asked('subscribe').length;
  refuse(play, 'secret');

  play.frames(90);
  const inOneConnection = asked();
  play.client().accept();
  play.frames(20);
  const inTheNext = asked();
  refuse(play, 'secret');
  play.frames(90);
  play.vm.greenFlag();
  play.frames(20);
  const inTheNextRun = asked();
  refuse(play, 'secret');
  type(play, 'open');
  play.frames(60);

  assert.deepEqual([inOneConnection, inTheNext, inTheNextRun], [1, 2, 3]);
  assert.deepEqual(play.client().asked('subscribe').at(-1), ['open', 0, 1]);
});

test('a subscribe block in a loop asks once for what is refused', async () => {
  const play = await playProject({ Cat: [] });
  play.blocks.subscribe({ TOPIC: 'secret' });
  refuse(play, 'secret');

  for (let round = 0; round < 90; round += 1) play.blocks.subscribe({ TOPIC: 'secret' });

  assert.equal(play.client().asked('subscribe').length, 1);
});
