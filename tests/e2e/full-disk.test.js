// @ts-check
/** The disk on which a lesson is kept is full: that is said once, and the lesson goes on. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { Cleanup } from './support/cleanup.js';
import { until } from './support/wait.js';

const DISK_BYTES = 1024 * 1024;

test(
  'a full disk is said once, the lesson goes on, and room is said too',
  { timeout: 120_000 },
  async (context) => {
    const cleanup = new Cleanup();
    context.after(() => cleanup.run());
    const store = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-disk-')), (path) =>
      rmSync(path, { recursive: true, force: true }),
    );
    const disk = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', store];
    if (spawnSync('mount', disk).status !== 0)
      return context.skip('only root can make a small disk');
    cleanup.add(store, (path) => spawnSync('umount', ['--lazy', path]));
    await buildBroker();
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
    return undefined;
  },
);

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
