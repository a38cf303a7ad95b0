// @ts-check
/**
 * The broker of `npm start` is killed again and again while boards publish with QoS 1: how much each watcher lost.
 *
 * ```text
 * node tests/soak/killed.js --watchers 300 --boards 30 --kills 20
 * ```
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { freePorts } from '../e2e/support/ports.js';
import { Watchers } from '../e2e/support/watchers.js';

const number = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({ options: { watchers: number, boards: number, kills: number } });
const watchers = Number(values.watchers ?? 30);
const boards = Number(values.boards ?? 30);
const kills = Number(values.kills ?? 20);
/** The broker runs so long, and is away so long. */
const RUNS_MS = 4_000;
const AWAY_MS = 2_000;

const store = mkdtempSync(join(tmpdir(), 'scratch-mqtt-killed-'));
const [tcpPort = 0, webSocketPort = 0] = await freePorts(2);
const start = () => startBroker({ host: '127.0.0.1', tcpPort, webSocketPort, store });

await buildBroker();
let server = await start();
const all = await Watchers.join(tcpPort, { watchers, boards });
let isOver = false;
const publishing = all.publishUntil(() => isOver);
for (let kill = 0; kill < kills; kill += 1) {
  await pause(RUNS_MS);
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
  await pause(AWAY_MS);
  server = await start();
}
await pause(RUNS_MS);
isOver = true;
await publishing;
const lost = await all.lost();
console.log(`${all.taken.length} messages taken, for each of ${watchers} watchers; lost: ${lost}`);
all.end();
server.stop();
await server.ended;
rmSync(store, { recursive: true, force: true });
process.exitCode = lost === 0 ? 0 : 1;
