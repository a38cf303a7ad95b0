// @ts-check
// Without a network each step says what to do, whichever program it runs.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NO_NETWORK, Problem, root, run } from '../../scripts/run.mjs';
import { npm } from '../../scripts/tools.mjs';

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-network-'));
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** @param {string} command @param {string[]} args @param {Record<string, string>} [env] */
const failing = (command, args, env = {}) =>
  run('Fetching', command, args, {
    cwd: folder,
    env: { HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, ...env },
    hint: 'another hint',
  }).then(
    () => assert.fail('it reached a server'),
    (/** @type {unknown} */ problem) => {
      assert.ok(problem instanceof Problem);
      return problem.message;
    },
  );

test('cargo', async () => {
  copyFileSync(join(root, 'Cargo.lock'), join(folder, 'Cargo.lock'));
  const manifest = '[package]\nname = "x"\nversion = "0.1.0"\n[dependencies]\nmqttbytes = "0.6"\n';
  writeFileSync(join(folder, 'Cargo.toml'), manifest);
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'lib.rs'), '');

  const message = await failing('cargo', ['fetch'], {
    CARGO_HOME: join(folder, 'cargo'),
    CARGO_NET_RETRY: '0',
  });

  assert.ok(message.endsWith(NO_NETWORK), message);
});

test('npm', async () => {
  writeFileSync(join(folder, 'package.json'), '{"dependencies":{"fflate":"0.8.3"}}');
  const { command, args } = npm('install', '--cache', join(folder, 'npm'), '--fetch-retries=0');

  const message = await failing(command, args, {
    npm_config_proxy: NOWHERE,
    npm_config_https_proxy: NOWHERE,
    npm_config_noproxy: '',
  });

  assert.ok(message.endsWith(NO_NETWORK), message);
});

test('what fails for another reason has its own hint', async () => {
  const message = await failing(process.execPath, ['-e', 'process.exit(1)']);

  assert.ok(message.endsWith('another hint'), message);
});
