// @ts-check
/** Servers that break the protocol: whatever they send, the page lives and the next broker works. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { WebSocketServer } from 'ws';
import {
  connect,
  disconnect,
  equals,
  isConnected,
  set,
  status,
  waitUntil,
  whenFlag,
} from '../support/blocks.js';
import { LOOPBACK } from '../support/ports.js';
import { connectTo } from '../support/stage.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** Accepts the connection, in the version that was asked for. @param {number} version @param {number} [code] */
const connack = (version, code = 0) => [0x20, ...(version === 5 ? [3, 0, code, 0] : [2, 0, code])];

/** In both versions a PUBLISH of "hi" to "a". */
const publish = [0x30, 6, 0, 1, 0x61, 0, 0x68, 0x69];

/** @type {Record<string, (version: number) => (string | number[])[]>} what each server sends after CONNECT */
const servers = {
  // The first says a type that does not exist: else they may announce a long packet, which is awaited.
  'random bytes': () => [[0, ...randomBytes(200)], [...randomBytes(200)]],
  'a text frame': () => ['hello'],
  'PUBLISH before CONNACK': () => [publish],
  'CONNACK with flags': (version) => [[0x21, ...connack(version).slice(1)]],
  'CONNACK with an unknown code': (version) => [connack(version, 77)],
  'a length without end': () => [[0x20, 0xff, 0xff, 0xff, 0xff, 0xff]],
  'a packet of 256 MB': (version) => [connack(version), [0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61]],
  'a second CONNACK': (version) => [[...connack(version), ...connack(version)]],
  'QoS 3': (version) => [connack(version), [0x36, 6, 0, 1, 0x61, 0, 1, 0]],
  'a topic that is not UTF-8': (version) => [connack(version), [0x30, 5, 0, 2, 0xff, 0xfe, 0]],
  'a packet that only clients send': (version) => [connack(version), [0xc0, 0]],
};

/** @param {Stage} stage */
export function hostileServers(stage) {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0 });
  server.on('connection', (socket, { url = '' }) => {
    socket.on('error', () => {});
    socket.once('message', (/** @type {Buffer} */ packet) => {
      const answer = Object.values(servers)[Number(url.slice(1))];
      for (const part of answer?.(versionOf(packet)) ?? []) {
        socket.send(typeof part === 'string' ? part : Uint8Array.from(part));
      }
    });
  });
  after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  test('a server that breaks the protocol never ends the page, and the next broker works', async () => {
    const { editor, broker } = stage;
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const names = Object.keys(servers);
    const steps = names.flatMap((name, index) => [
      disconnect(),
      connect(`ws://localhost:${port}/${index}`),
      waitUntil(equals(isConnected(), 'false')),
      set(name, status()),
    ]);

    await stage.play({
      Cat: {
        variables: Object.fromEntries([...names, 'then'].map((name) => [name, ''])),
        scripts: [[whenFlag(), ...steps, ...connectTo(broker), set('then', status())]],
      },
    });

    await editor.untilVariable('Cat', 'then', /^Connected to wss/, 60_000);
    for (const name of names) {
      const sentence = String(await editor.variable('Cat', name));
      assert.match(sentence, /not valid MQTT|refused the connection/, name);
    }
    assert.deepEqual(editor.errors, []);
  });
}

/** The protocol level of a CONNECT packet, which stands behind the length and "MQTT". @param {Buffer} packet */
function versionOf(packet) {
  let index = 1;
  while ((packet[index] ?? 0) & 0x80) index += 1;
  return packet[index + 7] ?? 0;
}
