// @ts-check
/** The one file that a teacher starts: no Rust, no Node, no internet, and a lesson on two computers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePackage, packaged } from '../../scripts/package.mjs';
import { NAMESPACES, mayMakeNetworks } from './support/networks.js';
import { Program } from './support/programs.js';

const SUPPORT = fileURLToPath(new URL('support/', import.meta.url));

test('one file, started without arguments, is a lesson', async (t) => {
  if (!mayMakeNetworks()) return t.skip('this system lets nobody make a network namespace');
  await makePackage('server');
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-package-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const lesson = [process.execPath, join(SUPPORT, 'packaged-lesson.js'), packaged, folder];
  const script = join(SUPPORT, 'two-computers.sh');
  const room = new Program('unshare', [...NAMESPACES, 'bash', script, ...lesson]);
  t.after(() => room.end());

  assert.equal(await room.ended, 0, room.output);
  assert.equal(room.output.match(/^seen: /gm)?.length, 6, room.output);
});

test('nothing in the file tells where it was made', () => {
  const { HOME } = process.env;
  assert.equal(
    spawnSync('grep', ['-c', '-a', '-F', `${HOME}/.cargo`, packaged])
      .stdout.toString()
      .trim(),
    '0',
  );
});
