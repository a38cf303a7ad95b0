// @ts-check
/** A kept session whose lock is taken away: what waited comes back with the session, once and in order. */
import assert from 'node:assert/strict';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { KeptPage } from '../support/kept-page.js';
import { LockThief } from '../support/lock-thief.js';
import { uniqueClientId, uniqueTopic } from '../support/names.js';
import { LOOPBACK } from '../support/ports.js';
import { until } from '../support/wait.js';

/** A page without its session asks for it about once a minute, in milliseconds. */
const AGAIN_MS = 90_000;

const TEN = Array.from({ length: 10 }, (_, index) => `message ${index}`);

/**
 * What is published while the lock is away is stored when the page has it again.
 *
 * @param {import('../support/bench.js').Bench} bench
 * @param {(kept: KeptPage) => Promise<LockThief>} [rob] how the page loses its lock
 */
export async function storesWhatWasPublished(bench, rob = LockThief.rob) {
  const { kept, topic, revive } = await keptPage(bench);

  const thief = await rob(kept);
  await kept.publish(topic, TEN, 2);
  await thief.letGo();
  await until('the last message to be stored', async () =>
    (await kept.stored()).includes(String(TEN.at(-1))),
  );
  assert.deepEqual(warnings(await kept.events()), []);
  await kept.reload();
  await kept.untilEvent('sessionRestored');
  await revive();

  assert.deepEqual(await bench.native.untilTexts(topic, TEN.length), TEN);
  await kept.close();
}

/**
 * A page that does not get its lock back stays away; when it is free, nothing is lost and nothing comes twice.
 *
 * @param {import('../support/bench.js').Bench} bench
 */
export async function staysAwayWhileRobbed(bench) {
  const { kept, topic, revive } = await keptPage(bench);
  await kept.publish(topic, TEN, 2);
  await kept.stored();

  const thief = await LockThief.rob(kept);
  await kept.untilEvents('the end', (events) =>
    events.some(({ reason }) => reason?.code === 'session-in-use'),
  );
  await thief.letGo();
  await revive();
  await bench.native.untilTexts(topic, TEN.length, AGAIN_MS);
  await until('all acknowledgements', async () => (await kept.waiting()) === 0);
  await kept.publish(topic, ['last'], 2);

  assert.deepEqual(await bench.native.untilTexts(topic, TEN.length + 1), [...TEN, 'last']);
  assert.deepEqual(warnings(await kept.events()), []);
  await kept.close();
}

/** A page that was connected and has lost its broker. @param {import('../support/bench.js').Bench} bench */
async function keptPage(bench) {
  const topic = uniqueTopic('robbed');
  const proxy = await CuttingProxy.open(bench.broker.ports.ws);
  const { port } = proxy;
  const clientId = uniqueClientId('robbed');
  const kept = new KeptPage(bench, `ws://${LOOPBACK}:${port}/mqtt`, { clientId });
  await bench.native.subscribe(topic);
  await kept.open();
  await kept.untilEvent('connected');
  proxy.close();
  await kept.untilEvent('disconnected');
  const revive = async () => {
    const again = await CuttingProxy.open(bench.broker.ports.ws, [], port);
    bench.cleanup.add(again, (it) => it.close());
  };
  return { kept, topic, revive };
}

/** @param {any[]} events */
const warnings = (events) => events.filter(({ type }) => type === 'warning');
