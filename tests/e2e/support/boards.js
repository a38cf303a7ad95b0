// @ts-check
/** The programs of `examples/` that run on a board or beside one, each with its settings filled in. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interpreter } from './peers.js';
import { Program, run } from './programs.js';
import { umqttFolder } from './umqtt.js';

/** @typedef {Record<string, string | number>} Settings names as in the block at the top of each program */

/**
 * @typedef {object} BoardKind
 * @property {string} name
 * @property {boolean} [hasChip] its client id is made from the number of its chip
 * @property {(options: { folder: string, settings: Settings, chip: string }) => Program} start
 */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BOARDS = join(ROOT, 'tests', 'e2e', 'boards');
const MICROPYTHON = join(BOARDS, 'micropython.py');
const ARDUINO = join(BOARDS, 'arduino');

/** @param {string} path below `examples/` */
export const example = (path) => readFileSync(join(ROOT, 'examples', path), 'utf8');

/**
 * Fills in the settings of a program as the card of a board does.
 *
 * @param {string} source
 * @param {Settings} settings each must be there once
 */
export function filledIn(source, settings) {
  return Object.entries(settings).reduce((text, [name, value]) => {
    const line = new RegExp(`^((?:const \\S+ )?${name}(?:\\[\\])? = )(?:"[^"]*"|[\\d.]+)`, 'gm');
    if (text.match(line)?.length !== 1) throw new Error(`there is no setting ${name}`);
    return text.replace(line, (_, start) => `${start}${JSON.stringify(value)}`);
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
    return new Program(interpreter, [MICROPYTHON, file, umqttFolder, chip]);
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

/** @type {BoardKind[]} */
export const boardKinds = [
  arduino('ESP32', 'arduino/board/board.ino'),
  arduino('ESP8266', 'arduino/board/board.ino'),
  micropython('umqtt.simple', 'micropython/board_simple.py'),
  micropython('umqtt.robust', 'micropython/board_robust.py'),
  python('paho-mqtt', 'python/board_paho.py'),
  python('gmqtt', 'python/board_gmqtt.py'),
];
