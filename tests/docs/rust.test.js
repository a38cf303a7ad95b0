// @ts-check
/** The example of the crate, over TCP with real brokers that go away and come back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from '../../scripts/run.mjs';
import { makeCertificates } from '../e2e/support/certificates.js';
import { Cleanup } from '../e2e/support/cleanup.js';
import { startLocalBroker } from '../e2e/support/local-broker.js';
import { startMosquitto } from '../e2e/support/mosquitto.js';
import { Program } from '../e2e/support/programs.js';
import { until } from '../e2e/support/wait.js';
import { blocksOf, pageAt } from './support/pages.js';

const OWN_BROKER = '127.0.0.1:1883';

const cleanup = new Cleanup();
after(() => cleanup.run());

const [command = ''] = blocksOf(pageAt('docs/programmers/rust.md'))
  .filter(({ language }) => language === 'sh')
  .map(({ code }) => code.trim());

before(async () => {
  const build = ['build', '--locked', '--example', 'tcp'];
  await run('Compiling the example of the crate', 'cargo', build);
});

test('the example publishes, receives and comes back with mosquitto', async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-rust-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(join(folder, 'certificates'), ['localhost']);
  const broker = await startMosquitto({ folder, certificates });
  await comesBack(cleanup.add(broker, (it) => it.stop()));
});

test('the example publishes, receives and comes back with the class server', async () => {
  await comesBack(cleanup.add(await startLocalBroker(), (it) => it.stop()));
});

test('the example says what it needs, and what no topic is', async () => {
  for (const [rest, words] of /** @type {const} */ ([
    ['', 'Say where the broker is, and a topic'],
    [`${OWN_BROKER} room/#`, 'topic to publish to contains + or #'],
  ])) {
    const program = example(command.replace(/ -- .*/, ` -- ${rest}`));

    assert.equal(await program.ended, 1, program.output);
    assert.match(program.output, new RegExp(words.replace('+', '\\+')));
  }
});

test('the example ends where only a person can help', async () => {
  const broker = cleanup.add(await startLocalBroker(), (it) => it.stop());
  const address = broker.tcp.replace('mqtt://', '');
  const program = example(command.replace(OWN_BROKER, address), {
    username: 'guest',
    password: 'wrong',
  });

  assert.equal(await program.ended, 1, program.output);
  assert.match(program.output, /^closed: the server refused the connection, reason 0x86/m);
});

/** @typedef {{ username: string, password: string }} Login */

/** @param {{ tcp: string, login: Login, start(): Promise<void>, stop(): Promise<void> }} broker */
async function comesBack(broker) {
  assert.ok(command.includes(OWN_BROKER), command);
  const program = example(
    command.replace(OWN_BROKER, broker.tcp.replace('mqtt://', '')),
    broker.login,
  );
  /** @param {string} text */
  const says = (text) =>
    until(`the example to say ${text}`, () => program.output.includes(text), {
      seen: () => program.output,
    });

  await says('subscribed to room/1');
  program.write('hello\n');
  await says('room/1: hello\n');
  await broker.stop();
  await says('not connected, again in ');
  program.write('while away\n');
  await broker.start();
  await says('room/1: while away\n');
  program.closeInput();

  assert.equal(await program.ended, 0, program.output);
  assert.match(program.output, /^closed: disconnect was called$/m);
}

/** @param {string} line @param {Login} [login] */
function example(line, { username, password } = { username: '', password: '' }) {
  const [cargo = '', ...args] = line.split(' ').filter(Boolean);
  const env = { ...process.env, MQTT_USER: username, MQTT_PASSWORD: password };
  return cleanup.add(new Program(cargo, args, { cwd: root, env }), (it) => it.end());
}
