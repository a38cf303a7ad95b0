// @ts-check
/**
 * What a real broker does not allow, asked for by blocks: NATS answers a subscription with a refusal, and ends the connection
 * for a message whose topic it cannot have.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { choice, mqtt, note, playProject, whenFlag, whenMessage } from '../extension/project.js';
import { Cleanup } from './support/cleanup.js';
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

const cleanup = new Cleanup();
/** @type {import('./support/nats.js').Nats} */
let broker;
/** @type {WatchingGateway} */
let gateway;

before(async () => {
  await init({ module_or_path: readFileSync(wasm) });
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-refused-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  broker = cleanup.add(await startNats(folder, { denied: ['forbidden.>'] }), (it) => it.stop());
  gateway = cleanup.add(await WatchingGateway.before(broker.ws), (it) => it.close());
});
after(() => cleanup.run());

/** What connects to the broker, and what follows. @param {any[]} blocks */
const whenConnected = (...blocks) =>
  whenFlag(
    mqtt('login', { USER: broker.login.username, PASSWORD: broker.login.password }),
    mqtt('connect', { BROKER: gateway.ws }),
    ...blocks,
  );

test('a hat and a loop ask once for each connection and text what the broker refuses', async () => {
  const [hat, loop, other] = ['forbidden/hat', 'forbidden/loop', 'forbidden/other'];
  const forever = {
    opcode: 'control_forever',
    inputs: { SUBSTACK: [mqtt('subscribe', { TOPIC: loop })] },
  };
  const play = await playProject(
    { Cat: [whenConnected(forever), whenMessage(hat, note())] },
    { core },
  );
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

  play.greenFlag();
  await untilAsked([1, 1, 0]);
  assert.match(play.blocks.status(), /did not allow the subscription to forbidden\//);

  play.blocks.subscribe({ TOPIC: other });
  await untilAsked([1, 1, 1]);

  gateway.cut();
  // What no script asks for again is not wanted any more.
  await untilAsked([2, 2, 1]);
  play.blocks.disconnect();
});

test('a message that ends the connection is named in the status, and the rest is delivered', async () => {
  const topic = uniqueTopic('culprit');
  const watcher = await NodeClient.connect({ url: broker.ws, ...broker.login });
  await watcher.subscribe(`${topic}/#`, 1);
  /** @param {string} MESSAGE @param {string} TOPIC */
  const publish = (MESSAGE, TOPIC) =>
    mqtt('publishWith', { MESSAGE, TOPIC, QOS: choice('QOS', '1'), KEEP: choice('KEEP', 'no') });
  const bad = `${topic}/with a.dot`;
  const texts = Array.from({ length: 20 }, (_, index) => String(index + 1));
  const good = texts.map((text) => publish(text, `${topic}/good`));
  const play = await playProject(
    { Cat: [whenConnected(...good.slice(0, 5), publish('bad', bad), ...good.slice(5))] },
    { core },
  );
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
