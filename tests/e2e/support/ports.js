// @ts-check
/** Free TCP ports of this computer, and whether something listens there. */
import { createServer, connect } from 'node:net';
import { once } from 'node:events';

export const LOOPBACK = '127.0.0.1';

/**
 * @param {number} count
 * @returns {Promise<number[]>} ports that were all free at the same moment
 */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, LOOPBACK));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map(
    (server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port,
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/**
 * @param {number} port
 * @returns {Promise<boolean>} whether a connection to the port is accepted
 */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
