// @ts-check
/** The programs of `examples/` for boards, and how their settings are filled in. */

/** What is filled in, by the names in the programs. @typedef {Record<string, string | number>} Settings */

/** The programs of `examples/`, by what they are called everywhere. */
export const PROGRAMS = {
  'ESP8266, ESP32: Arduino, PubSubClient': 'arduino/board/board.ino',
  'ESP8266, ESP32, Pico W: MicroPython, umqtt.simple': 'micropython/board_simple.py',
  'ESP8266, ESP32, Pico W: MicroPython, umqtt.robust': 'micropython/board_robust.py',
  'ESP8266, ESP32, Pico W: MicroBlocks': 'microblocks/board.txt',
  'Python, paho-mqtt': 'python/board_paho.py',
  'Python, gmqtt': 'python/board_gmqtt.py',
};

/** @typedef {{ file: string, name: string, room: string }} Board `file`: one of `PROGRAMS` */

/**
 * @typedef {object} Place
 * @property {string | null} host where boards reach the broker, if they can
 * @property {number} tcpPort
 * @property {Settings} login what boards need, if it is not what the programs have
 */

/** Signs that a topic cannot hold. */
const NOT_IN_TOPICS = /[+#\p{Cc}]/gu;

/** What people type around a name. */
const QUOTES = /["'\\]/g;

/** The longest name, in characters. */
const MOST_LETTERS = 40;

/** What is left of a name that somebody typed. @param {string} typed */
export const nameIn = (typed) => roomIn(typed.replace(QUOTES, ''));

/** The same for a room, which is called as its group is: all other signs of it stay. @param {string} typed */
export const roomIn = (typed) =>
  [...typed.replace(NOT_IN_TOPICS, '').trim()].slice(0, MOST_LETTERS).join('').trim();

/** A text of C, Python or MicroBlocks, or a number. */
const LITERAL = `"(?:\\\\.|[^"\\\\])*"|'(?:''|[^'])*'|\\d+`;

/**
 * A program with its settings: the first line that gives each of them a value, in the way of its language.
 *
 * @param {string} program
 * @param {Settings} settings
 */
export function filledIn(program, settings) {
  return Object.entries(settings).reduce((filled, [name, value]) => {
    const line = new RegExp(`^((?:const \\w+ )?${name}(?:\\[\\])? = )(${LITERAL})`, 'm');
    return filled.replace(line, (_, start, before) => `${start}${literalLike(before, `${value}`)}`);
  }, program);
}

/** @param {string} before in the same program @param {string} value */
function literalLike(before, value) {
  if (before.startsWith('"')) return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (before.startsWith("'")) return `'${value.replaceAll("'", "''")}'`;
  return value;
}

/** What a program for this board says. @param {Board} board @param {Place} place @returns {Settings} */
export function settingsOf({ file, name, room }, { host, tcpPort, login }) {
  const isHere = file.startsWith('python/');
  return {
    // Nothing but a program on this computer gets here yet.
    ...((host || isHere) && { BROKER: host ?? 'localhost' }),
    PORT: tcpPort,
    ...login,
    NAME: name,
    TOPIC: room ? `${room}/${name}` : name,
  };
}

/** The end of the address of its own page, and of the code for that. @param {Board} board @param {string} lang */
export const queryOf = ({ file, name, room }, lang) =>
  `?${new URLSearchParams({ program: file, name, ...(room && { room }), lang })}`;

/** What was fetched, by its file: a letter of the name fetches nothing. @type {Map<string, string>} */
const fetched = new Map();

/** @param {string} file below `examples/` @returns {Promise<string | undefined>} */
export async function programAt(file) {
  const known = fetched.get(file);
  if (known !== undefined) return known;
  const response = await fetch(`examples/${file}`).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const program = await response.text();
  fetched.set(file, program);
  return program;
}
