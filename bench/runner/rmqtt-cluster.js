// @ts-check
/**
 * Three rmqtt servers with Raft, on free ports. Debian has none, and it takes a quarter of an hour to compile:
 * `cargo install rmqttd --version 0.24.0`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { which } from '../../scripts/run.mjs';
import { NodeClient } from '../../tests/e2e/support/node-client.js';
import { LOOPBACK, freePorts } from '../../tests/e2e/support/ports.js';
import { Program } from '../../tests/e2e/support/programs.js';

const PROGRAM = 'rmqttd';
const SIZE = 3;
/** How long three servers may take to agree on who leads, in milliseconds. */
const AGREE_WITHIN_MS = 60_000;

export const hasRmqtt = () => which(PROGRAM) !== undefined;

/** One server: `stop` is a power cut. */
class Rmqtt {
  /** @type {Program | undefined} */
  #program;
  #configuration;

  /** @param {string} configuration @param {number} webSocketPort */
  constructor(configuration, webSocketPort) {
    this.#configuration = configuration;
    this.url = `ws://${LOOPBACK}:${webSocketPort}/mqtt`;
  }

  get output() {
    return this.#program?.output ?? '';
  }

  /** Ends when it lets clients in. */
  async start() {
    this.#program = new Program(PROGRAM, ['-f', this.#configuration]);
    const client = new NodeClient({ url: this.url });
    await client.untilEvent('connected', () => true, AGREE_WITHIN_MS);
    client.die();
  }

  async stop() {
    await this.#program?.end('SIGKILL');
  }
}

/** @param {string} folder */
export async function startRmqttCluster(folder) {
  const numbers = Array.from({ length: SIZE }, (_, number) => number + 1);
  const ports = await freePorts(SIZE * 5);
  const [grpc, raft, tcp, ws, http] = [0, 1, 2, 3, 4].map((kind) =>
    ports.slice(kind * SIZE, (kind + 1) * SIZE),
  );
  const list = (/** @type {number[]} */ of = []) =>
    JSON.stringify(numbers.map((number) => `${number}@${LOOPBACK}:${of[number - 1]}`));
  const nodes = numbers.map((number) => {
    const own = join(folder, String(number));
    const plugins = join(own, 'plugins');
    mkdirSync(plugins, { recursive: true });
    const configuration = join(own, 'rmqtt.toml');
    const at = (/** @type {number[]} */ of = []) => `"${LOOPBACK}:${of[number - 1]}"`;
    writeFileSync(
      configuration,
      [
        `node.id = ${number}`,
        `rpc.server_addr = ${at(grpc)}`,
        'log.to = "console"',
        'log.level = "warn"',
        `plugins.dir = ${JSON.stringify(`${plugins}/`)}`,
        'plugins.default_startups = ["rmqtt-cluster-raft"]',
        `listener.tcp.external.addr = ${at(tcp)}`,
        `listener.ws.external.addr = ${at(ws)}`,
        'listener.ws.external.allow_anonymous = true',
        'listener.ws.external.session_expiry_interval = "10m"',
        '',
      ].join('\n'),
    );
    writeFileSync(
      join(plugins, 'rmqtt-cluster-raft.toml'),
      `node_grpc_addrs = ${list(grpc)}\nraft_peer_addrs = ${list(raft)}\n`,
    );
    // It is started by itself.
    writeFileSync(join(plugins, 'rmqtt-http-api.toml'), `http_laddr = ${at(http)}\n`);
    return new Rmqtt(configuration, ws?.[number - 1] ?? 0);
  });
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    // Each looks for those before it, and leads alone where it finds none.
    for (const node of nodes) await node.start();
  } catch (failure) {
    await stop();
    throw new Error(nodes.map(({ output }) => output).join('\n'), { cause: failure });
  }
  return { urls: nodes.map(({ url }) => url), nodes, login: {}, stop };
}
