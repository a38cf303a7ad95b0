// @ts-check
// What the broker of `npm start` answers, with its front: each exchange as MQTT has it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { until } from '../e2e/support/wait.js';
import { SAMPLE } from '../soak/broker-answers.js';
import {
  Raw,
  connectPacket,
  joined,
  packet,
  publishPacket,
  subscribePacket,
} from './support/raw.js';

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;

before(async () => {
  await buildBroker();
  server = await startBroker({ host: '127.0.0.1', tcpPort: 0, webSocketPort: 0 });
});
after(() => server.stop());

for (const [name, { packets }, expected] of SAMPLE) {
  test(name, async () => {
    const client = await Raw.open(server.tcpPort);
    const [connect = '', ...rest] = packets;
    client.send(connect);
    if (rest.length) await client.until((bytes) => bytes.length >= 4, 'CONNACK');
    for (const one of rest) client.send(one);
    const got = () => client.received.toString('hex') + (client.socket.destroyed ? 'closed' : '');

    await until('the answer', () => expected.test(got()), { seen: got });
    client.end();
  });
}

for (const id of ['a/b', 'a\\b', '..', 'cert:x', 'CON', 'x'.repeat(200), 'é']) {
  test(`a session of ${JSON.stringify(id.slice(0, 10))} is its own, and comes back`, async () => {
    const first = await joined(server.tcpPort, id, { clean: false });
    first.send(subscribePacket(['session/#'], 1));
    await first.until((bytes) => bytes.length >= 4 + 5, 'SUBACK');
    first.send(packet(0xe0));
    await first.closed;
    const other = await joined(server.tcpPort, `${id}.`, { clean: false });
    assert.deepEqual([...other.received.subarray(0, 4)], [0x20, 2, 0, 0]);
    other.send(publishPacket('session/1', 'hello'));

    const again = await Raw.open(server.tcpPort);
    again.send(connectPacket(id, { clean: false }));
    await again.until((bytes) => bytes.length >= 4, 'CONNACK');

    assert.deepEqual([...again.received.subarray(0, 4)], [0x20, 2, 1, 0]);
    for (const one of [other, again]) one.end();
  });
}
