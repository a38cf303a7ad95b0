// @ts-check
/** The broker of `npm start`. */
import { buildBroker, startBroker } from '../../../scripts/broker.mjs';
import { LOOPBACK, freePorts } from './ports.js';

/** One broker; it keeps its ports when it is started again, and nothing else. */
export class LocalBroker {
  name = '`npm start`';
  login = { username: 'guest', password: 'test' };
  /** @type {Awaited<ReturnType<typeof startBroker>> | undefined} */
  #running;
  #ports;

  /** @param {{ tcp: number, ws: number }} ports */
  constructor(ports) {
    this.#ports = ports;
    this.tcp = `mqtt://${LOOPBACK}:${ports.tcp}`;
    this.ws = `ws://${LOOPBACK}:${ports.ws}/mqtt`;
  }

  async start() {
    const { tcp, ws } = this.#ports;
    this.#running = await startBroker({ host: LOOPBACK, tcpPort: tcp, webSocketPort: ws });
  }

  async stop() {
    this.#running?.stop();
    await this.#running?.ended;
  }
}

/** @returns {Promise<LocalBroker>} a running broker */
export async function startLocalBroker() {
  await buildBroker();
  const [tcp = 0, ws = 0] = await freePorts(2);
  const broker = new LocalBroker({ tcp, ws });
  await broker.start();
  return broker;
}
