// @ts-check
/** Debian's RabbitMQ with its MQTT plugins on free ports, apart from any that the system runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, USER } from './mosquitto.js';
import { LOOPBACK, answers, freePorts } from './ports.js';
import { Program } from './programs.js';
import { until } from './wait.js';

/** Beside the wrapper in the PATH, which changes to another user. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** It starts a virtual machine, a database and two plugins, in milliseconds. */
const STARTS_WITHIN_MS = 120_000;

/** One broker; it keeps its ports and its data when it is started again. */
export class RabbitMq {
  name = 'RabbitMQ';
  login = { username: USER, password: PASSWORD };
  /** Erlang's directory of nodes; the server would leave one behind. @type {Program | undefined} */
  #names;
  /** @type {Program | undefined} */
  #program;
  #env;

  #ownsNames;

  /** @param {NodeJS.ProcessEnv} env @param {{ names: number, ws: number }} ports @param {boolean} [ownsNames] */
  constructor(env, ports, ownsNames = true) {
    this.#env = env;
    this.ports = ports;
    this.#ownsNames = ownsNames;
    this.ws = `ws://${LOOPBACK}:${ports.ws}/mqtt`;
  }

  /** Everything that the running process has logged. */
  get log() {
    return this.#program?.output ?? '';
  }

  /** What its own tools need to find it. */
  get env() {
    return this.#env;
  }

  /** Starts the processes; resolves when it is ready. */
  async start() {
    const { names } = this.ports;
    if (this.#ownsNames) this.#names = await startNames(names);
    const program = new Program(SERVER, [], { env: this.#env });
    this.#program = program;
    await until(
      'RabbitMQ to listen',
      () => {
        if (!program.isRunning) throw new Error(`RabbitMQ ended: ${program.output}`);
        // Its ports answer some time before it can serve anybody.
        return program.output.includes('Server startup complete');
      },
      { withinMs: STARTS_WITHIN_MS, seen: () => program.output },
    );
  }

  async stop() {
    await this.#program?.end('SIGKILL');
    await this.#names?.end();
  }
}

/** Erlang's directory of nodes. @param {number} port */
export async function startNames(port) {
  const names = new Program('epmd', ['-port', String(port), '-address', LOOPBACK]);
  await until('the directory of nodes', () => answers(port));
  return names;
}

/** For browsers. @param {number} port @returns {string[]} */
export const browserSettings = (port) => [
  'mqtt.allow_anonymous = false',
  `web_mqtt.tcp.port = ${port}`,
  'web_mqtt.ws_path = /mqtt',
];

/**
 * @param {string} folder
 * @param {(port: number) => string[]} [settings] of MQTT and of the port for browsers
 * @returns {Promise<RabbitMq>} a running broker
 */
export async function startRabbitMq(folder, settings = browserSettings) {
  const [names = 0, nodes = 0, amqp = 0, tcp = 0, ws = 0] = await freePorts(5);
  const env = nodeEnv(folder, { names, nodes, amqp, tcp, ws }, settings(ws));
  const rabbitMq = new RabbitMq(env, { names, ws });
  await rabbitMq.start();
  return rabbitMq;
}

/** What a node is called. @param {number} ws its port for browsers */
export const nodeName = (ws) => `test-${ws}@localhost`;

/**
 * Writes what a node reads, and gives the environment that it starts in.
 *
 * @param {string} folder
 * @param {{ names: number, nodes: number, amqp: number, tcp: number, ws: number }} ports
 * @param {string[]} settings
 * @param {object} [cluster] of which it is a node
 * @param {string} [cluster.home] where the secret is by which nodes know each other
 * @param {object[]} [cluster.policies] for queues
 * @returns {NodeJS.ProcessEnv}
 */
export function nodeEnv(
  folder,
  { names, nodes, amqp, tcp, ws },
  settings,
  { home = folder, policies = [] } = {},
) {
  mkdirSync(folder, { recursive: true });
  /** @param {string} name @param {string[]} lines */
  const file = (name, lines) => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const everything = { configure: '.*', write: '.*', read: '.*' };
  const definitions = {
    users: [{ name: USER, password: PASSWORD, tags: '' }],
    vhosts: [{ name: '/' }],
    permissions: [{ user: USER, vhost: '/', ...everything }],
    policies,
  };
  const configuration = file('rabbitmq.conf', [
    `listeners.tcp.default = ${LOOPBACK}:${amqp}`,
    `load_definitions = ${file('definitions.json', [JSON.stringify(definitions)])}`,
    `mqtt.listeners.tcp.default = ${LOOPBACK}:${tcp}`,
    `web_mqtt.tcp.ip = ${LOOPBACK}`,
    ...settings,
    'log.console = true',
    'log.file = false',
  ]);
  return {
    PATH: process.env.PATH,
    HOME: home,
    // The shell becomes the server, so that our process id is the server's.
    RUNNING_UNDER_SYSTEMD: '1',
    ERL_EPMD_PORT: String(names),
    RABBITMQ_NODENAME: nodeName(ws),
    RABBITMQ_DIST_PORT: String(nodes),
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_CONF_ENV_FILE: file('environment', []),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins', ['[rabbitmq_mqtt,rabbitmq_web_mqtt].']),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
  };
}
