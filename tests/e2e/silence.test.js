// @ts-check
/**
 * Nothing is sent for long, or the tab is hidden: nginx and mosquitto, which end silent connections, end none of ours. All
 * limits are seconds here; `npm run soak` has the real ones.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { HiddenClient, clientPages } from './support/hidden-client.js';
import { PASSWORD, USER, startMosquitto } from './support/mosquitto.js';
import { uniqueClientId, uniqueTopic } from './support/names.js';
import { Native } from './support/native.js';
import { startNginx } from './support/nginx.js';
import { NodeClient } from './support/node-client.js';
import { serve } from './support/serve.js';
import { Tabs } from './support/tabs.js';
import { until } from './support/wait.js';

/** What is announced, and after which nginx ends a silent connection; mosquitto does after half as much again. */
const SILENCE_SECONDS = 4;
/** How many pings prove that they come in time: the limits have passed several times. */
const PINGS = 5;
/** Chromium's slowest timers, once a minute, from the third second of being hidden on. */
const THROTTLED = ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/3'];

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;
/** @type {Awaited<ReturnType<typeof startNginx>>} */
let nginx;
/** @type {Native} */
let native;
/** @type {Tabs} */
let tabs;
let origin = '';
/** @type {Record<'silent' | 'busy' | 'withoutWorkers', HiddenClient>} */
let clients;

before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-silence-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(folder, ['localhost']);
  broker = cleanup.add(await startMosquitto({ folder, certificates }), (it) => it.stop());
  native = cleanup.add(await Native.connect(broker), (it) => it.end());
  const proxy = { folder: join(folder, 'nginx'), to: broker.ports.ws };
  nginx = cleanup.add(await startNginx({ ...proxy, silenceSeconds: SILENCE_SECONDS }), (it) =>
    it.stop(),
  );
  ({ origin } = cleanup.add(await serve(clientPages), (it) => it.close()));
  tabs = cleanup.add(await Tabs.open(join(folder, 'browser'), THROTTLED), (it) => it.close());
  clients = {
    silent: await openClient('/client'),
    busy: await openClient('/client'),
    withoutWorkers: await openClient('/client-without-workers'),
  };
  // In front of all of them, from now on.
  await tabs.newTab(`${origin}/other`);
});
after(() => cleanup.run());

describe('where silence ends connections', { concurrency: true }, () => {
  test('a client that says nothing stays connected through nginx', async () => {
    const client = await NodeClient.connect(options());
    try {
      const { clientId } = client.events.find(({ type }) => type === 'connected');
      await until(`${PINGS} pings`, () => pings(clientId) >= PINGS, { withinMs: 60_000 });

      assert.equal(client.count('disconnected'), 0);
    } finally {
      client.die();
    }
  });

  test('a client in a hidden tab says nothing for long and stays connected', async () => {
    const { silent } = clients;
    await silent.untilThrottled();

    await untilPings(silent);

    assert.deepEqual(await silent.troubles(), []);
    await silent.assertThrottled();
  });

  test('a client in a hidden tab gets every message', () => staysWithMessages(clients.busy));

  test('so it does where a page forbids workers, which costs one line in its console', async () => {
    const { withoutWorkers } = clients;

    await staysWithMessages(withoutWorkers);

    assert.equal(await withoutWorkers.violations(), 1);
  });
});

/** A message as often as the broker takes one. @param {HiddenClient} client */
async function staysWithMessages(client) {
  /** @type {string[]} */
  const sent = [];
  const send = async () => {
    sent.push(`${sent.length}`);
    await native.publish(client.topic, `${sent.length - 1}`, { qos: 0 });
  };

  await client.untilThrottled(send);
  await untilPings(client, send);

  assert.deepEqual(await client.untilTexts(sent.length), sent);
  assert.deepEqual(await client.troubles(), []);
  await client.assertThrottled();
}

/** @param {string} page */
const openClient = (page) =>
  HiddenClient.open(tabs, `${origin}${page}`, options(), uniqueTopic('hidden'));

const options = () => ({
  url: nginx.ws,
  username: USER,
  password: PASSWORD,
  clientId: uniqueClientId('silent'),
  keepAliveSeconds: SILENCE_SECONDS,
});

/** How often a client asked the broker whether it is there. @param {string} clientId */
const pings = (clientId) => broker.log.split(`Received PINGREQ from ${clientId}\n`).length - 1;

/** @param {HiddenClient} client @param {() => unknown} [meanwhile] */
async function untilPings({ clientId }, meanwhile) {
  const earlier = pings(clientId);
  const enough = async () => {
    await meanwhile?.();
    return pings(clientId) - earlier >= PINGS;
  };
  await until(`${PINGS} pings`, enough, { withinMs: 60_000 });
}
