// @ts-check
/** The one file that a teacher starts: no Rust, no Node, no internet, and a lesson on two computers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { chromium } from 'playwright-core';
import { EDITOR, EDITOR_SOURCE } from '../../scripts/editor.mjs';
import { NOTICES } from '../../scripts/notices.mjs';
import { packNpm } from '../../scripts/npm.mjs';
import { makePackage, packaged } from '../../scripts/package.mjs';
import { root } from '../../scripts/run.mjs';
import { SBOM } from '../../scripts/sbom.mjs';
import { EXECUTABLE } from './support/browser.js';
import { NAMESPACES, mayMakeNetworks } from './support/networks.js';
import { startRegistry } from './support/npm-registry.js';
import { bareComputer, ranOn, startServer } from './support/npx.js';
import { answers } from './support/ports.js';
import { Program } from './support/programs.js';
import { until } from './support/wait.js';

const SUPPORT = fileURLToPath(new URL('support/', import.meta.url));

/** @type {string} */
let folder;
/** Not where `npm run package` makes it: that one is optimized. @type {string} */
let file;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-package-'));
  file = join(folder, basename(packaged));
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

/** The npm packages with this file. @type {import('../../scripts/npm.mjs').Packed[]} */
let packed;

test('the npm package for this system has the file, and says what it needs', async () => {
  packed = await packNpm({ folder: join(folder, 'npm'), programs: [file] });
  const [main, own] = packed;
  const { platform, arch, report } = process;

  assert.equal(own?.name, `scratch-mqtt-${platform}-${arch}`);
  assert.deepEqual(own?.contains, [
    ...['LICENSE', 'README.md', NOTICES, 'bin/scratch-mqtt', `bin/scratch-mqtt${SBOM}`],
    'package.json',
  ]);
  const manifest = manifestOf(own.name);
  assert.deepEqual([manifest.os, manifest.cpu, manifest.libc], [[platform], [arch], ['glibc']]);
  assert.match(manifest.glibc, /^2\.\d+$/);
  const here = /** @type {any} */ (report.getReport()).header.glibcVersionRuntime;
  assert.ok(Number(manifest.glibc.slice(2)) <= Number(here.slice(2)), `${manifest.glibc}, ${here}`);
  assert.deepEqual(manifestOf('scratch-mqtt').optionalDependencies, {
    [own.name]: manifest.version,
  });
  const readme = readFileSync(join(folder, 'npm', own.name, 'README.md'), 'utf8');
  assert.ok(readme.includes(`<${EDITOR_SOURCE}>`));
  assert.ok(readme.includes('AGPL-3.0-only'));
  assert.ok((main?.bytes ?? Infinity) < 1_500_000, `${main?.bytes}`);
  assert.ok(own.bytes < 120_000_000, `${own.bytes}`);
});

/** @param {string} name */
const manifestOf = (name) =>
  JSON.parse(readFileSync(join(folder, 'npm', name, 'package.json'), 'utf8'));

test('npx fetches both packages, without Rust, and starts what npm chose for this system', async (t) => {
  const registry = await startRegistry(packed);
  t.after(() => registry.close());
  const computer = join(folder, 'with-registry');
  const where = { env: bareComputer(computer, registry.origin), cwd: join(computer, 'home') };

  const help = await ranOn('npx', ['--yes', 'scratch-mqtt', '--help'], where);
  const wrong = await ranOn('npx', ['--yes', 'scratch-mqtt', '--no-such-option'], where);

  assert.equal(help.code, 0, help.output);
  assert.match(help.output, /^The class server: a broker for MQTT/m);
  const direct = spawnSync(file, ['--no-such-option']);
  assert.notEqual(direct.status, 0);
  assert.equal(wrong.code, direct.status, wrong.output);
  assert.ok(wrong.output.includes(direct.stderr.toString()), wrong.output);
  assert.ok(registry.asked.includes(`scratch-mqtt-${process.platform}-${process.arch}`));
});

test('from the two files npx starts a lesson, and who ends npx or the script ends it', async (t) => {
  const computer = join(folder, 'from-files');
  const cwd = join(computer, 'home');
  const where = { env: bareComputer(computer), cwd };
  const files = packed.map((one) => one.file);
  const install = await ranOn('npm', ['install', '--no-audit', '--no-fund', ...files], where);
  assert.equal(install.code, 0, install.output);
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
  t.after(() => browser.close());

  const { program, ws, pages } = await startServer(
    join(String(where.env.PATH), 'npx'),
    ['scratch-mqtt'],
    where,
  );
  t.after(() => program.end());
  const page = await browser.newPage();
  await page.goto(`http://${pages}/?lang=en`);
  /** @type {string} */
  const received = await page.evaluate(async (url) => {
    const { default: init, MqttClient } = await import(String('/split/mqtt.mjs'));
    await init();
    const client = new MqttClient();
    const message = new Promise((resolve) => (client.onmessage = resolve));
    client.connect({ url });
    client.subscribe('room/+');
    client.publish('room/1', 'hello', 1);
    const { payload } = await message;
    return new TextDecoder().decode(payload);
  }, `ws://${ws}/mqtt`);
  assert.equal(received, 'hello');
  process.kill(program.pid, 'SIGTERM');
  await nobodyListens(ws);

  const script = join(cwd, 'node_modules', '.bin', 'scratch-mqtt');
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    const started = await startServer(script, [], where);
    t.after(() => started.program.end());

    process.kill(started.program.pid, signal);

    assert.equal(await started.program.ended, 0, signal);
    await nobodyListens(started.ws);
  }
});

/** @param {string} address */
function nobodyListens(address) {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  return until(`nobody to listen at ${address}`, async () => !(await answers(port)));
}
