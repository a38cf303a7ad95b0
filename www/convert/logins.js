// @ts-check
/** User names and passwords in the addresses of brokers. */

/** An address in any text. A login ends at the last `@` before the path. */
const IN_TEXT = /\b((?:wss?|mqtts?):\/\/)([^\s/?#]*)@([^\s/?#]*)/gi;

/** A scheme, at a place in a text. */
const SCHEME = /\w+:\/\//y;

/** What ends the name of a broker. */
const AFTER_BROKER = /[/?#]/g;

/** @typedef {{ user: string, broker: string }} Login never holds the password */

/**
 * @param {string} text
 * @param {boolean} isAddress whether it is where an address is expected
 * @returns {Login[]}
 */
export function loginsIn(text, isAddress) {
  const whole = isAddress ? parts(text) : null;
  if (whole) return [found(whole.login, whole.broker)];
  return Array.from(text.matchAll(IN_TEXT), ([, , login = '', broker = '']) =>
    found(login, broker),
  );
}

/**
 * @param {string} text
 * @param {boolean} isAddress
 */
export function withoutLogins(text, isAddress) {
  const whole = isAddress ? parts(text) : null;
  if (whole) return whole.scheme + whole.rest;
  return text.replace(IN_TEXT, (_whole, scheme, _login, broker) => scheme + broker);
}

/**
 * A text that is an address, with or without its scheme; all before the last `@` is the login. Each
 * letter is looked at once: a project may hold any text.
 *
 * @param {string} text
 */
function parts(text) {
  const at = text.lastIndexOf('@');
  if (at < 0) return null;
  SCHEME.lastIndex = text.length - text.trimStart().length;
  const start = SCHEME.test(text) ? SCHEME.lastIndex : text.length - text.trimStart().length;
  AFTER_BROKER.lastIndex = at;
  const end = AFTER_BROKER.test(text) ? AFTER_BROKER.lastIndex - 1 : text.length;
  return {
    scheme: text.slice(0, start),
    login: text.slice(start, at),
    broker: text.slice(at + 1, end),
    rest: text.slice(at + 1),
  };
}

/** @param {string} login @param {string} broker @returns {Login} */
function found(login, broker) {
  return { user: decoded(login.split(':', 1)[0] ?? ''), broker };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
