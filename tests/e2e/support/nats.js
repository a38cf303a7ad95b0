// @ts-check
/** Debian's NATS with its MQTT and WebSocket listeners on free ports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, USER } from './mosquitto.js';
import { LOOPBACK, answers, freePorts } from './ports.js';
import { Program } from './programs.js';
import { until } from './wait.js';

/** One broker; it keeps its ports and its data when it is started again. */
export class Nats {
  name = 'NATS';
  login = { username: USER, password: PASSWORD };
  /** @type {Program | undefined} */
  #program;
  #configuration;
  #port;

  /** @param {string} configuration @param {number} port */
  constructor(configuration, port) {
    this.#configuration = configuration;
    this.#port = port;
    this.ws = `ws://${LOOPBACK}:${port}/mqtt`;
  }

  /** Starts the process; resolves when the WebSocket answers. */
  async start() {
    const program = new Program('nats-server', ['--config', this.#configuration]);
    this.#program = program;
    await until(
      'NATS to listen',
      () => {
        if (!program.isRunning) throw new Error(`NATS ended: ${program.output}`);
        return answers(this.#port);
      },
      { seen: () => program.output },
    );
  }

  async stop() {
    await this.#program?.end('SIGKILL');
  }
}

/**
 * @param {string} folder
 * @param {{ denied?: string[] }} [options] `denied`: subjects that nobody may subscribe to
 * @returns {Promise<Nats>} a running broker
 */
export async function startNats(folder, { denied = [] } = {}) {
  mkdirSync(folder, { recursive: true });
  const [own = 0, mqtt = 0, ws = 0] = await freePorts(3);
  const permissions = `permissions: { subscribe: { deny: ${JSON.stringify(denied)} } }`;
  const configuration = join(folder, 'nats.conf');
  writeFileSync(
    configuration,
    [
      'server_name: test',
      `listen: "${LOOPBACK}:${own}"`,
      `jetstream { store_dir: ${JSON.stringify(join(folder, 'data'))} }`,
      `mqtt { listen: "${LOOPBACK}:${mqtt}" }`,
      `websocket { listen: "${LOOPBACK}:${ws}", no_tls: true }`,
      `authorization { users: [{ user: "${USER}", password: "${PASSWORD}", ${permissions} }] }`,
      '',
    ].join('\n'),
  );
  const nats = new Nats(configuration, ws);
  await nats.start();
  return nats;
}
