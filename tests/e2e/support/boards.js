// @ts-check
/** The programs of `examples/` that run on a board or beside one, each with its settings filled in. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interpreter } from './peers.js';
import { Program } from './programs.js';
import { umqttFolder } from './umqtt.js';

/** @typedef {Record<string, string | number>} Settings names as in the block at the top of each program */

/**
 * @typedef {object} BoardKind
 * @property {string} name
 * @property {boolean} [hasChip] its client id is made from the number of its chip
 * @property {(options: { folder: string, settings: Settings, chip: string }) => Program} start
 */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MICROPYTHON = join(ROOT, 'tests', 'e2e', 'boards', 'micropython.py');

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

/** @type {BoardKind[]} */
export const boardKinds = [
  micropython('umqtt.simple', 'micropython/board_simple.py'),
  micropython('umqtt.robust', 'micropython/board_robust.py'),
  python('paho-mqtt', 'python/board_paho.py'),
  python('gmqtt', 'python/board_gmqtt.py'),
];
