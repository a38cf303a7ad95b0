// @ts-check
// A broker that is there for everybody: that everybody can read there is said once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicBroker } from '../../extension/login/public-brokers.js';
import { makeBlocks, turn } from './harness.js';

const PUBLIC = 'wss://broker.hivemq.com:8884/mqtt';
const SENTENCE = /This broker is public: everybody on the internet can read what you send\./;

/** @param {Awaited<ReturnType<typeof makeBlocks>>} parts @param {string} [broker] */
async function connected({ blocks, client }, broker = PUBLIC) {
  const answer = blocks.connect({ BROKER: broker });
  await turn();
  client().accept();
  await answer;
}

test('a public broker without a room: said until the project starts anew, and never again', async () => {
  const parts = await makeBlocks();
  const { blocks, bridge } = parts;

  await connected(parts);
  const first = blocks.status();
  bridge.projectStarted();
  const second = blocks.status();
  blocks.disconnect();
  await connected(parts);

  assert.match(first, SENTENCE);
  assert.match(first, /^Connected to wss:\/\/broker\.hivemq\.com/);
  assert.equal(blocks.lastError(), '');
  assert.doesNotMatch(second, SENTENCE);
  assert.doesNotMatch(blocks.status(), SENTENCE);
});

test('a room takes the sentence away, and one that was there before keeps it for later', async () => {
  const parts = await makeBlocks();
  const { blocks } = parts;

  blocks.setRoom({ ROOM: 'red' });
  await connected(parts);
  const inRoom = blocks.status();
  blocks.disconnect();
  blocks.setRoom({ ROOM: '' });
  await connected(parts);
  const without = blocks.status();
  blocks.setRoom({ ROOM: 'blue' });

  assert.doesNotMatch(inRoom, SENTENCE);
  assert.match(without, SENTENCE);
  assert.doesNotMatch(blocks.status(), SENTENCE);
});

test('of a broker that is not known to be public nothing is said', async () => {
  const parts = await makeBlocks();

  await connected(parts, 'wss://mqtt.school.example:8084/mqtt');

  assert.doesNotMatch(parts.blocks.status(), SENTENCE);
});

for (const [host, isPublic] of /** @type {[string, boolean][]} */ ([
  ['mqtt.longan.link', true],
  ['Test.Mosquitto.ORG.', true],
  ['broker.emqx.io', true],
  ['broker.emqx.io.school.example', false],
  ['localhost', false],
  ['192.168.1.20', false],
])) {
  test(`${host} is ${isPublic ? '' : 'not '}public`, () => {
    assert.equal(isPublicBroker(host), isPublic);
  });
}
