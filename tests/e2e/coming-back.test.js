// @ts-check
/** A class loses its broker: nobody waits for long once it is back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from './support/cleanup.js';
import { startLocalBroker } from './support/local-broker.js';
import { uniqueClientId } from './support/names.js';
import { NodeClient } from './support/node-client.js';
import { until } from './support/wait.js';

const PUPILS = 30;
/** The longest pause on a local network, in milliseconds. */
const LONGEST_MS = 8000;
/** After so many failures pauses that grow to a minute would be longer for half of the class. */
const FAILURES = 5;
/** How long the failures may take, in milliseconds. */
const AWAY_MS = 60_000;

const cleanup = new Cleanup();
/** @type {Awaited<ReturnType<typeof startLocalBroker>>} */
let broker;
/** @type {NodeClient[]} */
let pupils;

before(async () => {
  broker = cleanup.add(await startLocalBroker(), (it) => it.stop());
  const options = () => ({ ...broker.login, url: broker.ws, clientId: uniqueClientId('pupil') });
  pupils = await Promise.all(
    Array.from({ length: PUPILS }, async () =>
      cleanup.add(await NodeClient.connect(options()), (it) => it.die()),
    ),
  );
});
after(() => cleanup.run());

test('thirty clients of a local broker come back, and no pause is longer than eight seconds', async () => {
  await broker.stop();
  await until(
    'everybody has tried several times',
    () => pupils.every((pupil) => pupil.count('disconnected') > FAILURES),
    { withinMs: AWAY_MS, seen: () => pupils.map((pupil) => pupil.count('disconnected')) },
  );

  await broker.start();

  await until('everybody is back', () => pupils.every((pupil) => pupil.count('connected') === 2), {
    withinMs: AWAY_MS,
    seen: () => pupils.map((pupil) => pupil.count('connected')),
  });
  const pauses = pupils.flatMap(({ events }) =>
    events.flatMap(({ type, retryInMs }) => (type === 'disconnected' ? [retryInMs] : [])),
  );
  assert.ok(pauses.length > PUPILS * FAILURES);
  assert.deepEqual(
    pauses.filter((pause) => pause > LONGEST_MS),
    [],
  );
});
