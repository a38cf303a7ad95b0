// @ts-check
/** mosquitto as fast as it can be: without logins, without a log, without a bound on what waits. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mosquitto } from '../../tests/e2e/support/mosquitto.js';
import { LOOPBACK, freePorts } from '../../tests/e2e/support/ports.js';

/** @param {string} folder @returns {Promise<Mosquitto>} a running broker */
export async function startFastMosquitto(folder) {
  mkdirSync(folder, { recursive: true });
  const [tcp = 0, ws = 0] = await freePorts(2);
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(
    configuration,
    [
      'log_type error',
      'persistence false',
      'allow_anonymous true',
      'max_queued_messages 0',
      'max_inflight_messages 0',
      'set_tcp_nodelay true',
      `listener ${tcp} ${LOOPBACK}`,
      `listener ${ws} ${LOOPBACK}`,
      'protocol websockets',
      '',
    ].join('\n'),
  );
  const mosquitto = new Mosquitto(configuration, { tcp, ws });
  await mosquitto.start();
  return mosquitto;
}
