// @ts-check
/** The programs of `examples/` that run on a board or beside one, each with its settings filled in. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interpreter, mqttCommand } from './peers.js';
import { Program, run } from './programs.js';
import { umqttFolder } from './umqtt.js';

/** @typedef {Record<string, string | number>} Settings names as in the block at the top of each program */

/** @typedef {Pick<Program, 'output' | 'isRunning' | 'write' | 'end'>} Running */

/**
 * @typedef {object} BoardKind
 * @property {string} name
 * @property {boolean} [hasChip] its client id is made from the number of its chip
 * @property {boolean} [isCommand] command lines: they have no sensor and no status, and say nothing of the connection
 * @property {boolean} [endsAtLong] a message that does not fit ends the connection
 * @property {(options: { folder: string, settings: Settings, chip: string }) => Running} start
 */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BOARDS = join(ROOT, 'tests', 'e2e', 'boards');
const MICROPYTHON = join(BOARDS, 'micropython', 'board.js');
const ARDUINO = join(BOARDS, 'arduino');
/** How long the loop of a page sleeps, in milliseconds. */
const AGAIN_MS = 3_000;

/** @param {string} path below `examples/` */
export const example = (path) => readFileSync(join(ROOT, 'examples', path), 'utf8');

/**
 * Fills in the settings of a program as the card of a board does.
 *
 * @param {string} source
 * @param {Settings} settings each must be there once
 * @param {string} [quote]
 */
export function filledIn(source, settings, quote = '"') {
  return Object.entries(settings).reduce((text, [name, value]) => {
    const line = new RegExp(
      `^((?:const \\S+ )?${name}(?:\\[\\])? = )(?:"[^"]*"|'[^']*'|[\\d.]+)`,
      'gm',
    );
    if (text.match(line)?.length !== 1) throw new Error(`there is no setting ${name}`);
    return text.replace(
      line,
      (_, start) => `${start}${JSON.stringify(value).replaceAll('"', quote)}`,
    );
  }, source);
}

/** @param {string} folder @param {string} path @param {Settings} settings */
function written(folder, path, settings) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, basename(path));
  writeFileSync(file, filledIn(example(path), settings));
  return file;
}

/** @param {string} name @param {string} path @returns {BoardKind} */
const micropython = (name, path) => ({
  name,
  hasChip: true,
  start({ folder, settings, chip }) {
    const file = written(folder, path, { WIFI_NAME: 'class', WIFI_PASSWORD: '', ...settings });
    return new Program(process.execPath, [MICROPYTHON, file, umqttFolder, chip]);
  },
});

/** @param {string} name @param {string} path @returns {BoardKind} */
const python = (name, path) => ({
  name,
  start: ({ folder, settings }) =>
    new Program(interpreter, ['-u', written(folder, path, settings)]),
});

/** @param {string} board as the compiler for it says @param {string} path @returns {BoardKind} */
const arduino = (board, path) => ({
  name: `PubSubClient-${board}`,
  hasChip: true,
  start({ folder, settings, chip }) {
    const file = written(folder, path, { WIFI_NAME: 'class', WIFI_PASSWORD: '', ...settings });
    const program = join(folder, 'board');
    if (!existsSync(program)) compile(file, board, program);
    return new Program(program, [chip]);
  },
});

/** @param {string} sketch @param {string} board @param {string} program */
function compile(sketch, board, program) {
  const strict = ['-std=c++17', '-Wall', '-Wextra', '-Werror'];
  const sources = [
    join(ARDUINO, 'main.cpp'),
    '-include',
    join(ARDUINO, 'Arduino.h'),
    '-x',
    'c++',
    sketch,
  ];
  run('g++', [...strict, '-pthread', `-D${board}`, `-I${ARDUINO}`, ...sources, '-o', program]);
}

/** @param {string[]} line */
const command = ([program = '', ...args]) => new Program(program, args);

/** @type {BoardKind} */
const microblocks = {
  name: 'MicroBlocks',
  hasChip: true,
  endsAtLong: true,
  start({ folder, settings: { PORT = 0, KEEP_ALIVE = 0, ...settings }, chip }) {
    const path = 'microblocks/board.txt';
    mkdirSync(folder, { recursive: true });
    const file = join(folder, basename(path));
    writeFileSync(file, filledIn(example(path), settings, "'"));
    const fixed = [String(PORT), String(KEEP_ALIVE)];
    return new Program(interpreter, [join(BOARDS, 'microblocks.py'), file, chip, ...fixed]);
  },
};

/** The lines of a page for the light and the button; the light begins again when it ends, as the page says. */
class Commands {
  isRunning = true;
  #light;
  #lightLine;
  #buttonLine;
  #earlier = '';
  /** @type {Program | undefined} */
  #button;

  /** @param {string[]} lightLine @param {string[]} buttonLine */
  constructor(lightLine, buttonLine) {
    this.#lightLine = lightLine;
    this.#buttonLine = buttonLine;
    this.#light = this.#start();
  }

  get output() {
    return (this.#earlier + this.#light.output).replaceAll(/^(on|off)$/gm, 'led $1');
  }

  /** @param {string} text */
  write(text) {
    if (text.startsWith('press') && !this.#button?.isRunning)
      this.#button = command(this.#buttonLine);
  }

  /** @param {NodeJS.Signals} [signal] */
  async end(signal) {
    this.isRunning = false;
    await Promise.all([this.#light.end(signal), this.#button?.end(signal)]);
  }

  #start() {
    const light = command(this.#lightLine);
    void light.ended.then(() => setTimeout(() => this.#again(), AGAIN_MS).unref());
    return light;
  }

  #again() {
    if (!this.isRunning) return;
    this.#earlier += this.#light.output;
    this.#light = this.#start();
  }
}

/** @param {string} name @param {string} path @param {Record<string, string[]>} [programs] @returns {BoardKind} */
const commands = (name, path, programs = {}) => ({
  name,
  isCommand: true,
  start({ settings: { BROKER, PORT, USER, PASSWORD, TOPIC, KEEP_ALIVE } }) {
    const lines = [...example(path).matchAll(/^```sh\n(.*)\n```$/gm)].map(([, line = '']) =>
      line
        .replaceAll('192.168.1.10', String(BROKER))
        .replaceAll(' 1883 ', ` ${PORT} `)
        .replaceAll('-u class -P word ', `-u ${USER} -P ${PASSWORD} `)
        .replaceAll('board-1', String(TOPIC))
        .replaceAll('-k 15 ', `-k ${KEEP_ALIVE} `)
        .split(' ')
        .flatMap((word, index) => (index === 0 ? (programs[word] ?? [word]) : [word])),
    );
    const [light = [], , button = []] = lines;
    return new Commands(light, button);
  },
});

/** @type {BoardKind[]} */
export const boardKinds = [
  arduino('ESP32', 'arduino/board/board.ino'),
  arduino('ESP8266', 'arduino/board/board.ino'),
  micropython('umqtt.simple', 'micropython/board_simple.py'),
  micropython('umqtt.robust', 'micropython/board_robust.py'),
  micropython('micro:bit', 'microbit/board_esp.py'),
  python('paho-mqtt', 'python/board_paho.py'),
  python('gmqtt', 'python/board_gmqtt.py'),
  microblocks,
  commands('mosquitto', 'mosquitto.md'),
  commands('MQTT.js', 'mqttjs.md', { mqtt: mqttCommand }),
];
