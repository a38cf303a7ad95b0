// @ts-check
/**
 * `npm start`: builds what is out of date, starts the local broker and the pages, prints the
 * addresses, builds again when a source changes, and starts the broker again when it ends.
 *
 * | option or variable | default | what |
 * |---|---|---|
 * | `--host` | `127.0.0.1` | who can connect; `0.0.0.0` is everyone on the network |
 * | `--allow-origin` | – | a website whose pages may use the broker, beside the editors of `docs/hosts` |
 * | `--allow-null-origin` | no | pages without an origin may use it: sandboxed editors, but every website too |
 * | `--name` | – | one more name of this computer, which pages and projects may use |
 * | `--messages-per-second` | 50 | how fast one client may publish for long; 0 is without a bound |
 * | `HTTP_PORT` | 8000 | the pages; TurboWarp trusts this port only |
 * | `MQTT_PORT` | 1883 | the broker over TCP |
 * | `WS_PORT` | 8083 | the broker over WebSocket, path `/mqtt` |
 */
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBroker, startBroker } from './broker.mjs';
import { build } from './build.mjs';
import { ensureEditor } from './editor.mjs';
import { Problem, main, root, say } from './run.mjs';
import { ensureNode, ensurePackages, ensureRust } from './tools.mjs';
import { watchSources } from './watch.mjs';

const PORTS = /** @type {const} */ ({
  HTTP_PORT: [8000, 'the pages'],
  MQTT_PORT: [1883, 'the broker over TCP'],
  WS_PORT: [8083, 'the broker over WebSocket'],
});

const OPTIONS = `The options are --host, --allow-origin, --allow-null-origin, --name and --messages-per-second, as in:
  npm start -- --host 0.0.0.0
  npm start -- --allow-origin https://school.example`;
const NULL_ORIGIN_OPENS =
  '  --allow-null-origin: sandboxed editors may use the broker, and so may every website that asks for it.';

/** Where sessions and messages of the lesson are. With any free port it is in memory: nobody comes back to that one. */
const storeOf = (/** @type {number} */ mqttPort) =>
  mqttPort === 0 ? undefined : join(root, '.cache', 'lesson', String(mqttPort));

/** Between two starts of a broker that ends by itself, in milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A broker that ran for so long was all right, in milliseconds. */
const STEADY_MS = 60_000;

await main(async () => {
  const { host, more } = givenOptions();
  const ports = { http: port('HTTP_PORT'), mqtt: port('MQTT_PORT'), ws: port('WS_PORT') };
  // Before minutes of building, not after.
  for (const name of /** @type {(keyof typeof PORTS)[]} */ (Object.keys(PORTS))) {
    await ensureFree(host, name);
  }

  ensureNode();
  await ensureRust();
  // What waits for the network beside what keeps the processor busy.
  await Promise.all([ensurePackages('.').then(ensureEditor), build(), buildBroker()]);

  const broker = await startBroker({
    host,
    tcpPort: ports.mqtt,
    webSocketPort: ports.ws,
    pagesPort: ports.http,
    store: storeOf(ports.mqtt),
    more,
    onnotice: say,
  });
  printAddresses(host, broker);
  if (more.includes('--allow-null-origin')) say(NULL_ORIGIN_OPENS);
  watchSources();
  await keepRunning(host, broker, more);
});

/**
 * Starts the program again whenever it ends, on the ports that it had.
 *
 * @param {string} host
 * @param {import('./broker.mjs').Broker} first
 * @param {string[]} more
 * @returns {Promise<never>}
 */
async function keepRunning(host, first, more) {
  const { tcpPort, webSocketPort, pagesPort } = first;
  const store = storeOf(port('MQTT_PORT'));
  const options = { host, tcpPort, webSocketPort, pagesPort, store, more, onnotice: say };
  let { ended } = first;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const since = Date.now();
    await ended;
    if (Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
    say(
      '  The local broker ended by itself. It is started again; clients come back by themselves.',
    );
    /** @type {import('./broker.mjs').Broker | undefined} */
    let again;
    while (again === undefined) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      again = await startBroker(options).catch((error) => {
        say(`  ${error.message}`);
        return undefined;
      });
    }
    say('  The local broker runs again.');
    ended = again.ended;
  }
}

function givenOptions() {
  const text = /** @type {const} */ ({ type: 'string' });
  const several = /** @type {const} */ ({ type: 'string', multiple: true });
  try {
    const { values } = parseArgs({
      options: {
        host: text,
        'allow-origin': several,
        'allow-null-origin': { type: 'boolean' },
        name: several,
        'messages-per-second': { type: 'string', default: '50' },
      },
    });
    const most = values['messages-per-second'];
    if (!/^\d{1,6}$/.test(most)) {
      throw new Error(`--messages-per-second ${most} is not a number from 0 to 999999.`);
    }
    const more = [
      ...['--messages-per-second', most],
      ...(values['allow-origin'] ?? []).flatMap((origin) => ['--allow-origin', originOf(origin)]),
      ...(values.name ?? []).flatMap((one) => ['--name', one]),
      ...(values['allow-null-origin'] ? ['--allow-null-origin'] : []),
    ];
    return { host: values.host ?? '127.0.0.1', more };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Problem(`${message}\n${OPTIONS}`);
  }
}

/** People give the address of a page too. @param {string} text */
function originOf(text) {
  if (!URL.canParse(text) || new URL(text).origin === 'null') {
    throw new Error(`${text} is not the address of a website, as https://school.example is.`);
  }
  return new URL(text).origin;
}

/** @param {keyof typeof PORTS} name */
function port(name) {
  const text = process.env[name] ?? String(PORTS[name][0]);
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new Problem(`${name}=${text} is not a port: give a number from 0 (any free one) to 65535.`);
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
 * @param {import('./broker.mjs').Broker} broker
 */
function printAddresses(host, { tcpPort, webSocketPort, pagesPort }) {
  const lines = addressesOf(host).flatMap((name) => [
    '',
    `  Start page   http://${name}:${pagesPort}/`,
    `  Editor       http://${name}:${pagesPort}/editor`,
    ...(name === 'localhost' ? [`  Class        http://${name}:${pagesPort}/class`] : []),
    `  Extension    http://${name}:${pagesPort}/mqtt.js`,
    `  Broker       ws://${name}:${webSocketPort}/mqtt   and   mqtt://${name}:${tcpPort}`,
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
