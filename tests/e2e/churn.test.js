// @ts-check
/** Half a minute of what `npm run soak` does for long, each time with the same troubles. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makeCertificates } from './support/certificates.js';
import { Churner } from './support/churn.js';
import { Cleanup } from './support/cleanup.js';
import { startMosquitto } from './support/mosquitto.js';
import { Native } from './support/native.js';

const CLIENTS = 12;
const SEED = 20_261_128;
/** How long there is trouble. */
const RUN_MS = 20_000;
/** @type {import('./support/churn.js').Pace} */
const PACE = { troubleMs: [200, 2_000], calmMs: [500, 4_000] };

const cleanup = new Cleanup();
/** @type {import('./support/mosquitto.js').Mosquitto} */
let broker;
/** @type {Native} */
let native;

before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-churn-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const certificates = makeCertificates(folder, ['localhost']);
  broker = cleanup.add(await startMosquitto({ folder, certificates }), (it) => it.stop());
  native = cleanup.add(await Native.connect(broker), (it) => it.end());
});
after(() => cleanup.run());

test('cuts, outages, stalls and delays lose no message of QoS 1 and 2', async (context) => {
  const place = { port: broker.ports.ws, native, seed: SEED };
  const numbers = Array.from({ length: CLIENTS }, (_, number) => number);
  const churners = await Promise.all(numbers.map((number) => Churner.start(number, place)));
  for (const churner of churners) cleanup.add(churner, (it) => it.end());

  for (const churner of churners) churner.run(PACE);
  await pause(RUN_MS);
  await Promise.all(churners.map((churner) => churner.stop()));

  for (const churner of churners) {
    await churner.check();
    context.diagnostic(`${churner.name}: ${JSON.stringify(churner.counts())}`);
  }
});
