// @ts-check
/** The teacher pauses the class: nothing that anybody publishes is lost, or comes in another order. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { get, joined, packet, publishPacket, utf8 } from '../build/support/raw.js';
import { until } from './support/wait.js';

/** The shortest that MQTT.js keeps without a hurry, in seconds. */
const KEEP_ALIVE = 2;

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {mqtt.MqttClient[]} */
let clients = [];

before(() => buildBroker());
beforeEach(async () => {
  server = await startBroker({ host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0 });
});
afterEach(async () => {
  for (const client of clients) client.end(true);
  clients = [];
  server.stop();
  await server.ended;
});

for (const [version, path] of /** @type {const} */ ([
  [4, 'mqtt'],
  [5, 'mqtt'],
  [5, 'ws'],
])) {
  test(`all messages of all QoS arrive in order after a pause, MQTT ${version}, ${path}`, async () => {
    const watcher = await connect('watcher', { protocolVersion: version });
    /** @type {Record<string, string[]>} */
    const seen = { 0: [], 1: [], 2: [] };
    watcher.on('message', (topic, payload) => seen[topic.slice(-1)]?.push(String(payload)));
    await watcher.subscribeAsync('qos/#', { qos: 2 });
    const pupil = await connect('pupil', { protocolVersion: version }, path);
    const still = await connect('still', { protocolVersion: version });
    const pings = count(still, 'packetreceive', 'pingresp');
    const asked = count(pupil, 'packetsend', 'pingreq');
    const answered = count(pupil, 'packetreceive', 'pingresp');
    let closed = 0;
    for (const client of [pupil, still]) client.on('close', () => (closed += 1));
    /** @type {Promise<unknown>[]} */
    const published = [];
    let sent = 0;
    const publish = () => {
      for (const qos of /** @type {const} */ ([0, 1, 2])) {
        published.push(pupil.publishAsync(`qos/${qos}`, String(sent), { qos }));
      }
      sent += 1;
    };

    publish();
    await until(
      'what is sent before the pause',
      () => seen[2]?.length === 1 && seen[1]?.length === 1,
    );
    await post('pause');
    const first = pings.value;
    // Longer than one and a half keep-alives of the broker, which hears neither of the two.
    while (pings.value < first + 3) {
      publish();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(
      Object.values(seen).map(({ length }) => length),
      [1, 1, 1],
    );
    await post('resume');
    publish();
    await Promise.all(published);

    const all = Array.from({ length: sent }, (_, number) => String(number));
    await until('the last', () => Object.values(seen).every((one) => one.length >= sent));
    assert.deepEqual(seen, { 0: all, 1: all, 2: all });
    assert.equal(closed, 0);
    assert.ok(answered.value <= asked.value, `${answered.value} answers to ${asked.value} PINGREQ`);
  });
}

test('a subscription in a pause is answered, and what was kept before comes', async () => {
  const board = await connect('board');
  await board.publishAsync('kept', 'before', { qos: 1, retain: true });
  await post('pause');

  /** @type {string[]} */
  const seen = [];
  board.on('message', (_, payload) => seen.push(String(payload)));
  await board.subscribeAsync('kept');
  await until('what was kept', () => seen.length > 0);
  await board.unsubscribeAsync('kept');
  assert.deepEqual(seen, ['before']);
});

test('what somebody published who left in the pause comes after it, before the last will', async () => {
  const watcher = await connect('watcher');
  /** @type {string[]} */
  const seen = [];
  watcher.on('message', (_, payload) => seen.push(String(payload)));
  await watcher.subscribeAsync(['left', 'will']);
  await post('pause');
  const leaves = await connect('leaves', { keepalive: 1 });
  leaves.publish('left', 'goodbye');
  await leaves.endAsync();
  const lost = await joined(server.tcpPort, 'lost', { will: 'will' });
  lost.send(publishPacket('left', 'last words'));
  await until('both to be seen', async () => {
    const { body } = await get(server.pagesPort, '/class/messages.csv');
    return body.includes('goodbye') && body.includes('last words');
  });
  lost.end();
  const pings = count(watcher, 'packetreceive', 'pingresp');
  await until('a while', () => pings.value >= 2, { withinMs: 20_000 });
  assert.equal(seen.length, 0);

  await post('resume');
  await until('all', () => seen.length >= 3, { seen: () => seen });
  assert.deepEqual(seen.toSorted(), ['gone', 'goodbye', 'last words']);
  assert.ok(seen.indexOf('last words') < seen.indexOf('gone'), String(seen));
});

test('beyond the bound QoS 0 is lost and reported, QoS 1 waits', async () => {
  await post('pause');
  const payload = 'x'.repeat(1000);
  const flood = await joined(server.tcpPort, 'flood');
  for (let number = 0; number < 200; number += 1) flood.send(publishPacket('flood', payload));
  await until('lost messages on the tile', async () => (await tile('flood')).lost > 100);
  const careful = await joined(server.tcpPort, 'careful');
  const { length } = careful.received;
  const many = 2000;
  for (let number = 1; number <= many; number += 1) {
    const head = [utf8('careful'), Buffer.from([number >> 8, number & 255])];
    careful.send(packet(0x32, ...head, Buffer.from(payload)));
  }
  let published = 0;
  await until('some to be read', async () => {
    ({ published } = await tile('careful'));
    return published > 100;
  });
  assert.ok(published < many, `${published} were read`);

  await post('resume');
  await careful.until((received) => received.length >= length + 4 * many, 'each PUBACK');
  assert.equal((await tile('careful')).lost, 0);
  careful.end();
  flood.end();
});

test('a topic alias that is held, or would be lost, still stands for its topic', async () => {
  const watcher = await connect('watcher');
  /** @type {string[]} */
  const seen = [];
  watcher.on('message', (topic) => seen.push(topic));
  await watcher.subscribeAsync('#');
  await post('pause');
  const board = await joined(server.tcpPort, 'aliases', { version: 5 });
  /** @param {string} topic @param {string} text */
  const publish = (topic, text) =>
    board.send(packet(0x30, utf8(topic), Buffer.from([3, 0x23, 0, 1]), Buffer.from(text)));
  for (let number = 0; number < 100; number += 1) {
    board.send(packet(0x30, utf8('fill'), Buffer.from([0]), Buffer.alloc(1000)));
  }
  publish('named', 'x');
  await until('lost messages', async () => (await tile('aliases')).lost > 10);

  await post('resume');
  await until('the message that names it', () => seen.includes('named'));
  publish('', 'y');
  await until('both', () => seen.filter((topic) => topic === 'named').length === 2);
  board.end();
});

/** @param {string} clientId @param {mqtt.IClientOptions} [options] @param {'mqtt' | 'ws'} [path] */
async function connect(clientId, options, path = 'mqtt') {
  const address =
    path === 'ws'
      ? `ws://127.0.0.1:${server.webSocketPort}/mqtt`
      : `mqtt://127.0.0.1:${server.tcpPort}`;
  const client = await mqtt.connectAsync(address, {
    clientId,
    keepalive: KEEP_ALIVE,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

/** @param {mqtt.MqttClient} client @param {'packetsend' | 'packetreceive'} event @param {string} kind */
function count(client, event, kind) {
  const counter = { value: 0 };
  client.on(event, ({ cmd }) => {
    if (cmd === kind) counter.value += 1;
  });
  return counter;
}

/** @param {'pause' | 'resume'} act */
async function post(act) {
  const answer = await fetch(`http://127.0.0.1:${server.pagesPort}/class/${act}`, {
    method: 'POST',
  });
  assert.deepEqual(await answer.json(), { paused: act === 'pause' });
}

/** @param {string} name @returns {Promise<{ lost: number, published: number }>} */
async function tile(name) {
  const answer = await fetch(`http://127.0.0.1:${server.pagesPort}/class/events`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!/^data: .*\n\n/m.test(text)) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  const tiles = JSON.parse(text.match(/^data: (.*)$/m)?.[1] ?? '[]');
  return tiles.find((/** @type {{ name: string }} */ one) => one.name === name);
}
