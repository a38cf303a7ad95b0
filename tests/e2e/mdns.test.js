// @ts-check
/** The class server has a name on the network, found by another program's resolver; two have two names. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import { buildBroker, program } from '../../scripts/broker.mjs';
import { NAMESPACES, mayMakeNetworks } from './support/networks.js';
import { ensurePythonPeers, interpreter } from './support/peers.js';
import { Program } from './support/programs.js';
import { until } from './support/wait.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const FIRST = '192.168.77.1';
const SECOND = '192.168.77.2';

before(async () => {
  await buildBroker();
  ensurePythonPeers();
});

test('two class servers on one network are found under two names', async (t) => {
  if (!mayMakeNetworks()) return t.skip('this system lets nobody make a network namespace');
  const resolver = [interpreter, join(HERE, 'peers', 'resolver.py')];
  const [computers = '', servers = ''] = ['two-computers.sh', 'two-class-servers.sh'].map((name) =>
    join(HERE, 'support', name),
  );
  const started = ['bash', computers, 'bash', servers, program, ...resolver];
  const room = new Program('unshare', [...NAMESPACES, ...started]);
  t.after(() => room.end());

  await answer(room, 'name scratch-mqtt.local', [FIRST]);
  await answer(room, 'name scratch-mqtt-2.local', [SECOND]);
  await answer(room, 'service _mqtt._tcp', [
    { server: 'scratch-mqtt-2.local.', port: 1883, addresses: [SECOND] },
    { server: 'scratch-mqtt.local.', port: 1883, addresses: [FIRST] },
  ]);
  await answer(room, 'service _http._tcp', [
    { server: 'scratch-mqtt-2.local.', port: 8000, addresses: [SECOND] },
    { server: 'scratch-mqtt.local.', port: 8000, addresses: [FIRST] },
  ]);
  await answer(room, `page ${FIRST}:8000 scratch-mqtt.local:8000`, 200);
  // The other computer asks for its class word; a name that is not its own it does not even know.
  await answer(room, `page ${SECOND}:8000 scratch-mqtt-2.local:8000`, 403);
  await answer(room, `page ${SECOND}:8000 evil.example:8000`, 421);
  assert.match(room.output, /This one is scratch-mqtt-2\.local\./);
});

/**
 * Asks until the answer is the expected one: names take some seconds.
 *
 * @param {Program} room
 * @param {string} question
 * @param {unknown} expected
 */
async function answer(room, question, expected) {
  const wanted = JSON.stringify(expected);
  let asked = 0;
  await until(
    `${question}: ${wanted}`,
    () => {
      if (!room.isRunning) throw new Error(room.output);
      const answers = room.output.split('\n').filter((line) => line.startsWith(`${question}: `));
      if (answers.length === asked) {
        room.write(`${question}\n`);
        asked += 1;
      }
      return answers.includes(`${question}: ${wanted}`);
    },
    { withinMs: 60_000, seen: () => room.output },
  );
}
