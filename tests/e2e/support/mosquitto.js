// @ts-check
/** Debian's mosquitto on free ports: TCP, WebSocket and WebSocket over TLS, for those who log in. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOOPBACK, answers, freePorts } from './ports.js';
import { Program, run } from './programs.js';
import { until } from './wait.js';

export const USER = 'pupil';
export const PASSWORD = 's3cret-école';

/** The login of CodeLab's public broker, for which ours stands in. */
const PUBLIC_LOGIN = ['guest', 'test'];

/** One broker; it keeps its ports when it is killed and started again. */
export class Mosquitto {
  name = 'mosquitto';
  login = { username: USER, password: PASSWORD };
  /** @type {Program | undefined} */
  #program;
  #configuration;
  /** What earlier processes of this broker wrote. */
  #earlierLog = '';

  /**
   * @param {string} configuration
   * @param {{ tcp: number, ws: number, wss?: number }} ports
   */
  constructor(configuration, ports) {
    this.#configuration = configuration;
    this.ports = ports;
    /** For browsers, encrypted: the path that is shipped. */
    this.wss = `wss://localhost:${ports.wss}/mqtt`;
    this.ws = `ws://localhost:${ports.ws}/mqtt`;
    this.tcp = `mqtt://${LOOPBACK}:${ports.tcp}`;
  }

  /** Everything that the broker has logged. */
  get log() {
    return this.#earlierLog + (this.#program?.output ?? '');
  }

  /** The process id; 0 when it does not run. */
  get pid() {
    return this.#program?.pid ?? 0;
  }

  /** How often a filter has been subscribed to. @param {string} filter */
  subscriptions(filter) {
    return this.log.split(`\n\t${filter} (QoS `).length - 1;
  }

  /** How often a subscription to a filter has been ended. @param {string} filter */
  unsubscriptions(filter) {
    return this.log
      .split(/\nReceived UNSUBSCRIBE from \S+\n/)
      .filter((part) => part.startsWith(`\t${filter}\n`)).length;
  }

  /** How often a login has been refused with CONNACK: code 5 of 3.1.1, 0x87 of 5.0. */
  get refusals() {
    return this.log.split(/Sending CONNACK to \S+ \(0, (?:5|135)\)/).length - 1;
  }

  /** Starts the process; resolves when all listeners answer. */
  async start() {
    const program = new Program('mosquitto', ['-c', this.#configuration]);
    this.#program = program;
    await until(
      'mosquitto to listen',
      async () => {
        if (!program.isRunning) throw new Error(`mosquitto ended: ${program.output}`);
        const up = await Promise.all(Object.values(this.ports).map(answers));
        return up.every(Boolean);
      },
      { seen: () => program.output },
    );
  }

  /** Ends it at once, as a power cut does. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Ends it as an administrator does. */
  stop() {
    return this.#end('SIGTERM');
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    await this.#program?.end(signal);
    this.#earlierLog = this.log;
    this.#program = undefined;
  }
}

/**
 * @param {object} options
 * @param {string} options.folder
 * @param {import('./certificates.js').Certificates} options.certificates
 * @param {string[]} [options.settings] more lines of its configuration, which hold for all listeners
 * @param {string[]} [options.denied] filters of what nobody may publish or subscribe to
 * @param {string} [options.logs] what it logs; everything when not given
 * @returns {Promise<Mosquitto>} a running broker
 */
export async function startMosquitto({
  folder,
  certificates,
  settings = [],
  denied = [],
  logs = 'all',
}) {
  mkdirSync(folder, { recursive: true });
  const passwords = join(folder, 'passwords');
  run('mosquitto_passwd', ['-b', '-c', passwords, USER, PASSWORD]);
  run('mosquitto_passwd', ['-b', passwords, ...PUBLIC_LOGIN]);
  const [tcp = 0, ws = 0, wss = 0] = await freePorts(3);
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(
    configuration,
    [
      // Without this line a mosquitto started by root becomes another user, who cannot read the key.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      'log_dest stderr',
      `log_type ${logs}`,
      'log_timestamp false',
      'persistence false',
      'allow_anonymous false',
      `password_file ${passwords}`,
      'max_queued_messages 0',
      'set_tcp_nodelay true',
      ...(denied.length > 0 ? denying(folder, denied) : []),
      ...settings,
      `listener ${tcp} ${LOOPBACK}`,
      `listener ${ws} ${LOOPBACK}`,
      'protocol websockets',
      `listener ${wss} ${LOOPBACK}`,
      'protocol websockets',
      `certfile ${certificates.certificate}`,
      `keyfile ${certificates.key}`,
      '',
    ].join('\n'),
  );
  const mosquitto = new Mosquitto(configuration, { tcp, ws, wss });
  await mosquitto.start();
  return mosquitto;
}

/**
 * The lines for the plugin that refuses: with an `acl_file` alone, mosquitto 2.0 accepts every subscription and sends nothing.
 *
 * @param {string} folder @param {string[]} denied
 */
function denying(folder, denied) {
  const file = join(folder, 'dynamic-security.json');
  run('mosquitto_ctrl', ['dynsec', 'init', file, USER, PASSWORD]);
  const rules = JSON.parse(readFileSync(file, 'utf8'));
  rules.defaultACLAccess = {
    publishClientSend: true,
    publishClientReceive: true,
    subscribe: true,
    unsubscribe: true,
  };
  for (const role of rules.roles)
    role.acls = ['publishClientSend', 'subscribePattern'].flatMap((acltype) =>
      denied.map((topic) => ({ acltype, topic, allow: false })),
    );
  writeFileSync(file, JSON.stringify(rules));
  return [`plugin ${plugin('mosquitto_dynamic_security.so')}`, `plugin_opt_config_file ${file}`];
}

/** @param {string} name of a plugin that comes with mosquitto */
export function plugin(name) {
  const libraries = '/usr/lib';
  const folders = [libraries, ...readdirSync(libraries).map((folder) => join(libraries, folder))];
  const path = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (!path) throw new Error(`${name} is missing. Install it: sudo apt-get install mosquitto`);
  return path;
}
