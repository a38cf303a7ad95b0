// @ts-check
// A sandbox: no runtime; the editor asks each hat in each frame, and runs its scripts when the answer
// becomes true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PULSE_MS } from '../../extension/delivery/pulses.js';
import { QUEUE_LIMIT } from '../../extension/delivery/sandboxed.js';
import { sandboxRows } from './delivery-page.js';
import { makeConnected } from './harness.js';
import { FRAME_MS, makeSandbox } from './sandbox.js';

test('each hat of a topic runs once for each message, in order', async () => {
  const { client, frames } = await makeSandbox();
  frames(['test', 'test'], 1);

  for (const payload of ['1', '2', '3']) client().deliver('test', payload);

  assert.deepEqual(frames(['test', 'test'], 40), [
    'test=1',
    'test=1',
    'test=2',
    'test=2',
    'test=3',
    'test=3',
  ]);
});

test('hats of other topics do not run', async () => {
  const { client, frames } = await makeSandbox();
  frames(['one', 'two'], 1);

  client().deliver('two', '2');

  assert.deepEqual(frames(['one', 'two'], 10), ['two=2']);
});

test('a hat that is asked for the first time subscribes', async () => {
  const { client, frames } = await makeSandbox();

  frames(['test'], 3);

  assert.deepEqual(client().asked('subscribe'), [['test', 0, 1]]);
});

test('a pulse lasts longer than two frames', () => {
  assert.ok(PULSE_MS > 2 * FRAME_MS);
});

test('messages that no hat waits for take no room', async () => {
  const { blocks, client, frames } = await makeSandbox();
  blocks.subscribe({ TOPIC: '#' });
  frames(['test'], 1);

  for (let n = 0; n < QUEUE_LIMIT + 5; n += 1) client().deliver('other', String(n));

  assert.doesNotMatch(blocks.status(), /dropped/);
});

test('a full queue skips the oldest messages and counts them', async () => {
  const { blocks, client, frames } = await makeSandbox();
  frames(['test'], 1);

  for (let n = 1; n <= QUEUE_LIMIT + 5; n += 1) client().deliver('test', String(n));

  assert.match(blocks.status(), /5 messages were dropped .* topic test\./);
  assert.deepEqual(frames(['test'], 3), ['test=6']);
});

test('newest only passes over the messages in between, and does not call them dropped', async () => {
  const { blocks, client, frames } = await makeSandbox();
  blocks.handling({ MODE: 'newest only' });
  frames(['test'], 1);

  for (let n = 1; n <= 5; n += 1) client().deliver('test', String(n));

  assert.deepEqual(frames(['test'], 40), ['test=5']);
  assert.doesNotMatch(blocks.status(), /dropped/);
});

test('the status says that it is better without the sandbox', async () => {
  const { blocks } = await makeSandbox();

  assert.match(blocks.status(), /load this extension without the sandbox\.$/);
});

test('where hats hang, the status says what to use instead', async () => {
  const { blocks } = await makeConnected({ runtime: null });

  assert.match(blocks.status(), /do not run here: use “next message on topic”/);
});

test('an editor that constructs the blocks again with its runtime gets the better delivery', async () => {
  const { bridge, blocks } = await makeSandbox();

  bridge.attach({ threads: [], targets: [], _step: () => {} });

  assert.doesNotMatch(blocks.status(), /sandbox/);
});

test('up to six messages a second none is lost, and of a burst only those beyond the queue', async () => {
  for (const { workload, result, dropped } of await sandboxRows()) {
    const [count = ''] = workload.split(' ');
    assert.deepEqual(result.seen, result.expected, workload);
    assert.equal(dropped, Math.max(0, Number(count) - QUEUE_LIMIT), workload);
  }
});
