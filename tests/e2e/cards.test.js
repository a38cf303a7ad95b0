// @ts-check
/** Cards for boards, from the class page to a phone on another computer, and the page with a class at work. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildBroker } from '../../scripts/broker.mjs';
import { MOST_BOARDS, namesIn } from '../../www/class/board-names.js';
import { NAMESPACES, mayMakeNetworks } from './support/networks.js';
import { Program } from './support/programs.js';

const SUPPORT = fileURLToPath(new URL('support/', import.meta.url));

before(buildBroker);

test('a teacher types how many boards there are, or their names', () => {
  for (const typed of [
    '3',
    ' 3 boards',
    '3 块开发板',
    '3台',
    '３ 台',
    '٣ لوحات',
    '۳',
    '3 placas de teste',
  ]) {
    assert.deepEqual(namesIn(typed), ['board-1', 'board-2', 'board-3'], typed);
  }
  assert.deepEqual(namesIn('lamp, fan; "door"、窗户，lamp'), ['lamp', 'fan', 'door', '窗户']);
  assert.deepEqual(namesIn('مصباح، مروحة؛ fan'), ['مصباح', 'مروحة', 'fan']);
  assert.deepEqual(namesIn('3، 4'), ['3', '4']);
  assert.deepEqual(namesIn('7a'), ['7a']);
  assert.deepEqual(namesIn('3 boards, lamp'), ['3 boards', 'lamp']);
  assert.deepEqual(namesIn(' , + '), []);
  assert.deepEqual(namesIn('0'), []);
  assert.equal(namesIn('999999999').length, MOST_BOARDS + 1);
});

test('a card for each board, with a code that opens its program on a phone, and a tile for each client', async (t) => {
  if (!mayMakeNetworks()) return t.skip('this system lets nobody make a network namespace');
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-cards-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const lesson = [process.execPath, join(SUPPORT, 'cards-lesson.js'), folder];
  const script = join(SUPPORT, 'two-computers.sh');
  const room = new Program('unshare', [...NAMESPACES, 'bash', script, ...lesson]);
  t.after(() => room.end());

  assert.equal(await room.ended, 0, room.output);
  for (const part of ['cards', 'tiles'])
    assert.match(room.output, new RegExp(`^seen: ${part}$`, 'm'));
});
