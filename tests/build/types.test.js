// @ts-check
// The types of `dist/split/`, as the strictest program takes them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { Cleanup } from '../e2e/support/cleanup.js';

const COMPILER = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const cleanup = new Cleanup();
after(() => cleanup.run());

test('a program that checks its libraries, and has those of ES2022 only, takes the types', () => {
  const problems = checked(`
    await init();
    const options: MqttOptions = { url: 'ws://localhost:8083/mqtt', version: '5.0' };
    using client = new MqttClient();
    client.onmessage = ({ topic, payload }) => console.log(topic, payload.byteLength);
    client.onevent = (event) => {
      if (event.type === 'disconnected') console.log(event.reason.code, event.retryInMs);
    };
    client.connect(options);
    const token: number = client.publish('a', new Uint8Array(1), 1);`);

  assert.equal(problems, '');
});

test('a wrong option is an error of the compiler', () => {
  assert.match(checked(`new MqttClient().connect({ urls: [] });`), /TS2\d+.*urls/);
});

test('a program without the types of a browser takes them, and of those that it has they are the same', () => {
  const program = `
    new MqttClient().connect({ url: 'ws://a', openSocket: (url, protocol) => new Own(url, protocol) });
    await init({ module_or_path: new Uint8Array(8) });
    await init('mqtt_bg.wasm');
    initSync({ module: new Uint8Array(8) });`;
  const own = 'declare class Own { constructor(url: string, protocol: string); }';

  assert.equal(checked(own + program, ['es2022']), '');
  assert.match(checked(own + program), /TS2\d+.*Own.*WebSocket/);
  assert.equal(checked(program.replace('Own', 'WebSocket')), '');
  assert.match(checked('await init(null);'), /TS2345/);
});

/** @param {string} program What the compiler says about it. @param {string[]} lib Of TypeScript. */
function checked(program, lib = ['es2022', 'dom']) {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-types-')), (path) =>
    rmSync(path, { recursive: true, force: true }),
  );
  const module = JSON.stringify(join(root, 'dist', 'split', 'mqtt.mjs'));
  const imports = `import init, { MqttClient, initSync, type MqttOptions } from ${module};\n`;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.ts'), imports + program);
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    target: 'es2022',
    lib,
    module: 'nodenext',
    noEmit: true,
    types: [],
  };
  const config = { compilerOptions, files: ['program.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [COMPILER, '--project', folder], {
    encoding: 'utf8',
  });
  return stdout;
}
