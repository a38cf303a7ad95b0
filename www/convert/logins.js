// @ts-check
/** User names and passwords in the addresses of brokers. */

/** An address in any text. A login ends at the last `@` before the path. */
const IN_TEXT = /\b((?:wss?|mqtts?):\/\/)([^\s/?#]*)@([^\s/?#]*)/gi;

/** A text that is an address, with or without its scheme; all before the last `@` is the login. */
const WHOLE = /^(\s*(?:\w+:\/\/)?)(.*)@([^/?#]*)/s;

/** @typedef {{ user: string, broker: string }} Login never holds the password */

/** @param {string} text @param {boolean} isAddress whether it is where an address is expected */
const pattern = (text, isAddress) => (isAddress && WHOLE.test(text) ? WHOLE : IN_TEXT);

/**
 * @param {string} text
 * @param {boolean} isAddress
 * @returns {Login[]}
 */
export function loginsIn(text, isAddress) {
  /** @type {Login[]} */
  const found = [];
  text.replace(pattern(text, isAddress), (whole, _scheme, login, broker) => {
    found.push({ user: decoded(login.split(':', 1)[0]), broker });
    return whole;
  });
  return found;
}

/**
 * @param {string} text
 * @param {boolean} isAddress
 */
export const withoutLogins = (text, isAddress) =>
  text.replace(pattern(text, isAddress), (_whole, scheme, _login, broker) => scheme + broker);

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
