// @ts-check
/** Projects that want to act as soon as they are opened: nothing is sent until the green flag. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { connect, join, set, status, whenBroadcast, whenFlag } from '../support/blocks.js';
import { makeProject } from '../support/project.js';
import { LOOPBACK } from '../support/ports.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/blocks.js').Block} Block */
/** @typedef {import('../support/stage.js').Stage} Stage */

/** @returns {Block} a hat that Scratch asks in every frame, and that is true at once */
const whenTimer = () => ({
  opcode: 'event_whengreaterthan',
  shape: 'hat',
  inputs: { VALUE: '-1' },
  fields: { WHENGREATERTHANMENU: { value: 'TIMER' } },
});

/** @param {Stage} stage */
export function hostileProjects(stage) {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0 });
  let visitors = 0;
  server.on('connection', () => (visitors += 1));
  after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  test('a project that is opened connects to nothing and publishes nothing', async () => {
    const { bench, broker, editor } = stage;
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const BROKER = `ws://localhost:${port}/mqtt`;
    const sends = { MESSAGE: 'unasked', TOPIC: 'unasked' };
    const before = broker.log.length;
    const sb3 = makeProject({
      extensionUrl: bench.extensionUrl,
      broadcasts: ['go'],
      monitors: [
        'scratchmqtt_status',
        { opcode: 'scratchmqtt_connect', params: { BROKER } },
        { opcode: 'scratchmqtt_publish', params: sends },
        { opcode: 'scratchmqtt_publishWith', params: { ...sends, QOS: '1', KEEP: 'yes' } },
        { opcode: 'scratchmqtt_lastMessage', params: { TOPIC: '#' } },
        { opcode: 'event_broadcast', params: { BROADCAST_OPTION: 'go' } },
      ],
      sprites: {
        Cat: {
          variables: { ran: '', heard: '' },
          scripts: [
            [whenTimer(), connect(BROKER), set('ran', join('ran ', status()))],
            [whenBroadcast('go'), connect(BROKER), set('heard', 'heard')],
            [whenFlag(), connect(BROKER)],
          ],
        },
      },
    });

    await editor.loadProject(sb3);
    await editor.untilVariable('Cat', 'ran', /^ran .*green flag/);
    await editor.untilVariable('Cat', 'heard', /heard/);

    assert.equal(visitors, 0);
    assert.doesNotMatch(broker.log.slice(before), /unasked/);

    await editor.greenFlag();
    await until('the connection that the green flag asked for', () => visitors > 0);
    // While the next project loads there is no stage, and the broadcast that is shown as a value makes Scratch itself
    // throw in that moment, with our blocks and without. This page has no error until here.
    await stage.reopen();
  });
}
