// @ts-check
/** The configurations that pages show, with the real programs: their commands, their files, and a client. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import mqtt from 'mqtt';
import { Cleanup } from '../e2e/support/cleanup.js';
import { startLocalBroker } from '../e2e/support/local-broker.js';
import { plugin } from '../e2e/support/mosquitto.js';
import { nginxSettings } from '../e2e/support/nginx.js';
import { startNats } from '../e2e/support/nats.js';
import { NodeClient } from '../e2e/support/node-client.js';
import { LOOPBACK, answers, freePorts } from '../e2e/support/ports.js';
import { Program, run } from '../e2e/support/programs.js';
import { startRabbitMq } from '../e2e/support/rabbitmq.js';
import { until } from '../e2e/support/wait.js';
import { root } from '../../scripts/run.mjs';
import { blocksRunAs } from './support/pages.js';
import { fileOf } from './support/project.js';

/** Of the certificate that the page for TLS makes. */
const NAME = 'mqtt.school.example';
/** As `add_user`, `mosquitto_passwd` and `authorization` of the pages have it. */
const PASSWORD = 'test';

const cleanup = new Cleanup();
/** Stands for `/etc/mosquitto` and `/etc/nginx`. */
let etc = '';

before(() => {
  etc = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-operators-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  for (const { code } of blocksRunAs('mosquitto').filter((it) => fileOf(it) === 'commands'))
    run('bash', ['-euc', code.replaceAll('/etc/mosquitto', etc)]);
});
after(() => cleanup.run());

/** The code of one block. @param {string} kind @param {string} file */
function blockOf(kind, file) {
  const blocks = blocksRunAs(kind).filter((block) => fileOf(block) === file);
  assert.equal(blocks.length, 1, `blocks of ${kind} as ${file}`);
  return String(blocks[0]?.code);
}

/** Logs in, and a message comes back. @param {string} url @param {string} username */
async function comesBack(url, username) {
  const client = await NodeClient.connect({ url, username, password: PASSWORD });
  await client.subscribe('room/1', 1);
  await client.publish({ topic: 'room/1', payload: 'hello', qos: 1 });
  await client.untilTexts(['hello']);
  client.die();
}

/** @param {string} url @param {object} [login] */
async function isRefused(url, login = {}) {
  const client = new NodeClient({ url, reconnect: false, ...login });
  const { reason } = await client.untilEvent('disconnected');
  client.die();
  assert.match(reason.code, /^(refused|closed-before-connack)$/);
}

/** As a computer does that trusts the authority of the page. @param {number} port @param {object} [login] */
function connectSafely(port, login = {}) {
  /** @type {import('node:net').LookupFunction} */
  const lookup = (_, options, found) =>
    options.all ? found(null, [{ address: LOOPBACK, family: 4 }]) : found(null, LOOPBACK, 4);
  return mqtt.connectAsync(`wss://${NAME}:${port}/mqtt`, {
    ca: readFileSync(join(etc, 'certs', 'authority.crt')),
    reconnectPeriod: 0,
    wsOptions: { lookup },
    ...login,
  });
}

/** @param {string} command @param {string[]} args @param {number[]} ports */
async function startProgram(command, args, ports) {
  const program = cleanup.add(new Program(command, args), (it) => it.end());
  await until(
    `${command} to listen`,
    async () => {
      if (!program.isRunning) throw new Error(`${command} ended: ${program.output}`);
      return (await Promise.all(ports.map(answers))).every(Boolean);
    },
    { seen: () => program.output },
  );
}

describe('mosquitto', () => {
  let ws = 0;
  let wss = 0;

  before(async () => {
    const [tcp = 0, ...others] = await freePorts(3);
    [ws = 0, wss = 0] = others;
    const configuration = join(etc, 'mosquitto.conf');
    const lines = blockOf('mosquitto', 'class.conf') + blockOf('mosquitto', 'tls.conf');
    writeFileSync(
      configuration,
      // A mosquitto started by root becomes another user, who cannot read the key.
      (process.getuid?.() === 0 ? 'user root\n' : '') +
        lines
          .replaceAll('/etc/mosquitto', etc)
          .replace('listener 1883', `listener ${tcp} ${LOOPBACK}`)
          .replace('listener 8083', `listener ${ws} ${LOOPBACK}`)
          .replace('listener 8084', `listener ${wss} ${LOOPBACK}`),
    );
    await startProgram('mosquitto', ['-c', configuration], [tcp, ws, wss]);
  });

  test('takes the login of the page, and no other', async () => {
    await comesBack(`ws://${LOOPBACK}:${ws}/mqtt`, 'guest');
    await isRefused(`ws://${LOOPBACK}:${ws}/mqtt`);
    await isRefused(`ws://${LOOPBACK}:${ws}/mqtt`, { username: 'guest', password: 'wrong' });
  });

  test('speaks TLS with the certificate of the page', async () => {
    const client = await connectSafely(wss, { username: 'guest', password: PASSWORD });

    assert.equal(client.connected, true);
    await client.endAsync();
  });
});

test('rights of a class in mosquitto: its own topics, and no others', async () => {
  const [tcp = 0, ws = 0] = await freePorts(2);
  run('mosquitto_ctrl', ['dynsec', 'init', join(etc, 'rights.json'), 'admin', 'secret']);
  const configuration = join(etc, 'rights.conf');
  writeFileSync(
    configuration,
    (process.getuid?.() === 0 ? 'user root\n' : '') +
      blockOf('mosquitto', 'rights.conf')
        .replaceAll('/etc/mosquitto', etc)
        .replace(/^plugin .*$/m, `plugin ${plugin('mosquitto_dynamic_security.so')}`)
        .replace('listener 1883', `listener ${tcp} ${LOOPBACK}`)
        .replace('listener 8083', `listener ${ws} ${LOOPBACK}`),
  );
  await startProgram('mosquitto', ['-c', configuration], [tcp, ws]);
  const commands = blockOf('mosquitto', 'rights').replace(
    '-h localhost -p 1883',
    `-h ${LOOPBACK} -p ${tcp}`,
  );
  run('bash', ['-euc', commands]);

  const login = { username: 'class-5a', password: PASSWORD };
  const client = await NodeClient.connect({ url: `ws://${LOOPBACK}:${ws}/mqtt`, ...login });
  await client.subscribe('class-5a/test', 1);
  await client.publish({ topic: 'class-5a/test', payload: 'hello', qos: 1 });
  await client.untilTexts(['hello']);
  client.request('class-5b/test');
  const { filter } = await client.untilEvent('subscribeFailed');
  assert.equal(filter, 'class-5b/test');
  client.die();
});

test('accounts of NATS: the same topic of two classes is two topics', async () => {
  const [own = 0, tcp = 0, ws = 0] = await freePorts(3);
  const configuration = join(etc, 'nats-accounts.conf');
  const lines = blockOf('nats', 'nats.conf').replace(/^authorization .*$/m, '');
  writeFileSync(
    configuration,
    (lines + blockOf('nats', 'accounts.conf'))
      .replace('/var/lib/nats', join(etc, 'nats-accounts'))
      .replace('port: 1883', `listen: "${LOOPBACK}:${tcp}"`)
      .replace('port: 8083', `listen: "${LOOPBACK}:${ws}"`),
  );
  const args = ['--config', configuration, '--addr', LOOPBACK, '--port', String(own)];
  await startProgram('nats-server', args, [tcp, ws]);
  const url = `ws://${LOOPBACK}:${ws}/mqtt`;
  const join5 = (/** @type {string} */ username) =>
    NodeClient.connect({ url, username, password: PASSWORD });
  const [one, other] = [await join5('class-5a'), await join5('class-5b')];
  await one.subscribe('test', 1);

  await other.publish({ topic: 'test', payload: 'of 5b', qos: 1 });
  await one.publish({ topic: 'test', payload: 'of 5a', qos: 1 });

  await one.untilTexts(['of 5a']);
  assert.deepEqual(one.texts, ['of 5a']);
  one.die();
  other.die();
});

test('the configuration of NATS', async () => {
  const [own = 0, tcp = 0, ws = 0] = await freePorts(3);
  const configuration = join(etc, 'nats.conf');
  writeFileSync(
    configuration,
    blockOf('nats', 'nats.conf')
      .replace('/var/lib/nats', join(etc, 'nats'))
      .replace('port: 1883', `listen: "${LOOPBACK}:${tcp}"`)
      .replace('port: 8083', `listen: "${LOOPBACK}:${ws}"`),
  );
  const args = ['--config', configuration, '--addr', LOOPBACK, '--port', String(own)];
  await startProgram('nats-server', args, [tcp, ws]);

  await comesBack(`ws://${LOOPBACK}:${ws}/mqtt`, 'guest');
  await isRefused(`ws://${LOOPBACK}:${ws}/mqtt`);
});

test('the configuration and commands of RabbitMQ', async () => {
  const lines = blockOf('rabbitmq', 'rabbitmq.conf');
  const broker = cleanup.add(
    await startRabbitMq(join(etc, 'rabbitmq'), (port) =>
      lines.replace('= 8083', `= ${port}`).trim().split('\n'),
    ),
    (it) => it.stop(),
  );
  const blocks = ['commands', 'rights', 'policy'].map((file) => blockOf('rabbitmq', file));
  const commands = new Program('bash', ['-euc', blocks.join('')], {
    // Beside the wrappers in the PATH, which change to another user.
    env: { ...broker.env, PATH: `/usr/lib/rabbitmq/bin:${process.env.PATH}` },
  });
  assert.equal(await commands.ended, 0, commands.output);

  await comesBack(broker.ws, 'guest-class');
  await comesBack(broker.ws, 'class-5a:class-5a');
  await isRefused(broker.ws);
});

describe('nginx', () => {
  /** @type {import('../e2e/support/local-broker.js').LocalBroker} */
  let broker;
  let proxyPort = 0;
  let filesPort = 0;
  let clusterPort = 0;
  /** @type {import('../e2e/support/nats.js').Nats} */
  let nats;

  before(async () => {
    broker = cleanup.add(await startLocalBroker(), (it) => it.stop());
    nats = cleanup.add(await startNats(join(etc, 'nats-behind')), (it) => it.stop());
    let nobody = 0;
    [proxyPort = 0, filesPort = 0, clusterPort = 0, nobody = 0] = await freePorts(4);
    const folder = join(etc, 'nginx');
    mkdirSync(folder);
    const files = join(folder, 'files');
    mkdirSync(join(files, 'v', '1.2.3'), { recursive: true });
    for (const name of ['mqtt.js', 'mqtt.js.gz', 'split', 'v/1.2.3/mqtt.js']) {
      symlinkSync(join(root, 'dist', name.replace('v/1.2.3/', '')), join(files, name));
    }
    symlinkSync(join(root, 'www', 'not-found.html'), join(files, '404.html'));
    const server = (/** @type {string} */ file, /** @type {number} */ port) =>
      blockOf('nginx', file)
        .replace('listen 443', `listen ${LOOPBACK}:${port}`)
        .replaceAll('/etc/nginx', etc)
        .replace('/var/www/scratch-mqtt', files)
        .replace('127.0.0.1:8083', new URL(broker.ws).host)
        .replace('10.0.0.1:8083', `${LOOPBACK}:${nobody}`)
        .replace('10.0.0.2:8083', new URL(nats.ws).host);
    const servers = [
      server('proxy', proxyPort),
      server('hosting', filesPort),
      server('cluster', clusterPort),
    ].join('\n');
    writeFileSync(join(folder, 'nginx.conf'), nginxSettings(folder, servers));
    const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
    await startProgram('nginx', args, [proxyPort, filesPort, clusterPort]);
  });

  test('carries wss:// to a broker that has no TLS', async () => {
    const client = await connectSafely(proxyPort);

    assert.equal(client.connected, true);
    await client.endAsync();
  });

  test('leads past a broker that is gone', async () => {
    for (let count = 0; count < 4; count += 1) {
      const client = await connectSafely(clusterPort, nats.login);
      assert.equal(client.connected, true);
      await client.endAsync();
    }
  });

  test('gives the extension to every website, packed, and asks whether it is still the same', async () => {
    const first = await ask('/mqtt.js', { 'accept-encoding': 'gzip' });
    const again = await ask('/mqtt.js', {
      'accept-encoding': 'gzip',
      'if-none-match': String(first.headers.etag),
    });
    const wasm = await ask('/split/mqtt_bg.wasm', {});

    assert.equal(first.statusCode, 200);
    assert.equal(first.headers['access-control-allow-origin'], '*');
    assert.equal(first.headers['content-encoding'], 'gzip');
    assert.match(String(first.headers['content-type']), /^text\/javascript; charset=utf-8$/);
    assert.equal(first.headers['cache-control'], 'no-cache');
    assert.equal(again.statusCode, 304);
    assert.equal(wasm.headers['content-type'], 'application/wasm');
  });

  test('lets browsers keep what is of one version, and answers a wrong address with a page', async () => {
    const version = await ask('/v/1.2.3/mqtt.js', {});
    const following = await ask('/v/1/mqtt.js', {});

    assert.equal(version.statusCode, 200);
    assert.match(String(version.headers['cache-control']), /immutable/);
    assert.equal(version.headers['access-control-allow-origin'], '*');
    assert.equal(following.statusCode, 404);
    assert.equal(following.headers['content-type'], 'text/html; charset=utf-8');
  });

  /** @param {string} path @param {Record<string, string>} headers @returns {Promise<import('node:http').IncomingMessage>} */
  function ask(path, headers) {
    return new Promise((resolve, reject) => {
      request(
        { host: LOOPBACK, port: filesPort, path, headers, rejectUnauthorized: false },
        (response) => resolve(response.resume()),
      )
        .on('error', reject)
        .end();
    });
  }
});
