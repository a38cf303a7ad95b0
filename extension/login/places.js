// @ts-check
import { isSameAs } from './logins.js';
import { CODELAB_BROKERS } from './public-brokers.js';

/** @typedef {import('../client/connection.js').Login} Login */
/** @typedef {import('../class/class-server.js').NamedAddress} BrokerAddress */

const PUBLIC_LOGIN = Object.freeze({ username: 'guest', password: 'test' });

/** The longest user name, and the longest password, in bytes. */
const MOST_LOGIN_BYTES = 65_535;

/**
 * What one program listens to: scheme, host and port, as in `wss://broker.example:8084`.
 *
 * @param {string} url
 * @returns {string} the address itself when it is no address of a WebSocket
 */
export const placeOf = (url) => /^wss?:\/\/[^/?#]*/.exec(url)?.[0] ?? url;

/** The places of addresses, each once. @param {string[]} urls */
export const placesOf = (urls) => [...new Set(urls.map(placeOf))];

/**
 * Who logs in, and the addresses that may hear it: the login in the address, else that of the log in
 * block, of this computer, or of a public broker.
 *
 * A login of this computer goes to the places for which it was kept. Of the addresses that were
 * guessed, the others are not tried: a program that listens there is another one.
 *
 * @param {BrokerAddress} address
 * @param {Login | null} own what the project said
 * @param {import('./logins.js').Logins} logins
 * @returns {{ login: Login | null, urls: string[], isKept: boolean }}
 */
export function loginFor({ hosts, urls, username, password }, own, logins) {
  const alike = ofOneScheme(urls);
  if (typeof username === 'string') {
    return { login: { username, password: password || '' }, urls: alike, isKept: false };
  }
  if (own) return { login: own, urls: alike, isKept: false };
  const kept = alike.map((url) => logins.find(placeOf(url)));
  const login = kept.find(Boolean) || null;
  if (login) {
    return { login, urls: alike.filter((_, index) => isSameAs(login)(kept[index])), isKept: true };
  }
  return {
    login: hosts.every((host) => CODELAB_BROKERS.includes(host)) ? PUBLIC_LOGIN : null,
    urls: alike,
    isKept: false,
  };
}

/** What was meant to be encrypted is never sent in clear. @param {string[]} urls */
const ofOneScheme = (urls) =>
  urls.some((url) => url.startsWith('wss:')) ? urls.filter((url) => url.startsWith('wss:')) : urls;

/** Whether a CONNECT can hold this login. [MQTT-3.1.3-11] @param {Login} login */
export function canBeSent({ username, password }) {
  return [username, password].every(
    (part) => !part.includes('\0') && new TextEncoder().encode(part).length <= MOST_LOGIN_BYTES,
  );
}
