// @ts-check
// What `npm start` is asked to do, and what it says when that cannot be.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { HELP, ensureFree, startOptions } from '../../scripts/start-options.mjs';

const HERE = '127.0.0.1';

/** @param {string} line @param {Record<string, string>} [env] */
const given = (line, env = {}) => startOptions(line.split(' ').filter(Boolean), env);

test('without anything it is this computer, with the usual ports', () => {
  assert.deepEqual(given(''), {
    host: HERE,
    ports: { 'http-port': 8000, 'mqtt-port': 1883, 'ws-port': 8083 },
    more: ['--messages-per-second', '50'],
  });
});

test('an option goes before the environment', () => {
  const options = given('--http-port 9000', { HTTP_PORT: '1', WS_PORT: '0' });

  assert.ok(options !== 'help');
  assert.deepEqual(options.ports, { 'http-port': 9000, 'mqtt-port': 1883, 'ws-port': 0 });
});

test('every option is in the help, and the help is an option', () => {
  assert.equal(given('--help'), 'help');
  assert.equal(given('-h'), 'help');
  for (const name of [
    'host',
    'http-port',
    'mqtt-port',
    'ws-port',
    'allow-origin',
    'name',
    'class-word',
  ]) {
    assert.match(HELP, new RegExp(`^ +--${name} `, 'm'));
  }
});

for (const [line, env, sentence] of /** @type {[string, Record<string, string>, RegExp][]} */ ([
  ['--http-port eighty', {}, /^--http-port eighty is not a port/],
  ['--http-port 65536', {}, /^--http-port 65536 is not a port/],
  ['', { MQTT_PORT: '1e3' }, /^MQTT_PORT=1e3 is not a port/],
  ['', { WS_PORT: '' }, /^WS_PORT= is not a port/],
  ['--allow-origin school', {}, /^school is not the address of a website/],
  ['--messages-per-second few', {}, /^--messages-per-second few is not a number/],
  ['--class-word a-b', {}, /^--class-word a-b has not 4 to 40 letters/],
  ['--class-word kiwi --no-class-word', {}, /are opposites/],
  ['--hots 0.0.0.0', {}, /--hots/],
])) {
  test(`npm start -- ${line} ${JSON.stringify(env)} is explained`, () => {
    assert.throws(() => given(line, env), { message: sentence });
    assert.throws(() => given(line, env), { message: /All options: npm start -- --help$/ });
  });
}

test('all ports that are taken are named at once, each with a way out for every shell', async () => {
  const [first, second] = [await taken(), await taken()];

  await assert.rejects(
    ensureFree(HERE, { 'http-port': first, 'mqtt-port': 0, 'ws-port': second }),
    (/** @type {Error} */ { message }) => {
      assert.match(message, new RegExp(`Port ${first} \\(the pages\\) is taken`));
      assert.match(message, new RegExp(`npm start -- --http-port ${first + 1000}`));
      assert.match(message, new RegExp(`Port ${second} \\(the broker over WebSocket\\) is taken`));
      assert.doesNotMatch(message, /TurboWarp|TCP/);
      return true;
    },
  );
});

for (const host of ['192.0.2.1', 'nobody.invalid', '999.1.1.1']) {
  test(`--host ${host} is blamed, and not the ports`, async () => {
    await assert.rejects(
      ensureFree(host, { 'http-port': 0, 'mqtt-port': 0, 'ws-port': 0 }),
      new RegExp(`^Error: --host ${host} is not an address of this computer[^\\n]*$`),
    );
  });
}

async function taken() {
  const other = createServer().listen(0, HERE);
  after(() => other.close());
  await once(other, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
  return port;
}
