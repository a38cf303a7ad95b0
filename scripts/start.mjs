// @ts-check
/**
 * `npm start`: builds what is out of date, starts the local broker and the pages, prints the
 * addresses, builds again when a source changes, and starts the broker again when it ends.
 * `npm start -- --help` says what can be chosen.
 */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { buildBroker, startBroker } from './broker.mjs';
import { build } from './build.mjs';
import { ensureEditor } from './editor.mjs';
import { main, root, say } from './run.mjs';
import { HELP, ensureFree, startOptions } from './start-options.mjs';
import { ensureNode, ensurePackages, ensureRust } from './tools.mjs';
import { watchSources } from './watch.mjs';

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
  const options = startOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    say(HELP);
    return;
  }
  const { host, ports, more } = options;
  // Before minutes of building, not after.
  await ensureFree(host, ports);

  ensureNode();
  await ensureRust();
  // What waits for the network beside what keeps the processor busy.
  await Promise.all([ensurePackages('.').then(ensureEditor), build(), buildBroker()]);

  const store = storeOf(ports['mqtt-port']);
  const broker = await startBroker({
    host,
    tcpPort: ports['mqtt-port'],
    webSocketPort: ports['ws-port'],
    pagesPort: ports['http-port'],
    store,
    more,
    onnotice: say,
  });
  printAddresses(host, broker);
  if (more.includes('--allow-null-origin')) say(NULL_ORIGIN_OPENS);
  watchSources();
  await keepRunning(host, broker, { store, more });
});

/**
 * Starts the program again whenever it ends, on the ports that it had.
 *
 * @param {string} host
 * @param {import('./broker.mjs').Broker} first
 * @param {{ store: string | undefined, more: string[] }} same As for the first.
 * @returns {Promise<never>}
 */
async function keepRunning(host, first, same) {
  const { tcpPort, webSocketPort, pagesPort } = first;
  const options = { host, tcpPort, webSocketPort, pagesPort, ...same, onnotice: say };
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
  say([...lines, '', '  Press Ctrl+C to stop.', ''].join('\n'));
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
