// @ts-check
/** Which part of the documentation helps with which sentence of the status. */
import { helpAddress } from './help.js';

/** @typedef {import('./help.js').HelpPage} HelpPage */

/** The names of sentences, as in `extension/locales`, by the anchor of the part. @type {Readonly<Record<string, readonly string[]>>} */
export const TROUBLE = Object.freeze({
  silent: ['hint.hatless', 'hint.nearTopic', 'hint.spaces'],
  nothing: [
    'reason.offline',
    'reason.class-away',
    'reason.nothing-answers',
    'reason.nothing-here',
    'reason.unreachable',
    'reason.port-blocked',
    'reason.connect-timeout',
    'reason.connect-timeout-opened',
    'address.class',
    'connect.not-started',
    'hint.own',
  ],
  missing: [
    'hint.dropped',
    'hint.droppedEarly',
    'hint.unsent',
    'hint.sandboxed',
    'publish.closed',
    'publish.expired',
    'publish.queue-full',
    'publish.replaced',
    'publish.too-fast',
    'reason.too-much',
    'start.tooMany',
  ],
  minute: [
    'reason.name-in-use',
    'reason.name-guess',
    'reason.lost',
    'reason.lost-after',
    'reason.ping-timeout',
    'reason.too-quiet',
    'reason.time-over',
    'reason.busy',
    'reason.disconnected',
    'publish.ended',
  ],
  elsewhere: [
    'address.insecure',
    'address.permission',
    'reason.page-forbids',
    'reason.network-denied',
    'reason.port-forbidden',
    'reason.certificate',
    'start.failed',
  ],
  board: ['hint.small-boards', 'hint.small-boards-kept'],
  login: [
    'reason.login',
    'reason.login-needed',
    'reason.closed-before-connack',
    'reason.login-kind',
    'reason.refused',
    'reason.banned',
    'reason.client-name',
    'connect.login',
    'connect.clientName',
  ],
  'new-lesson': ['reason.class-word'],
  address: [
    'address.empty',
    'address.space',
    'address.http',
    'address.scheme',
    'address.host',
    'address.port',
    'address.board-port',
    'address.listed',
    'address.gap',
    'address.too-many',
    'address.mixed',
    'address.word',
    'reason.address-refused',
    'reason.moved',
  ],
  topic: [
    'topic.empty',
    'topic.too-long',
    'topic.null-character',
    'topic.control-character',
    'topic.wildcard',
    'topic.hash-not-last',
    'topic.hash-not-alone',
    'topic.plus-not-alone',
    'topic.invalid-share',
    'room.wildcard',
    'room.too-long',
    'room.control-character',
    'subscribe.refused',
    'subscribe.no-wildcards',
    'subscribe.too-many',
    'publish.refused',
    'publish.too-large',
    'publish.qos-not-supported',
    'publish.retain-not-supported',
    'publish.bad-argument',
    'publish.bad-bytes',
    'text.too-long',
    'bytes.too-many',
    'reason.not-allowed',
    'reason.will',
  ],
  name: [
    'name.empty',
    'name.sign',
    'name.too-long',
    'name.too-many',
    'will.two',
    'list.missing',
    'list.hidden',
    'list.not-json',
  ],
  practice: [
    'hint.practice-alone',
    'address.practice',
    'address.practice-file',
    'reason.practice-away',
    'reason.practice-lost',
  ],
  broker: ['reason.version', 'reason.protocol', 'reason.not-understood'],
});

/** The part of the page on safety that says what a public broker is. */
export const PUBLIC = Object.freeze({ anchor: 'public', key: 'hint.public' });

/**
 * Where it stands what helps with the first sentence that has such a part.
 *
 * @param {readonly string[]} keys The names of the sentences that are shown.
 * @param {string} language
 * @returns {string | undefined}
 */
export function helpFor(keys, language) {
  for (const key of keys) {
    if (key === PUBLIC.key) return helpAddress('safety', language, PUBLIC.anchor);
    const anchor = Object.keys(TROUBLE).find((one) => TROUBLE[one]?.includes(key));
    if (anchor !== undefined) return helpAddress('trouble', language, anchor);
  }
  return undefined;
}
