// @ts-check
/**
 * What a real broker does not allow, asked for by blocks: NATS (3.1.1) and mosquitto (5.0) answer a subscription with a
 * refusal, and NATS ends the connection for a message whose topic it cannot have.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { choice, mqtt, note, playProject, whenFlag, whenMessage } from '../extension/project.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { startMosquitto } from './support/mosquitto.js';
import { uniqueTopic } from './support/names.js';
import { startNats } from './support/nats.js';
import { NodeClient } from './support/node-client.js';
import { until } from './support/wait.js';
import { WatchingGateway } from './support/watching-gateway.js';

/** Ten seconds of the player. */
const MANY_FRAMES = 300;
/** How long it takes to find the one message that ends connections, in milliseconds. */
const SEARCH_MS = 60_000;

/** The bindings that the extension itself uses. */
const { default: init, ...core } = await import('../../dist/pkg/mqtt.js');
const wasm = new URL('../../dist/pkg/mqtt_bg.wasm', import.meta.url);

/** @typedef {import('./support/nats.js').Nats | import('./support/mosquitto.js').Mosquitto} Broker */

/**
 * How each broker refuses the topics below `forbidden`: its code, and how it is configured.
 *
 * @type {Record<string, { code: number, start: (folder: string) => Promise<Broker> }>}
 */
const REFUSING = {
  'NATS in 3.1.1': {
    code: 0x80,
    start: (folder) => startNats(folder, { denied: ['forbidden.>'] }),
  },
  'mosquitto in 5.0': {
    code: 0x87,
    start: (folder) => {
      const certificates = makeCertificates(folder, ['localhost']);
      return startMosquitto({ folder, certificates, denied: ['forbidden/#'] });
    },
  },
};

const cleanup = new Cleanup();
before(() => init({ module_or_path: readFileSync(wasm) }));
after(() => cleanup.run());

/** @template {Broker} T @param {(folder: string) => Promise<T>} start */
async function startBehindGateway(start) {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-refused-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const broker = cleanup.add(await start(folder), (it) => it.stop());
  const gateway = cleanup.add(await WatchingGateway.before(broker.ws), (it) => it.close());
  return { broker, gateway };
}

/** What connects to the broker, and what follows. @param {Broker} broker @param {string} ws @param {any[]} blocks */
const whenConnected = ({ login }, ws, ...blocks) =>
  whenFlag(
    mqtt('login', { USER: login.username, PASSWORD: login.password }),
    mqtt('connect', { BROKER: ws }),
    ...blocks,
  );

for (const [name, { code, start }] of Object.entries(REFUSING))
  test(`a hat and a loop ask once for each connection and text what ${name} refuses`, async () => {
    const { broker, gateway } = await startBehindGateway(start);
    const [hat, loop, other] = ['forbidden/hat', 'forbidden/loop', 'forbidden/other'];
    const allowed = uniqueTopic('allowed');
    const forever = {
      opcode: 'control_forever',
      inputs: { SUBSTACK: [mqtt('subscribe', { TOPIC: loop })] },
    };
    const scripts = [
      whenConnected(broker, gateway.ws, forever),
      whenMessage(hat, note()),
      whenMessage(allowed, note()),
    ];
    const play = await playProject({ Cat: scripts }, { core });
    const times = () => [hat, loop, other].map((filter) => gateway.times(filter));
    /** @param {number[]} wanted */
    const untilAsked = async (wanted) => {
      await until('the refusals', () => play.frames() ?? String(times()) === String(wanted), {
        seen: times,
      });
      // Several turns of the network, in which more could come.
      for (let turn = 0; turn < 10; turn += 1) {
        play.frames(MANY_FRAMES / 10);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.deepEqual(times(), wanted);
    };
    /** @param {string} text */
    const untilReceived = async (text) => {
      play.blocks.publish({ MESSAGE: text, TOPIC: allowed });
      const arrived = () => play.frames() ?? play.list().includes(`${allowed}=${text}`);
      await until('the message', arrived, { seen: () => play.list() });
    };

    play.greenFlag();
    await untilAsked([1, 1, 0]);
    assert.deepEqual([...gateway.refusals], [code]);
    assert.match(play.blocks.status(), /did not allow the subscription to forbidden\/(hat|loop)/);
    await untilReceived('first');

    play.blocks.subscribe({ TOPIC: other });
    await untilAsked([1, 1, 1]);
    assert.match(play.blocks.status(), /did not allow the subscription to forbidden\/other/);

    gateway.cut();
    // What no script asks for again is not wanted any more.
    await untilAsked([2, 2, 1]);
    await untilReceived('second');
    play.blocks.disconnect();
  });

test('a message that ends the connection is named in the status, and the rest is delivered', async () => {
  const { broker, gateway } = await startBehindGateway(startNats);
  const topic = uniqueTopic('culprit');
  const watcher = await NodeClient.connect({ url: broker.ws, ...broker.login });
  await watcher.subscribe(`${topic}/#`, 1);
  /** @param {string} MESSAGE @param {string} TOPIC */
  const publish = (MESSAGE, TOPIC) =>
    mqtt('publishWith', { MESSAGE, TOPIC, QOS: choice('QOS', '1'), KEEP: choice('KEEP', 'no') });
  const bad = `${topic}/with a.dot`;
  const texts = Array.from({ length: 20 }, (_, index) => String(index + 1));
  const good = texts.map((text) => publish(text, `${topic}/good`));
  const publishing = [...good.slice(0, 5), publish('bad', bad), ...good.slice(5)];
  const script = whenConnected(broker, gateway.ws, ...publishing);
  const play = await playProject({ Cat: [script] }, { core });
  /** @type {Set<string>} */
  const said = new Set();
  const look = () => {
    play.frames();
    said.add(play.blocks.status());
    return [...said].some((text) => text.includes(bad));
  };

  play.greenFlag();
  await until('the name', look, { withinMs: SEARCH_MS, seen: () => [...said] });
  await watcher.untilTexts(texts);

  assert.match(play.blocks.lastError(), /The broker ends the connection for a message to /);
  assert.ok(![...said].some((text) => /password|log in/i.test(text)), [...said].join('\n'));
  play.blocks.disconnect();
  watcher.die();
});
