// @ts-check
/** The disk on which a lesson is kept is full: that is said once, and the lesson goes on. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, program, startBroker } from '../../scripts/broker.mjs';
import { root } from '../../scripts/run.mjs';
import { Cleanup } from './support/cleanup.js';
import { until } from './support/wait.js';

const DISK_BYTES = 1024 * 1024;
const NO_DISK = 'only root can make a small disk';
/** A client that wants what comes while it is away. */
const AWAY = { clientId: 'away', clean: false };

onSmallDisk(
  'a full disk is said once, the lesson goes on, and room is said too',
  async (store, cleanup) => {
    /** @type {string[]} */
    const said = [];
    const ports = { tcpPort: 0, webSocketPort: 0 };
    const onnotice = (/** @type {string} */ line) => said.push(line);
    const server = await startBroker({ host: '127.0.0.1', ...ports, store, onnotice });
    cleanup.add(server, async ({ stop, ended }) => {
      stop();
      await ended;
    });
    const address = `mqtt://127.0.0.1:${server.tcpPort}`;
    const board = cleanup.add(await mqtt.connectAsync(address), (it) => it.end(true));
    const pupil = cleanup.add(await mqtt.connectAsync(address), (it) => it.end(true));
    /** @type {string[]} */
    const texts = [];
    pupil.on('message', (_, payload) => texts.push(String(payload)));
    await pupil.subscribeAsync('room', { qos: 1 });
    await board.publishAsync('room', 'before', { qos: 1 });

    const filler = join(store, 'filler');
    fill(filler);
    for (const text of ['first', 'second']) await board.publishAsync('room', text, { qos: 1 });
    const late = cleanup.add(await mqtt.connectAsync(address), (it) => it.end(true));
    await late.publishAsync('room', 'late', { qos: 1 });
    await until('what was sent meanwhile', () => texts.length === 4, { seen: () => texts });
    assert.deepEqual(texts, ['before', 'first', 'second', 'late']);
    const full = said.filter((line) => line.startsWith('Nothing can be written to '));
    assert.equal(full.length, 1, said.join('\n'));

    rmSync(filler);
    await board.publishAsync('room', 'after', { qos: 1 });
    const again = 'What clients send is written to the disk again.';
    await until('that to be said', () => said.includes(again), { seen: () => said });
  },
);

onSmallDisk(
  'a lesson for which there is no room does not begin, and at the desk it is in memory',
  async (store, cleanup) => {
    const options = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0, store };
    const first = await startBroker(options);
    const away = await mqtt.connectAsync(`mqtt://127.0.0.1:${first.tcpPort}`, AWAY);
    await away.subscribeAsync('room', { qos: 1 });
    await away.endAsync();
    const board = await mqtt.connectAsync(`mqtt://127.0.0.1:${first.tcpPort}`);
    await board.publishAsync('room', 'for you', { qos: 1 });
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    board.end(true);
    const filler = join(store, 'filler');
    fill(filler);

    await assert.rejects(startBroker(options), /nothing can be written to .*make room on the disk/);
    /** @type {string[]} */
    const said = [];
    const onnotice = (/** @type {string} */ line) => said.push(line);
    const desk = startAtDesk(store, onnotice);
    cleanup.add(desk, (it) => it.kill());
    await until('the desk', () => said.some((line) => line.startsWith('The class page: ')));
    assert.match(said.join('\n'), /The lesson is kept in memory only \(nothing can be written to/);
    desk.kill();
    await once(desk, 'exit');

    rmSync(filler);
    const last = cleanup.add(await startBroker(options), (it) => it.stop());
    /** @type {string[]} */
    const texts = [];
    const back = mqtt.connect(`mqtt://127.0.0.1:${last.tcpPort}`, AWAY);
    cleanup.add(back, (it) => it.end(true));
    back.on('message', (_, payload) => texts.push(String(payload)));
    await until('what was acknowledged', () => texts.includes('for you'), { seen: () => texts });
  },
);

/** @param {string} name @param {(store: string, cleanup: Cleanup) => Promise<void>} work */
function onSmallDisk(name, work) {
  test(name, { timeout: 120_000 }, async (context) => {
    const cleanup = new Cleanup();
    context.after(() => cleanup.run());
    const store = smallDisk(cleanup);
    if (store === undefined) return context.skip(NO_DISK);
    await buildBroker();
    return work(store, cleanup);
  });
}

/** A folder on a disk of its own; none where nobody may make one. @param {Cleanup} cleanup */
function smallDisk(cleanup) {
  const store = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-disk-')), (path) =>
    rmSync(path, { recursive: true, force: true }),
  );
  const disk = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', store];
  if (spawnSync('mount', disk).status !== 0) return undefined;
  cleanup.add(store, (path) => spawnSync('umount', ['--lazy', path]));
  return store;
}

/** @param {string} store @param {(line: string) => void} onnotice */
function startAtDesk(store, onnotice) {
  const any = '127.0.0.1:0';
  const args = [any, any, '--pages', any, '--root', root, '--store', store, '--desk'];
  const desk = spawn(program, [...args, '--no-browser'], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [desk.stdout, desk.stderr])
    createInterface({ input: stream }).on('line', onnotice);
  return desk;
}

/** Nothing more can be written. @param {string} file */
function fill(file) {
  for (let kilobyte = 0; kilobyte * 1024 < DISK_BYTES; kilobyte += 1) {
    try {
      writeFileSync(file, Buffer.alloc(1024), { flag: 'a' });
    } catch {
      return;
    }
  }
}
