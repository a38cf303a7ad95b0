// @ts-check
/** Three nodes of Debian's RabbitMQ that share sessions, on free ports. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, USER } from './mosquitto.js';
import { freePorts } from './ports.js';
import { RabbitMq, browserSettings, nodeEnv, nodeName, startNames } from './rabbitmq.js';

/** A majority of three is two: one may fail. */
const SIZE = 3;

/** Three of them on two cores take nothing from each other. */
const FRUGAL = '+S 1:1 +sbwt none';

export class RabbitMqCluster {
  name = 'RabbitMQ';
  login = { username: USER, password: PASSWORD };

  /** @param {import('./programs.js').Program} names @param {RabbitMq[]} nodes */
  constructor(names, nodes) {
    this.names = names;
    this.nodes = nodes;
  }

  get urls() {
    return this.nodes.map(({ ws }) => ws);
  }

  /** One after the other: the first makes the cluster, the others join it. */
  async start() {
    for (const node of this.nodes) await node.start();
  }

  async stop() {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.names.end();
  }
}

/** Each node has a copy of the queue of each session. */
const MIRRORED = {
  vhost: '/',
  name: 'sessions',
  pattern: '^mqtt-subscription-',
  'apply-to': 'queues',
  definition: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' },
};

/**
 * @param {string} folder
 * @param {'mirrored' | 'quorum' | 'single'} [sessions] what keeps the messages of somebody who is away
 * @returns {Promise<RabbitMqCluster>} running
 */
export async function startRabbitMqCluster(folder, sessions = 'mirrored') {
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: SIZE }, (_, number) => number);
  const [names = 0, ...ports] = await freePorts(1 + SIZE * 4);
  const portsOf = (/** @type {number} */ number) => {
    const [nodes = 0, amqp = 0, tcp = 0, ws = 0] = ports.slice(number * 4);
    return { names, nodes, amqp, tcp, ws };
  };
  const members = numbers.map(
    (number) =>
      `cluster_formation.classic_config.nodes.${number + 1} = ${nodeName(portsOf(number).ws)}`,
  );
  const nodes = numbers.map((number) => {
    const own = portsOf(number);
    const settings = [
      ...browserSettings(own.ws),
      `mqtt.durable_queue_type = ${sessions === 'quorum' ? 'quorum' : 'classic'}`,
      'cluster_formation.peer_discovery_backend = classic_config',
      ...members,
    ];
    const env = nodeEnv(join(folder, `node-${number}`), own, settings, {
      home: folder,
      policies: sessions === 'mirrored' ? [MIRRORED] : [],
    });
    return new RabbitMq(
      { ...env, RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: FRUGAL },
      { names, ws: own.ws },
      false,
    );
  });
  const cluster = new RabbitMqCluster(await startNames(names), nodes);
  try {
    await cluster.start();
  } catch (failure) {
    await cluster.stop();
    throw failure;
  }
  return cluster;
}
