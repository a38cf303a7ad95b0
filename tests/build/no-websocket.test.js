// @ts-check
// A program without a WebSocket, as in Node 20, learns what it needs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capture, root } from '../../scripts/run.mjs';

const PROGRAM = `
  import { readFile } from 'node:fs/promises';
  import init, { MqttClient } from './dist/split/mqtt.mjs';
  delete globalThis.WebSocket;
  await init({ module_or_path: await readFile('./dist/split/mqtt_bg.wasm') });
  const client = new MqttClient();
  client.onevent = ({ type, reason, retryInMs }) => {
    if (type === 'disconnected') console.log(JSON.stringify({ ...reason, retryInMs }));
  };
  client.connect({ url: 'ws://127.0.0.1:9/mqtt' });
`;

test('where there is no WebSocket the reason says so, and how to get one', async () => {
  const args = ['--input-type=module', '--eval', PROGRAM];

  const { code, output } = await capture(process.execPath, args, { cwd: root });

  assert.equal(code, 0, output);
  const reason = JSON.parse(output);
  assert.equal(reason.code, 'address-refused');
  assert.match(
    reason.message,
    /^the address was refused: there is no WebSocket here\. Use Node 22/,
  );
  assert.equal(reason.retryInMs, null);
});
