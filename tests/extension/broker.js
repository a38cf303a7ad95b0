// @ts-check
// A real mosquitto on this computer, with free ports, for the time of a test.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';

/** How long a program may take to do what is expected of it, in milliseconds. */
const LIMIT_MS = 10_000;

/** Debian puts it where ordinary users do not look. */
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/**
 * Starts a broker with a WebSocket listener, and one for programs.
 *
 * @param {object} [options]
 * @param {[string, string]} [options.login] the only user, and the password
 */
export async function startBroker({ login } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'scratch-mqtt-'));
  const passwords = join(folder, 'passwords');
  const [webSocketPort, tcpPort] = [await freePort(), await freePort()];
  if (login) execFileSync('mosquitto_passwd', ['-b', '-c', passwords, ...login], { env: { PATH } });
  writeFileSync(
    join(folder, 'mosquitto.conf'),
    [
      `listener ${webSocketPort} 127.0.0.1`,
      'protocol websockets',
      `listener ${tcpPort} 127.0.0.1`,
      // It would give up its rights, and then not be able to read the passwords.
      `user ${process.getuid?.() === 0 ? 'root' : 'mosquitto'}`,
      login ? `allow_anonymous false\npassword_file ${passwords}` : 'allow_anonymous true',
      '',
    ].join('\n'),
  );
  const broker = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], {
    env: { PATH },
    stdio: 'ignore',
  });
  const failed = once(broker, 'error').then(([error]) => {
    throw new Error(`mosquitto does not start (${error.message}): apt-get install mosquitto`);
  });
  const ended = once(broker, 'exit');
  await Promise.race([failed, listening(webSocketPort)]);

  const user = login ? ['-u', login[0], '-P', login[1]] : [];
  const [username, password] = login ?? [];
  /** A test that fails does not stop them. @type {Set<import('node:child_process').ChildProcess>} */
  const programs = new Set();
  const asProgram = ['-h', '127.0.0.1', '-p', String(tcpPort), ...user];

  return {
    url: `ws://127.0.0.1:${webSocketPort}`,
    address: `127.0.0.1:${webSocketPort}`,
    /** Publishes one message as a program outside. @param {string} topic @param {string | Uint8Array} payload */
    publish: (topic, payload) => {
      execFileSync('mosquitto_pub', [...asProgram, '-t', topic, '-s'], {
        input: payload,
        timeout: LIMIT_MS,
      });
    },
    /**
     * Publishes these one after the other as a program outside: MQTT.js, since `mosquitto_pub -l` does
     * not end in one of some thousand runs.
     *
     * @param {string} topic
     * @param {string[]} payloads
     */
    publishAll: async (topic, payloads) => {
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${tcpPort}`, {
        ...(username === undefined ? {} : { username, password }),
        connectTimeout: LIMIT_MS,
        reconnectPeriod: 0,
      });
      for (const payload of payloads) client.publish(topic, payload);
      await client.endAsync();
    },
    /** Subscribes as a program outside. @param {string} topic */
    subscribe: (topic) => {
      const program = spawn('mosquitto_sub', [...asProgram, '-t', topic, '-v'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      programs.add(program);
      let output = '';
      program.stdout.setEncoding('utf8').on('data', (text) => (output += text));
      return {
        /** `topic payload`, in order. */
        lines: () => output.split('\n').slice(0, -1),
        stop: () => program.kill(),
      };
    },
    stop: async () => {
      for (const program of programs) program.kill();
      broker.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Waits until something is so. @param {() => unknown} isSo @param {string} what */
export async function until(isSo, what) {
  const end = Date.now() + LIMIT_MS;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {number} port */
async function listening(port) {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    if (Date.now() > end) throw new Error('mosquitto does not listen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
