// @ts-check
/**
 * Other MQTT programs, behind one interface. What a program cannot say of a message (the MQTT.js command line shows
 * neither QoS nor retain) is left out of it.
 */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PASSWORD, USER } from './mosquitto.js';
import { uniqueClientId } from './names.js';
import { untilSubscribed } from './native.js';
import { LOOPBACK } from './ports.js';
import { Program, run } from './programs.js';
import { until } from './wait.js';

/** @typedef {import('./mosquitto.js').Mosquitto} Mosquitto */
/** @typedef {{ topic: string, payload: Buffer, qos: 0 | 1 | 2, retain: boolean }} Message */
/** @typedef {{ topic: string, payload: string, qos?: number, retain?: boolean }} Received the payload is hexadecimal */

/**
 * @typedef {object} Peer
 * @property {(filter: string, qos: 0 | 1 | 2) => Promise<void>} subscribe ends when the broker has answered
 * @property {(message: Message) => Promise<void>} publish
 * @property {() => Received[]} messages that have arrived
 * @property {() => Promise<void>} die ends it without DISCONNECT, so that its will is published
 * @property {() => Promise<void>} end
 */

/**
 * @typedef {object} PeerKind
 * @property {string} name
 * @property {(broker: Mosquitto, will?: Message) => Promise<Peer>} start the will belongs to what subscribes
 * @property {boolean} [textOnly] it shows payloads as text, so bytes that are not UTF-8 cannot be compared
 */

const E2E = fileURLToPath(new URL('..', import.meta.url));
const PYTHON = join(E2E, '..', '..', '.cache', 'python');
export const interpreter = join(PYTHON, 'bin', 'python');

/** Makes the Python environment with the pinned peers, unless it is there. */
export function ensurePythonPeers() {
  const requirements = join(E2E, 'requirements.txt');
  const installed = join(PYTHON, 'requirements.txt');
  const isCurrent =
    existsSync(installed) && readFileSync(installed).equals(readFileSync(requirements));
  if (isCurrent) return;
  run('python3', ['-m', 'venv', '--clear', PYTHON]);
  run(interpreter, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  copyFileSync(requirements, installed);
}

/**
 * @param {string} name
 * @param {string} script
 * @returns {PeerKind}
 */
function python(name, script) {
  return {
    name,
    async start(broker, will) {
      const clientId = uniqueClientId(name);
      const options = {
        host: LOOPBACK,
        port: broker.ports.tcp,
        clientId,
        username: USER,
        password: PASSWORD,
        ...(will && { will: { ...will, payload: will.payload.toString('hex') } }),
      };
      const program = new Program(interpreter, [
        join(E2E, 'peers', script),
        JSON.stringify(options),
      ]);
      const reports = () => lines(program).map((line) => JSON.parse(line));
      /** @param {object} command */
      const order = (command) => program.write(`${JSON.stringify(command)}\n`);
      await until(`${name} to connect`, () => program.output.includes('"connected"'), {
        seen: () => program.output,
      });
      return {
        async subscribe(filter, qos) {
          order({ do: 'subscribe', filter, qos });
          await untilSubscribed(broker, clientId);
        },
        publish({ payload, ...message }) {
          order({ do: 'publish', ...message, payload: payload.toString('hex') });
          return Promise.resolve();
        },
        messages: () =>
          reports()
            .filter(({ event }) => event === 'message')
            .map(({ topic, payload, qos, retain }) => ({ topic, payload, qos, retain })),
        die: () => program.end('SIGKILL'),
        end: () => program.end(),
      };
    },
  };
}

/**
 * Two programs: one that publishes a message and ends, and one that subscribes and stays.
 *
 * @param {object} kind
 * @param {string} kind.name
 * @param {(message: Message) => { command: string[], input: Buffer }} kind.publish
 * @param {(filter: string, qos: number, will: Message | undefined) => string[]} kind.subscribe
 * @param {(line: string) => Received} kind.read
 * @param {boolean} [kind.textOnly]
 * @returns {PeerKind}
 */
function commandLine({ name, publish, subscribe, read, textOnly = false }) {
  return {
    name,
    textOnly,
    start(broker, will) {
      /** @type {Program | undefined} */
      let subscriber;
      /** @param {string[]} command @param {string} clientId @param {Buffer} [input] */
      const start = ([program = '', ...args], clientId, input) => {
        const place = [
          '-h',
          LOOPBACK,
          '-p',
          String(broker.ports.tcp),
          '-i',
          clientId,
          '-u',
          USER,
          '-P',
          PASSWORD,
        ];
        return new Program(program, [...args, ...place], { input });
      };
      return Promise.resolve({
        async subscribe(filter, qos) {
          const clientId = uniqueClientId(name);
          subscriber = start(subscribe(filter, qos, will), clientId);
          await untilSubscribed(broker, clientId);
        },
        async publish(message) {
          const { command, input } = publish(message);
          const program = start(command, uniqueClientId(name), input);
          const code = await program.ended;
          if (code !== 0) throw new Error(`${name} ended with ${code}: ${program.output}`);
        },
        messages: () => (subscriber ? lines(subscriber).map(read) : []),
        die: () => Promise.resolve(subscriber?.end('SIGKILL')),
        end: () => Promise.resolve(subscriber?.end()),
      });
    },
  };
}

/** @param {Program} program */
const lines = ({ output }) => output.split('\n').slice(0, -1);

/** @param {Message} message */
const flags = ({ qos, retain }) => ['-q', String(qos), ...(retain ? ['-r'] : [])];

/**
 * Both publishing programs refuse an empty standard input.
 *
 * @param {Message} message
 * @param {string[]} empty what says to the program that there is no payload
 */
const source = ({ payload }, ...empty) => (payload.length > 0 ? ['-s'] : empty);

/** How the command line of MQTT.js is run. */
export const mqttCommand = [
  process.execPath,
  join(
    dirname(createRequire(import.meta.url).resolve('mqtt/package.json')),
    'build',
    'bin',
    'mqtt.js',
  ),
];

/** @type {PeerKind[]} */
export const peers = [
  python('paho', 'paho_peer.py'),
  python('gmqtt', 'gmqtt_peer.py'),
  commandLine({
    name: 'mosquitto_pub and mosquitto_sub',
    publish: (message) => ({
      command: ['mosquitto_pub', '-t', message.topic, ...flags(message), ...source(message, '-n')],
      input: message.payload,
    }),
    subscribe: (filter, qos, will) => [
      ...['mosquitto_sub', '-t', filter, '-q', String(qos), '-F', '%q %r %x %t'],
      ...(will ? ['--will-topic', will.topic, '--will-payload', String(will.payload)] : []),
      ...(will ? ['--will-qos', String(will.qos), ...(will.retain ? ['--will-retain'] : [])] : []),
    ],
    read(line) {
      const [qos, retain, payload = '', ...topic] = line.split(' ');
      return { topic: topic.join(' '), payload, qos: Number(qos), retain: retain === '1' };
    },
  }),
  commandLine({
    name: 'MQTT.js command line',
    textOnly: true,
    publish: (message) => ({
      command: [...mqttCommand, 'pub', '-t', message.topic, ...flags(message), ...source(message)],
      input: message.payload,
    }),
    subscribe: (filter, qos, will) => [
      ...[...mqttCommand, 'sub', '-v', '-t', filter, '-q', String(qos)],
      ...(will ? ['--will-topic', will.topic, '--will-message', String(will.payload)] : []),
      ...(will ? ['--will-qos', String(will.qos), ...(will.retain ? ['--will-retain'] : [])] : []),
    ],
    read(line) {
      const [topic = '', ...payload] = line.split(' ');
      return { topic, payload: Buffer.from(payload.join(' ')).toString('hex') };
    },
  }),
];
