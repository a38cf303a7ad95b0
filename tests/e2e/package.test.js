// @ts-check
/** The one file that a teacher starts: no Rust, no Node, no internet, and a lesson on two computers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { EDITOR, EDITOR_SOURCE } from '../../scripts/editor.mjs';
import { NOTICES } from '../../scripts/notices.mjs';
import { makePackage } from '../../scripts/package.mjs';
import { root } from '../../scripts/run.mjs';
import { SBOM } from '../../scripts/sbom.mjs';
import { NAMESPACES, mayMakeNetworks } from './support/networks.js';
import { Program } from './support/programs.js';

const SUPPORT = fileURLToPath(new URL('support/', import.meta.url));

/** @type {string} */
let folder;
/** Not where `npm run package` makes it: that one is optimized. @type {string} */
let file;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-package-'));
  file = join(folder, 'scratch-mqtt');
  await makePackage(file, 'server');
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

test('one file, started without arguments, is a lesson', async (t) => {
  if (!mayMakeNetworks()) return t.skip('this system lets nobody make a network namespace');
  const lesson = [process.execPath, join(SUPPORT, 'packaged-lesson.js'), file, folder];
  const script = join(SUPPORT, 'two-computers.sh');
  const room = new Program('unshare', [...NAMESPACES, 'bash', script, ...lesson]);
  t.after(() => room.end());

  assert.equal(await room.ended, 0, room.output);
  assert.equal(room.output.match(/^seen: /gm)?.length, 9, room.output);
});

test('the file says which build it is', () => {
  const { build } = JSON.parse(readFileSync(join(root, 'dist', 'build.json'), 'utf8'));

  const { status, stdout } = spawnSync(file, ['--version']);

  assert.equal(status, 0);
  assert.equal(stdout.toString(), `scratch-mqtt ${build}\n`);
});

test('beside the file lie the notices and the list of all that is in it', async () => {
  const notices = readFileSync(`${file}-${NOTICES}`, 'utf8');
  const list = readFileSync(file + SBOM, 'utf8');
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

  assert.equal(await validator.validate(list), null);
  /** @type {string[]} */
  const names = JSON.parse(list).components.map((/** @type {any} */ { name }) => name);
  for (const name of ['mqtt5', 'tokio', 'rust-std', 'mqttbytes', 'aedes', 'uplot', EDITOR.name]) {
    assert.ok(names.includes(name), name);
  }
  for (const name of names) assert.ok(notices.includes(`\n${name} `), name);
  assert.ok(notices.includes(`: AGPL-3.0-only; text`));
  assert.ok(notices.includes(`\n    ${EDITOR_SOURCE}\n`));
});

test('nothing in the file tells where it was made', () => {
  const { HOME } = process.env;
  const { stdout } = spawnSync('grep', ['-c', '-a', '-F', `${HOME}/.cargo`, file]);
  assert.equal(stdout.toString().trim(), '0');
});
