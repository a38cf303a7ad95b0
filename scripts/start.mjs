// @ts-check
/**
 * `npm start`: builds what is out of date, starts a local broker and a file server, prints the
 * addresses, and builds again when a source changes.
 *
 * | option or variable | default | what |
 * |---|---|---|
 * | `--host` | `127.0.0.1` | who can connect; `0.0.0.0` is everyone on the network |
 * | `HTTP_PORT` | 8000 | the pages; TurboWarp trusts this port only |
 * | `MQTT_PORT` | 1883 | the broker over TCP |
 * | `WS_PORT` | 8083 | the broker over WebSocket, path `/mqtt` |
 */
import { existsSync, watch } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBroker, startBroker } from './broker.mjs';
import { build } from './build.mjs';
import { ensureEditor } from './editor.mjs';
import { serveFiles } from './files.mjs';
import { Problem, main, root, say } from './run.mjs';
import { ensureNode, ensurePackages, ensureRust } from './tools.mjs';

const PORTS = /** @type {const} */ ({
  HTTP_PORT: [8000, 'the pages'],
  MQTT_PORT: [1883, 'the broker over TCP'],
  WS_PORT: [8083, 'the broker over WebSocket'],
});

/** How long sources must rest before they are built again, in milliseconds: editors save in steps. */
const REST_MS = 150;

await main(async () => {
  const host = hostOption() ?? '127.0.0.1';
  const ports = { http: port('HTTP_PORT'), mqtt: port('MQTT_PORT'), ws: port('WS_PORT') };
  // Before minutes of building, not after.
  for (const name of /** @type {(keyof typeof PORTS)[]} */ (Object.keys(PORTS))) {
    await ensureFree(host, name);
  }

  ensureNode();
  await ensureRust();
  // What waits for the network beside what keeps the processor busy.
  await Promise.all([ensurePackages('.').then(ensureEditor), build(), buildBroker()]);

  const broker = await startBroker({ host, tcpPort: ports.mqtt, webSocketPort: ports.ws });
  const files = await serveFiles({ host, port: ports.http, broker: brokerPorts(broker) });
  printAddresses(host, files.port, broker);
  watchSources();
  await broker.ended;
  files.close();
  throw new Problem('The local broker ended. Start again with: npm start');
});

function hostOption() {
  try {
    return parseArgs({ options: { host: { type: 'string' } } }).values.host;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Problem(`${message}\nThe only option is --host, as in: npm start -- --host 0.0.0.0`);
  }
}

/** @param {keyof typeof PORTS} name */
function port(name) {
  const text = process.env[name] ?? String(PORTS[name][0]);
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new Problem(`${name}=${text} is not a port: give a number from 0 (any free one) to 65535.`);
}

/** @param {{ tcpPort: number, webSocketPort: number }} broker */
function brokerPorts({ tcpPort, webSocketPort }) {
  return { tcpPort, webSocketPort };
}

/**
 * @param {string} host
 * @param {keyof typeof PORTS} name
 */
function ensureFree(host, name) {
  const number = port(name);
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      reject(new Problem(notFree(host, name, number, code)));
    });
    probe.listen(number, host, () => probe.close(resolve));
  });
}

/**
 * @param {string} host
 * @param {keyof typeof PORTS} name
 * @param {number} number
 * @param {string | undefined} code
 */
function notFree(host, name, number, code) {
  const what = PORTS[name][1];
  if (code === 'EADDRINUSE') {
    return (
      `Port ${number} (${what}) is taken by another program. End that program ` +
      `(perhaps a second npm start, or a mosquitto service), or choose another port: ${name}=${number + 1000} npm start`
    );
  }
  if (code === 'EADDRNOTAVAIL') return `${host} is not an address of this computer.`;
  return `Port ${number} (${what}) cannot be used (${code}). Choose another: ${name}=${number + 8000} npm start`;
}

/**
 * @param {string} host
 * @param {number} httpPort
 * @param {{ tcpPort: number, webSocketPort: number }} broker
 */
function printAddresses(host, httpPort, broker) {
  const lines = addressesOf(host).flatMap((name) => [
    '',
    `  Start page   http://${name}:${httpPort}/`,
    `  Editor       http://${name}:${httpPort}/editor`,
    `  Extension    http://${name}:${httpPort}/mqtt.js`,
    `  Broker       ws://${name}:${broker.webSocketPort}/mqtt   and   mqtt://${name}:${broker.tcpPort}`,
  ]);
  say([...lines, '', '  Ctrl-C ends it.', ''].join('\n'));
}

/** @param {string} host */
function addressesOf(host) {
  if (host === '127.0.0.1' || host === '::1') return ['localhost'];
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === 'IPv4' && !address.internal);
  return ['localhost', ...others.map((address) => address.address)];
}

/** Builds again, one build at a time, when something changed. */
function watchSources() {
  /** @type {NodeJS.Timeout | undefined} */
  let rest;
  let building = false;
  let again = false;
  const rebuild = async () => {
    if (building) {
      again = true;
      return;
    }
    building = true;
    do {
      again = false;
      await build().then(
        () => say('  Built again: reload the page.'),
        (error) => say(error.message),
      );
    } while (again);
    building = false;
  };
  for (const folder of ['src', 'extension', 'www/convert']) {
    if (!existsSync(join(root, folder))) continue;
    watch(join(root, folder), { recursive: true }, () => {
      clearTimeout(rest);
      rest = setTimeout(rebuild, REST_MS);
    });
  }
}
