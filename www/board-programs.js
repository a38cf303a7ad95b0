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

/** Signs that a topic cannot hold, or no program. */
const NOT_IN_NAMES = /[+#"'\\\p{Cc}]/gu;

/** What is left of a name that somebody typed. @param {string} typed */
export const nameIn = (typed) => typed.replace(NOT_IN_NAMES, '').trim();

/**
 * A program with its settings: the first line that gives each of them a value, in the way of its language.
 *
 * @param {string} program
 * @param {Settings} settings
 */
export function filledIn(program, settings) {
  return Object.entries(settings).reduce((filled, [name, value]) => {
    const line = new RegExp(`^((?:const \\w+ )?${name}(?:\\[\\])? = )(?:(["']).*?\\2|\\d+)`, 'm');
    return filled.replace(line, (_, start, quote = '') => `${start}${quote}${value}${quote}`);
  }, program);
}
