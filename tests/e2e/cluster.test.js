// @ts-check
/** Brokers that share their sessions: one is killed, and the client goes on at another of the list. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeBlocks } from '../extension/harness.js';
import { Cleanup } from './support/cleanup.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { startNatsCluster } from './support/nats-cluster.js';
import { openNoBrokers } from './support/no-brokers.js';
import { NodeClient } from './support/node-client.js';
import { startRabbitMqCluster } from './support/rabbitmq-cluster.js';
import { until } from './support/wait.js';

/**
 * @typedef {object} Cluster
 * @property {{ ws: string, start: () => Promise<void>, stop: () => Promise<void> }[]} nodes
 * @property {string[]} urls
 * @property {{ username: string, password: string }} login
 */

/** How long a cluster may take to agree that one of it is gone, in milliseconds. */
const PATIENCE_MS = 90_000;

const numbered = (/** @type {number} */ from, /** @type {number} */ to) =>
  Array.from({ length: to - from }, (_, number) => `message ${from + number}`);

/** The bindings that the extension itself uses. */
const { default: init, ...core } = await import('../../dist/pkg/mqtt.js');
const wasm = new URL('../../dist/pkg/mqtt_bg.wasm', import.meta.url);

const cleanup = new Cleanup();
let folder = '';

before(async () => {
  await init({ module_or_path: readFileSync(wasm) });
  folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-cluster-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
});
after(() => cleanup.run());

/** @param {Cluster} cluster @param {object} [more] */
const options = ({ urls, login }, more) => ({
  url: urls,
  ...login,
  clientId: uniqueClientId('node'),
  cleanSession: false,
  ...more,
});

/** The connections of a client, in order. @param {NodeClient} client */
const connections = ({ events }) => events.filter(({ type }) => type === 'connected');

/**
 * Half of the messages are on their way when the server that has the connection is killed.
 *
 * @param {Cluster} cluster
 */
async function hundredOfHundred(cluster) {
  const topic = uniqueTopic('cluster');
  const client = await NodeClient.connect(options(cluster));
  await client.subscribe(topic, 1);
  const [first] = connections(client);
  const node = cluster.nodes[first.address];

  const send = (/** @type {string} */ payload) => client.send({ topic, payload, qos: 1 });
  const early = numbered(0, 50).map(send);
  await client.untilEvent('published');
  const stopped = node?.stop();
  const tokens = [...early, ...numbered(50, 100).map(send)];

  const published = () => client.events.filter(({ type }) => type === 'published');
  const seen = () => client.events.filter(({ type }) => type !== 'published');
  await until(
    'all to be acknowledged',
    () => new Set(published().map(({ token }) => token)).size === tokens.length,
    { withinMs: PATIENCE_MS, seen },
  );
  await until('all to arrive', () => new Set(client.texts).size === tokens.length, {
    withinMs: PATIENCE_MS,
    seen,
  });
  await stopped;
  const last = connections(client).at(-1);
  client.die();
  return { first, last, node };
}

describe('NATS, three servers', () => {
  /** @type {import('./support/nats-cluster.js').NatsCluster} */
  let cluster;
  before(async () => {
    cluster = cleanup.add(await startNatsCluster(join(folder, 'nats')), (it) => it.stop());
  });

  /** @param {{ ws: string, start: () => Promise<void> }} node */
  async function restarted(node) {
    await node.start();
    await cluster.untilReady(node);
  }

  test('one is killed while 100 messages of QoS 1 are published: the session goes on at another, and all arrive', async () => {
    const { first, last, node } = await hundredOfHundred(cluster);

    assert.notEqual(last.address, first.address);
    assert.equal(last.sessionPresent, true);
    if (node) await restarted(node);
  });

  test('subscriptions of a session that nobody kept come back at another server', async () => {
    const topic = uniqueTopic('cluster');
    const client = await NodeClient.connect(options(cluster, { cleanSession: true }));
    await client.subscribe(topic, 0);
    const [first] = connections(client);
    const node = cluster.nodes[first.address];

    await node?.stop();
    await until('another server', () => connections(client).length > 1, {
      withinMs: PATIENCE_MS,
      seen: () => client.events,
    });
    const rest = cluster.urls.filter((url) => url !== node?.ws);
    const other = await NodeClient.connect(options(cluster, { url: rest, cleanSession: true }));
    await until(
      'a message',
      () => {
        other.send({ topic, payload: 'hello', qos: 0 });
        return client.texts.includes('hello');
      },
      { withinMs: PATIENCE_MS, seen: () => client.events },
    );

    assert.notEqual(connections(client).at(-1).address, first.address);
    client.die();
    other.die();
    if (node) await restarted(node);
  });

  test('what is no broker, and what accepts and hangs up, are passed over in one attempt', async () => {
    const wrong = await openNoBrokers(cleanup);
    const url = [...Object.values(wrong), ...cluster.urls];
    const client = await NodeClient.connect(options(cluster, { url }));

    const types = client.events.map(({ type }) => type);
    assert.deepEqual(
      types.filter((type) => type !== 'warning'),
      ['connecting', 'connected'],
    );
    assert.ok(cluster.urls.includes(url[connections(client)[0].address] ?? ''));
    client.die();
  });

  test('a wrong password is asked of one server only, and not again', async () => {
    const client = new NodeClient(options(cluster, { password: 'wrong' }));
    const { reason, retryInMs } = await client.untilEvent('disconnected');

    assert.equal(reason.code, 'refused');
    assert.equal(retryInMs, null);
    assert.equal(client.count('connecting'), 1);
    client.die();
  });

  test('the connect block goes on at the next of its list, and says at which', async () => {
    const { username, password } = cluster.login;
    const { blocks, bridge } = await makeBlocks({ core });
    const topic = uniqueTopic('cluster');
    blocks.login({ USER: username, PASSWORD: password });
    await blocks.connect({ BROKER: cluster.list });
    const status = () => String(blocks.status());
    const node = cluster.nodes.find(({ ws }) => status() === `Connected to ${ws}.`);
    assert.ok(node, status());
    blocks.subscribeWith({ TOPIC: topic, QOS: '1' });
    const publish = (/** @type {string} */ MESSAGE) =>
      blocks.publishWith({ MESSAGE, TOPIC: topic, QOS: '1', KEEP: 'no' });
    const last = () => blocks.lastMessage({ TOPIC: topic });
    publish('before');
    await until('the subscription', () => last() === 'before', { seen: status });

    const stopped = node.stop();
    publish('meanwhile');
    // The blocks begin a new session: what arrives is what is published after it has subscribed again.
    let number = 0;
    await until(
      'a message',
      () => {
        if (blocks.isConnected()) publish(`after ${(number += 1)}`);
        return String(last()).startsWith('after');
      },
      { withinMs: PATIENCE_MS, seen: () => [status(), last()] },
    );

    const rest = cluster.nodes.filter((other) => other !== node);
    assert.ok(
      rest.some(({ ws }) => status().startsWith(`Connected to ${ws}.`)),
      status(),
    );
    bridge.connection.disconnect();
    await stopped;
  });
});

test('RabbitMQ, three nodes, of which one is killed: the session goes on at another, and all of 100 arrive', async () => {
  const cluster = cleanup.add(await startRabbitMqCluster(join(folder, 'rabbitmq')), (it) =>
    it.stop(),
  );

  const { first, last } = await hundredOfHundred(cluster);

  assert.notEqual(last.address, first.address);
  assert.equal(last.sessionPresent, true);
});
