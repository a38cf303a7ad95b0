// @ts-check
/** The broker of `npm start` is killed in the middle of a lesson, and started again on what is on the disk. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { freePorts } from './support/ports.js';
import { until } from './support/wait.js';
import { Watchers } from './support/watchers.js';

/** @type {string} */
let store;
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {{ tcpPort: number, webSocketPort: number, pagesPort: number }} */
let ports;

before(() => buildBroker());
beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'scratch-mqtt-killed-'));
  const [tcpPort = 0, webSocketPort = 0, pagesPort = 0] = await freePorts(3);
  ports = { tcpPort, webSocketPort, pagesPort };
  server = await start();
});
afterEach(async () => {
  server.stop();
  await server.ended;
  rmSync(store, { recursive: true, force: true });
});

test('thirty watchers get each message of QoS 1 that a broker took before, while and after it was killed', async () => {
  const all = await Watchers.join(server.tcpPort, { watchers: 30, boards: 10 });
  try {
    let isOver = false;
    const publishing = all.publishUntil(() => isOver);
    for (const count of [200, 400, 600]) {
      await all.takes(count);
      await kill();
      server = await start();
    }
    await all.takes(800);
    isOver = true;
    await publishing;

    assert.equal(await all.lost(), 0);
  } finally {
    all.end();
  }
});

test('what is kept, and what waits for somebody who is away, outlives the program', async () => {
  const away = await connect('away');
  await away.subscribeAsync('waits', { qos: 1 });
  await away.endAsync();
  const board = await connect('board');
  await board.publishAsync('kept', 'still here', { qos: 1, retain: true });
  await board.publishAsync('waits', 'for you', { qos: 1 });

  await kill();
  server = await start();

  board.end(true);
  assert.deepEqual(await textsFor('away', 'kept'), ['for you', 'still here']);
});

test('what is kept on topics of any length outlives the program, and comes to nobody twice', async () => {
  const board = await connect('board');
  const away = await connect('away');
  await away.subscribeAsync('kept/#', { qos: 1 });
  for (const length of [250, 400, 65_000]) {
    const topic = `kept/${'long'.repeat(length)}`.slice(0, length);
    const publish = (/** @type {string} */ text) =>
      board.publishAsync(topic, text, { qos: 1, retain: true });
    await publish('old');
    await publish(`still here ${length}`);
    if (length === 400) await publish('');
  }
  await away.endAsync();

  await kill();
  server = await start();

  board.end(true);
  assert.deepEqual(await textsFor('away', 'other', 'board-says'), ['new']);
  const there = ['new', 'still here 250', 'still here 65000'];
  assert.deepEqual(await textsFor('reader', 'kept/#', 'board-says'), there);
});

test('kept messages that the teacher cleared do not come back with the program', async () => {
  const board = await connect('board');
  await board.publishAsync('kept/old', 'gone', { qos: 1, retain: true });
  await board.publishAsync('kept', 'still here', { qos: 1, retain: true });
  const address = `http://localhost:${ports.pagesPort}/class/clear-kept`;
  const answer = await fetch(address, { method: 'POST', body: 'kept/+' });
  assert.deepEqual(await answer.json(), { cleared: 1 });

  await kill();
  server = await start();

  board.end(true);
  assert.deepEqual(await textsFor('reader', 'kept/#', 'board-says'), ['new', 'still here']);
});

test('a new lesson begins with nothing', async () => {
  const away = await connect('away');
  await away.subscribeAsync('waits', { qos: 1 });
  await away.endAsync();
  const board = await connect('board');
  await board.publishAsync('kept', 'still here', { qos: 1, retain: true });
  await board.publishAsync('waits', 'for you', { qos: 1 });
  const first = readdirSync(store);

  const { status } = await fetch(`http://localhost:${ports.pagesPort}/class/new-lesson`, {
    method: 'POST',
  });

  assert.equal(status, 200);
  await until('the board to be back', () => board.connected);
  board.end(true);
  assert.notDeepEqual(readdirSync(store), first);
  assert.deepEqual(await textsFor('away', 'kept', 'board-says'), ['new']);
});

test('nobody else begins a new lesson: no other page, no other way', async () => {
  const address = `http://127.0.0.1:${ports.pagesPort}/class/new-lesson`;
  const board = await connect('board');

  const Origin = 'https://turbowarp.org';
  assert.equal((await fetch(address, { method: 'POST', headers: { Origin } })).status, 403);
  assert.equal((await fetch(address)).status, 404);

  assert.equal(board.connected, true);
  await board.endAsync();
});

function start() {
  return startBroker({ host: '127.0.0.1', ...ports, store });
}

async function kill() {
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
}

/** @param {string} clientId */
async function connect(clientId) {
  const client = /** @type {mqtt.MqttClient & { sessionPresent?: boolean }} */ (
    await mqtt.connectAsync(`mqtt://127.0.0.1:${server.tcpPort}`, {
      clientId,
      clean: false,
      reconnectPeriod: 100,
    })
  );
  client.on('error', () => {});
  return client;
}

/**
 * What comes to a client that is back and subscribes to one more topic, up to a message that is sent last.
 *
 * @param {string} clientId @param {string} topic @param {string} [last]
 */
async function textsFor(clientId, topic, last) {
  /** @type {string[]} */
  const texts = [];
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.tcpPort}`, { clientId, clean: false });
  client.on('message', (_, payload) => texts.push(payload.toString()));
  await until('the connection', () => client.connected);
  await client.subscribeAsync([topic, 'board-says'], { qos: 1 });
  if (last !== undefined) await client.publishAsync('board-says', 'new', { qos: 1 });
  const isAll = () => (last === undefined ? texts.length >= 2 : texts.includes('new'));
  await until('messages', isAll, { seen: () => texts });
  await client.endAsync();
  return texts.sort();
}
