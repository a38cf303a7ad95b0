// @ts-check
/** What is typed into a connect block, where a broker may be meant by its name. */
import { CLASS, isClass } from '../class/class-server.js';
import { PRACTICE, PRACTICE_URL, isPractice } from '../practice/practice-broker.js';

/** @typedef {import('../class/class-server.js').NamedAddress} BrokerAddress */

/** What a name has that is no address. */
const NOWHERE = Object.freeze({
  urls: /** @type {string[]} */ ([]),
  host: '',
  hosts: [''],
  port: 0,
});

/**
 * What an address means, where the class server or the practice broker may be meant by its name.
 *
 * @param {string} typed
 * @param {boolean} isSecurePage
 * @param {import('./client.js').Client['core']} core
 * @param {import('../editors/support/environment.js').Environment} environment
 * @returns {BrokerAddress}
 */
export function addressOf(typed, isSecurePage, core, { classServer, practice }) {
  if (isPractice(typed)) {
    const { isStarted, problem } = practice;
    const error = isStarted ? null : problem;
    return { ...NOWHERE, error, urls: [PRACTICE_URL], shown: PRACTICE };
  }
  if (!isClass(typed)) return core.parseAddress(typed, isSecurePage);
  const { url } = classServer;
  if (url === null) return { ...NOWHERE, error: 'class', shown: CLASS };
  return { ...core.parseAddress(url, isSecurePage), shown: CLASS };
}
