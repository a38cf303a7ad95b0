// @ts-check
/** Servers that do not speak MQTT: whatever they send, the page lives and the next broker works. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { connect, disconnect, isConnected, set, status, whenFlag } from '../support/blocks.js';
import { LOOPBACK } from '../support/ports.js';
import { connectTo } from '../support/stage.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

const CONNACK = [0x20, 2, 0, 0];

/** What the server sends when it is asked for a path. @type {Record<string, (string | Uint8Array)[]>} */
const answers = {
  'random-bytes': [randomBytes(200), randomBytes(200)],
  text: ['hello'],
  'publish-before-connack': [Uint8Array.of(0x30, 5, 0, 1, 0x61, 0x68, 0x69)],
  'connack-with-flags': [Uint8Array.of(0x21, 2, 0, 0)],
  'connack-unknown-code': [Uint8Array.of(0x20, 2, 0, 77)],
  'length-without-end': [Uint8Array.of(0x20, 0xff, 0xff, 0xff, 0xff, 0xff)],
  'huge-packet': [
    Uint8Array.from(CONNACK),
    Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61),
  ],
  'second-connack': [Uint8Array.from([...CONNACK, ...CONNACK])],
  'qos-3': [Uint8Array.from(CONNACK), Uint8Array.of(0x36, 5, 0, 1, 0x61, 0, 1)],
  'topic-not-utf8': [Uint8Array.from(CONNACK), Uint8Array.of(0x30, 4, 0, 2, 0xff, 0xfe)],
  'packet-of-a-server': [Uint8Array.from(CONNACK), Uint8Array.of(0x10, 0)],
};

/** @param {Stage} stage */
export function hostileServers(stage) {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0, handleProtocols: () => 'mqtt' });
  server.on('connection', (socket, request) => {
    socket.on('error', () => {});
    socket.once('message', () => {
      for (const answer of answers[request.url?.slice(1) ?? ''] ?? []) socket.send(answer);
    });
  });
  before(async () => {
    if (server.address() === null) await once(server, 'listening');
  });
  after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  test('a server that breaks the protocol never ends the page', async () => {
    const { host, broker } = stage;
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const names = Object.keys(answers);
    const steps = names.flatMap((name) => [
      disconnect(),
      connect(`ws://localhost:${port}/${name}`),
      set(name, status()),
    ]);

    await stage.play({
      Cat: {
        variables: Object.fromEntries([...names, 'connected'].map((name) => [name, ''])),
        scripts: [[whenFlag(), ...steps, ...connectTo(broker), set('connected', isConnected())]],
      },
    });

    await host.untilVariable('Cat', 'connected', /true/, 60_000);
    const said = await Promise.all(
      names.map(async (name) => [name, await host.variable('Cat', name)]),
    );
    for (const [name, sentence] of said) assert.match(String(sentence), /\w/, String(name));
    assert.deepEqual(host.errors, []);
  });
}
