// @ts-check
/** What `npm start` was asked to do, and whether it can listen there. */
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Problem } from './run.mjs';

/** Each option, its variable in the environment, its default, and what it is for. */
const PORTS = /** @type {const} */ ({
  'http-port': ['HTTP_PORT', 8000, 'the pages'],
  'mqtt-port': ['MQTT_PORT', 1883, 'the broker over TCP'],
  'ws-port': ['WS_PORT', 8083, 'the broker over WebSocket'],
});

/** @typedef {keyof typeof PORTS} PortName */
/** @typedef {Record<PortName, number>} Ports */

const NAMES = /** @type {PortName[]} */ (Object.keys(PORTS));

/** How many more a proposed port has than one that is taken. */
const FURTHER = 1000;

export const HELP = `npm start -- [options]

Builds what has changed, and starts the class server: a broker, the Scratch editor with the blocks, and the pages.
The first time it compiles for some minutes and downloads 150 MB. Then it prints the addresses, and builds again
whenever a file changes. Press Ctrl+C to stop.

  --host ADDRESS             who can connect: 127.0.0.1, this computer only, is the default;
                             0.0.0.0 is everyone on the network
  --http-port NUMBER         the pages, 8000; TurboWarp loads the extension without asking from 8000 only
  --mqtt-port NUMBER         the broker over TCP, for boards and programs, 1883
  --ws-port NUMBER           the broker over WebSocket, 8083; /mqtt of the pages is the same
  --allow-origin WEBSITE     a website whose pages may use the broker, beside the editors of docs/editors;
                             more than once for several
  --allow-null-origin        pages without an origin may use it: sandboxed editors, but every website too
  --name NAME                one more name of this computer, which pages and projects may use
  --class-word WORD          what other computers type to be let in, and boards have as password; without it there
                             is another one for each lesson, shown on the class page
  --no-class-word            they need none: whoever can reach this computer is let in
  --messages-per-second NUMBER   how fast one client may publish for long, 50; 0: no limit
  --help                     this text

In the environment HTTP_PORT, MQTT_PORT and WS_PORT do the same as the options. Port 0 is any free one.

  npm start -- --host 0.0.0.0
  npm start -- --allow-origin https://school.example`;

/**
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {{ host: string, ports: Ports, more: string[] } | 'help'} `more`: for the program behind
 */
export function startOptions(args, env) {
  const text = /** @type {const} */ ({ type: 'string' });
  const several = /** @type {const} */ ({ type: 'string', multiple: true });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    const { values } = parseArgs({
      args,
      options: {
        host: text,
        'http-port': text,
        'mqtt-port': text,
        'ws-port': text,
        'allow-origin': several,
        'allow-null-origin': flag,
        name: several,
        'class-word': text,
        'no-class-word': flag,
        'messages-per-second': { ...text, default: '50' },
        help: { ...flag, short: 'h' },
      },
    });
    if (values.help) return 'help';
    const most = values['messages-per-second'];
    if (!/^\d{1,6}$/.test(most)) {
      throw new Error(`--messages-per-second ${most} is not a number from 0 to 999999.`);
    }
    const more = [
      ...['--messages-per-second', most],
      ...(values['allow-origin'] ?? []).flatMap((origin) => ['--allow-origin', originOf(origin)]),
      ...(values.name ?? []).flatMap((one) => ['--name', one]),
      ...wordIn(values),
      ...(values['allow-null-origin'] ? ['--allow-null-origin'] : []),
    ];
    const ports = NAMES.map((name) => [name, port(name, values[name], env)]);
    return { host: values.host ?? '127.0.0.1', ports: Object.fromEntries(ports), more };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Problem(`${message}\nAll options: npm start -- --help`);
  }
}

/** @param {{ 'class-word'?: string, 'no-class-word'?: boolean }} values */
function wordIn({ 'class-word': word, 'no-class-word': none }) {
  if (word === undefined) return none ? ['--no-class-word'] : [];
  if (none) throw new Error('--class-word and --no-class-word are opposites: give one of them.');
  const letters = word.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (letters < 4 || letters > 40) {
    throw new Error(`--class-word ${word} has not 4 to 40 letters and digits.`);
  }
  return ['--class-word', word];
}

/** People give the address of a page too. @param {string} text */
function originOf(text) {
  if (!URL.canParse(text) || new URL(text).origin === 'null') {
    throw new Error(`${text} is not the address of a website, as https://school.example is.`);
  }
  return new URL(text).origin;
}

/**
 * @param {PortName} name
 * @param {string | undefined} given
 * @param {Record<string, string | undefined>} env
 */
function port(name, given, env) {
  const [variable, usual] = PORTS[name];
  const [what, text] =
    given === undefined ? [`${variable}=`, env[variable] ?? String(usual)] : [`--${name} `, given];
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error(`${what}${text} is not a port: give a number from 0 (any free one) to 65535.`);
}

/**
 * Throws what hinders, all of it at once.
 *
 * @param {string} host
 * @param {Ports} ports
 */
export async function ensureFree(host, ports) {
  const found = await Promise.all(NAMES.map((name) => hindrance(host, name, ports[name])));
  const problems = [...new Set(found.filter(Boolean))];
  if (problems.length > 0) throw new Problem(problems.join('\n'));
}

/**
 * @param {string} host
 * @param {PortName} name
 * @param {number} number
 * @returns {Promise<string | undefined>}
 */
function hindrance(host, name, number) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      resolve(sentence(host, name, number, code));
    });
    probe.listen(number, host, () => probe.close(() => resolve(undefined)));
  });
}

/**
 * @param {string} host
 * @param {PortName} name
 * @param {number} number
 * @param {string | undefined} code
 */
function sentence(host, name, number, code) {
  const what = PORTS[name][2];
  const other = `npm start -- --${name} ${number + (number < 1024 ? 8000 : FURTHER)}`;
  const trusted =
    name === 'http-port' && number === 8000
      ? ' TurboWarp loads the extension without asking from port 8000 only.'
      : '';
  switch (code) {
    case 'EADDRINUSE':
      return (
        `Port ${number} (${what}) is taken by another program. End that program ` +
        `(perhaps a second npm start, or a mosquitto service), or choose another port: ${other}${trusted}`
      );
    case 'EACCES':
      return `Port ${number} (${what}) is for administrators. Choose another: ${other}${trusted}`;
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `--host ${host} is not an address of this computer. 0.0.0.0 stands for all of them.`;
    default:
      return `Port ${number} (${what}) cannot be used (${code}). Choose another: ${other}${trusted}`;
  }
}
