// @ts-check
/**
 * Three rmqtt servers with Raft, on free ports. Debian has none, and it takes ten minutes to compile:
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
  /** @param {string[]} args @param {number} webSocketPort */
  constructor(args, webSocketPort) {
    this.program = new Program(PROGRAM, args);
    this.url = `ws://${LOOPBACK}:${webSocketPort}/mqtt`;
  }

  async stop() {
    await this.program.end('SIGKILL');
  }
}

/** @param {string} folder */
export async function startRmqttCluster(folder) {
  const numbers = Array.from({ length: SIZE }, (_, number) => number + 1);
  const ports = await freePorts(SIZE * 4);
  const [grpc, raft, tcp, ws] = [0, 1, 2, 3].map((kind) =>
    ports.slice(kind * SIZE, (kind + 1) * SIZE),
  );
  const addresses = (/** @type {number[]} */ of = []) =>
    numbers.map((number) => `${number}@${LOOPBACK}:${of[number - 1]}`);
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
        `listener.tcp.external.addr = ${at(tcp)}`,
        `listener.ws.external.addr = ${at(ws)}`,
        'listener.ws.external.allow_anonymous = true',
        'listener.ws.external.session_expiry_interval = "10m"',
        '',
      ].join('\n'),
    );
    const args = ['-f', configuration, '--id', String(number)];
    args.push('--plugins-default-startups', 'rmqtt-cluster-raft');
    args.push('--node-grpc-addrs', ...addresses(grpc), '--raft-peer-addrs', ...addresses(raft));
    return new Rmqtt(args, ws?.[number - 1] ?? 0);
  });
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    await Promise.all(nodes.map(untilReady));
  } catch (failure) {
    await stop();
    throw new Error(nodes.map(({ program }) => program.output).join('\n'), { cause: failure });
  }
  return { urls: nodes.map(({ url }) => url), nodes, login: {}, stop };
}

/** @param {Rmqtt} node */
async function untilReady({ url }) {
  const client = new NodeClient({ url });
  await client.untilEvent('connected', () => true, AGREE_WITHIN_MS);
  client.die();
}
