// @ts-check
/** Three servers of Debian's NATS that share sessions and messages, on free ports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, USER } from './mosquitto.js';
import { Nats } from './nats.js';
import { NodeClient } from './node-client.js';
import { LOOPBACK, freePorts } from './ports.js';

/** How long three servers may take to agree on who leads, in milliseconds. */
const AGREE_WITHIN_MS = 60_000;

/** A majority of three is two: one may fail. */
const SIZE = 3;

export class NatsCluster {
  name = 'NATS';
  login = { username: USER, password: PASSWORD };

  /** @param {Nats[]} nodes */
  constructor(nodes) {
    this.nodes = nodes;
  }

  /** For the connect block. */
  get list() {
    return this.urls.join(', ');
  }

  get urls() {
    return this.nodes.map(({ ws }) => ws);
  }

  async start() {
    await Promise.all(this.nodes.map((node) => node.start()));
    await Promise.all(this.nodes.map((node) => this.untilReady(node)));
  }

  /** A server takes nobody until the others have agreed on who leads. @param {{ ws: string }} node */
  async untilReady({ ws }) {
    const client = new NodeClient({ url: ws, ...this.login });
    await client.untilEvent('connected', () => true, AGREE_WITHIN_MS);
    client.die();
  }

  async stop() {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

/** @param {string} folder @returns {Promise<NatsCluster>} running and agreed */
export async function startNatsCluster(folder) {
  mkdirSync(folder, { recursive: true });
  const ports = await freePorts(SIZE * 4);
  const numbers = Array.from({ length: SIZE }, (_, number) => number);
  const routes = numbers.map((number) => `"nats://${LOOPBACK}:${ports[number]}"`).join(', ');
  const nodes = numbers.map((number) => {
    const [route = 0, own = 0, mqtt = 0, ws = 0] = numbers
      .concat(3)
      .map((kind) => ports[kind * SIZE + number]);
    const data = JSON.stringify(join(folder, `data-${number}`));
    const configuration = join(folder, `node-${number}.conf`);
    writeFileSync(
      configuration,
      [
        `server_name: node-${number}`,
        `listen: "${LOOPBACK}:${own}"`,
        `jetstream { store_dir: ${data} }`,
        `cluster { name: school, listen: "${LOOPBACK}:${route}", routes: [${routes}] }`,
        `mqtt { listen: "${LOOPBACK}:${mqtt}" }`,
        `websocket { listen: "${LOOPBACK}:${ws}", no_tls: true }`,
        `authorization { users: [{ user: "${USER}", password: "${PASSWORD}" }] }`,
        '',
      ].join('\n'),
    );
    return new Nats(configuration, ws);
  });
  const cluster = new NatsCluster(nodes);
  try {
    await cluster.start();
  } catch (failure) {
    await cluster.stop();
    throw failure;
  }
  return cluster;
}
