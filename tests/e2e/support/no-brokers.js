// @ts-check
/** Addresses that lead to no broker, each in a way of its own. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { LOOPBACK, freePorts } from './ports.js';

/**
 * @param {import('./cleanup.js').Cleanup} cleanup
 * @returns {Promise<Record<string, string>>} by what such an address does
 */
export async function openNoBrokers(cleanup) {
  const swallowing = createServer((socket) => socket.on('error', () => {}));
  swallowing.listen(0, LOOPBACK);
  await once(swallowing, 'listening');
  cleanup.add(swallowing, (it) => it.close());
  const silent = new WebSocketServer({ port: 0, host: LOOPBACK });
  await once(silent, 'listening');
  cleanup.add(silent, (it) => it.close());
  const [nobody = 0] = await freePorts(1);
  return {
    'is refused': address(nobody),
    'is swallowed': address(portOf(swallowing)),
    'opens and is silent': address(portOf(silent)),
  };
}

/** @param {number} port */
const address = (port) => `ws://${LOOPBACK}:${port}/mqtt`;

/** @param {{ address(): unknown }} server */
const portOf = (server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port;
