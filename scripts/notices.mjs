// @ts-check
/** `THIRD-PARTY-NOTICES.txt`: others' code, and each text that its license asks to be passed on, once. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, merged } from './components.mjs';
import { LEFT_OUT } from './licenses.mjs';
import { root } from './run.mjs';

/** @typedef {import('./components.mjs').Component} Component */

export const NOTICES = 'THIRD-PARTY-NOTICES.txt';
const LINE = '='.repeat(80);

/**
 * @param {string} what It is for: `mqtt.js, iot.js`.
 * @param {readonly Component[]} components
 */
export function noticesOf(what, components) {
  const all = merged(components);
  const texts = [...new Set(all.flatMap((one) => one.texts))];
  const lines = all.map(({ name, version, license, source, texts: own }) => {
    const place = source === undefined ? '' : `\n    ${source}`;
    const numbers = own.map((text) => texts.indexOf(text) + 1).join(', ');
    return `${name} ${version}: ${license}; text ${numbers}${place}`;
  });
  const parts = texts.map((text, index) => `${LINE}\n${index + 1}\n${LINE}\n\n${text}\n`);
  const head = `Scratch MQTT is under MPL-2.0. Code of others is in ${what}:`;
  return `${[head, lines.join('\n'), ...parts].join('\n\n')}`;
}

/**
 * What is wrong with what is known of others' code, as sentences.
 *
 * @param {string} where It is.
 * @param {readonly Component[]} components
 */
export function problemsOf(where, components) {
  const allowed = allowedLicenses();
  return components.flatMap((one) => {
    const named = `${nameOf(one)}, which is in ${where},`;
    const path = `${LEFT_OUT}/${one.name.replace('/', '-')}.txt`;
    return [
      one.texts.length === 0 &&
        `${named} comes without the text of its license, ${one.license}. Find it where the code is developed, and put it into ${path}.`,
      !one.license.split(/[()\s]+/).some((license) => allowed.includes(license)) &&
        `${named} has a license that deny.toml does not allow: ${one.license}.`,
    ].filter((sentence) => sentence !== false);
  });
}

/** Texts that nobody needs any more, as sentences. @param {readonly Component[]} components */
export function leftOvers(components) {
  const texts = new Set(components.flatMap((one) => one.texts));
  return readdirSync(join(root, LEFT_OUT))
    .filter((file) => !texts.has(readFileSync(join(root, LEFT_OUT, file), 'utf8').trimEnd()))
    .map((file) => `${LEFT_OUT}/${file} is the license of nothing that is shipped. Remove it.`);
}

function allowedLicenses() {
  const [, list = ''] =
    /^allow = \[([^\]]*)\]/m.exec(readFileSync(join(root, 'deny.toml'), 'utf8')) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].map(([, license]) => license);
}
