// @ts-check
// A program without a WebSocket, as in Node 20, learns what it needs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, root } from '../../scripts/run.mjs';

// Not below the repository, whose packages would be found.
const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-no-websocket-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
cpSync(join(root, 'dist', 'split'), join(folder, 'split'), { recursive: true });

/** What a program sees that connects. @param {string} before What it does before. @param {string} more Options. */
async function seen(before, more = '') {
  const program = `
    delete globalThis.WebSocket;
    ${before}
    const { default: init, MqttClient } = await import('./split/mqtt.mjs');
    await init();
    const client = new MqttClient();
    client.onevent = ({ type, reason }) => console.log(type, reason?.message ?? '');
    try {
      client.connect({ url: 'ws://127.0.0.1:9/mqtt', reconnect: false ${more} });
    } catch ({ name, code, message }) {
      console.log(name, code, message);
    }
    console.log(client.state);`;
  const args = ['--input-type=module', '--eval', program];
  const { code, output } = await capture(process.execPath, args, { cwd: folder });
  assert.equal(code, 0, output);
  return output.trim().split('\n');
}

test('where there is no WebSocket, connecting throws a sentence that says how to get one', async () => {
  const version = process.versions.node;

  assert.deepEqual(await seen(''), [
    `MqttError no-websocket There is no WebSocket in Node ${version}. Use Node 22 or newer, or: npm install ws`,
    'closed',
  ]);
});

test('a Node that is too old says so, and which is needed', async () => {
  const sentence = `Node ${process.versions.node} is too old, 20.19 or newer is needed`;
  const program = `
    process.getBuiltinModule = undefined;
    delete globalThis.WebSocket;
    const { default: init, MqttClient } = await import('./split/inline.mjs');
    await init();
    try {
      new MqttClient().connect({ url: 'ws://127.0.0.1:9/mqtt' });
    } catch ({ message }) {
      console.log(message);
    }
    await (await import('./split/mqtt.mjs')).default().catch(({ message }) => console.log(message));`;
  const args = ['--input-type=module', '--eval', program];

  const { output } = await capture(process.execPath, args, { cwd: folder });

  assert.deepEqual(output.trim().split('\n'), [sentence, sentence]);
});

test('an option that cannot be used is said first to be wrong', async () => {
  const [sentence] = await seen('', ', openSocket: 7');

  assert.match(sentence ?? '', /^MqttError bad-argument .*openSocket/);
});

test('a class of the program, and one for a single client, are used', async () => {
  const Loud = `class { constructor(url, protocol) { console.log('opens', url, protocol); throw new Error('none'); } }`;
  const opens = 'opens ws://127.0.0.1:9/mqtt mqtt';

  assert.ok((await seen(`globalThis.WebSocket = ${Loud};`)).includes(opens));
  assert.ok(
    (await seen('', `, openSocket: (...given) => new (${Loud})(...given)`)).includes(opens),
  );
});

test('the package ws is found where it is installed', async () => {
  const place = join(folder, 'node_modules', 'ws');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "main": "ws.cjs" }');
  const Loud = `class { constructor(url) { console.log('ws opens', url); throw new Error('none'); } }`;
  writeFileSync(join(place, 'ws.cjs'), `module.exports = { WebSocket: ${Loud} };`);

  const lines = await seen('');

  rmSync(join(folder, 'node_modules'), { recursive: true });
  assert.ok(lines.includes('ws opens ws://127.0.0.1:9/mqtt'), lines.join('\n'));
});

test('a WebAssembly file that is not there is named, with what to do', async () => {
  const program = `
    const { default: init } = await import('./bundle/mqtt.mjs');
    for (let n = 0; n < 2; n += 1) await init().catch(({ message }) => console.log(message));`;
  mkdirSync(join(folder, 'bundle'));
  cpSync(join(folder, 'split', 'mqtt.mjs'), join(folder, 'bundle', 'mqtt.mjs'));

  const { output } = await capture(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
  });

  const [first, second] = output.trim().split('\n');
  assert.match(
    first ?? '',
    /no such file.*bundle\/mqtt_bg\.wasm'\. Put mqtt_bg\.wasm there, or import/,
  );
  assert.equal(second, first);
});
