// @ts-check
// Why a connection ended, in words that say what to do. Browsers hide why a WebSocket failed, on
// purpose; so a sentence says only what can be known, and "may" where it is a guess.

import { EXAMPLE_ADDRESS } from '../blocks/ids.js';
import { isClass } from '../class/class-server.js';
import { isPractice } from '../practice/practice-broker.js';
import { nodeOf } from './nodes.js';

/** @typedef {import('./status.js').Broker} Broker */
/** @typedef {import('../editors/support/environment.js').OwnBroker} OwnBroker */
/** @typedef {import('./status.js').Sentence} Sentence */
/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {import('../class/class-server.js').NamedAddress} BrokerAddress */
/** @typedef {import('../client/types.js').CloseReason} CloseReason */
/** @typedef {import('./local-network.js').Where} Where */
/** @typedef {Extract<import('../client/types.js').MqttEvent, { type: 'publishFailed' }>} PublishFailed */

/**
 * An attempt that ends sooner than this was answered, by a refusal or by a server of another kind: a
 * packet that a firewall swallows takes seconds.
 */
const SOON_MS = 2000;

/**
 * Reason codes of MQTT 5.0, as a group of sentences, in CONNACK and, where that differs, in
 * DISCONNECT. The client translates the return codes of 3.1.1.
 *
 * @type {readonly (readonly [number, string, string?])[]}
 */
export const ANSWERS = Object.freeze([
  [0x81, 'not-understood'],
  [0x82, 'not-understood'],
  [0x84, 'version'],
  [0x85, 'client-name'],
  [0x86, 'login'],
  [0x87, 'login', 'topic'],
  [0x88, 'busy'],
  [0x89, 'busy'],
  [0x8a, 'banned'],
  [0x8b, 'busy'],
  [0x8c, 'login-kind'],
  [0x8d, 'too-quiet'],
  [0x8e, 'name-in-use'],
  [0x8f, 'topic'],
  [0x90, 'will', 'topic'],
  [0x93, 'not-understood'],
  [0x94, 'not-understood'],
  [0x95, 'will', 'too-large'],
  [0x96, 'too-much'],
  [0x97, 'busy', 'too-much'],
  [0x98, 'banned'],
  [0x99, 'will', 'message'],
  [0x9a, 'will', 'keep'],
  [0x9b, 'will', 'qos'],
  [0x9c, 'moved'],
  [0x9d, 'moved'],
  [0x9e, 'topic'],
  [0x9f, 'busy'],
  [0xa0, 'time-over'],
  [0xa1, 'topic'],
  [0xa2, 'topic'],
]);

/**
 * Answers of a broker to a subscription that somebody can do something about: reason codes of MQTT 5.0.
 *
 * @type {Readonly<Record<number, TextKey>>}
 */
export const SUBSCRIBE_ANSWERS = Object.freeze({
  0x97: 'subscribe.too-many',
  0xa2: 'subscribe.no-wildcards',
});

/**
 * Answers of a broker to one message whose sentence is more than "did not accept": reason codes of
 * MQTT 5.0. @type {Readonly<Record<number, TextKey>>}
 */
export const PUBLISH_ANSWERS = Object.freeze({
  0x95: 'publish.too-large',
  0x9a: 'publish.retain-not-supported',
  0x9b: 'publish.qos-not-supported',
});

/**
 * What was seen of an end; what a row does not name may be anything.
 *
 * @typedef {object} Seen
 * @property {CloseReason['code']} [code]
 * @property {string} [cause] what in the browser blocked the address
 * @property {boolean} [isClass] the class server, by its name
 * @property {'lost' | 'away'} [practice] the practice broker, which needs no network, ended or does not answer
 * @property {boolean} [isOffline] this computer has no network, and the broker would be beyond it
 * @property {boolean} [isDenied] somebody does not let this page reach such addresses
 * @property {'here' | 'room' | 'far'} [where] this computer, the same building, or anywhere
 * @property {boolean} [isSecure] `wss://`
 * @property {boolean} [isSoon] it failed before a firewall could be the cause
 * @property {boolean} [isWebPort] 443, which no network blocks
 * @property {boolean} [opened]
 * @property {string} [answer] the group of the broker's reason code
 * @property {boolean} [hasLogin] a user name was sent
 * @property {boolean} [hasTopic] it is known what was sent just before
 */

/** How an end of a connection to the practice broker came. @type {Partial<Record<string, Seen['practice']>>} */
const PRACTICE_ENDS = Object.freeze({
  'closed-before-connack': 'lost',
  'connect-timeout': 'away',
  lost: 'lost',
  'never-opened': 'away',
  'ping-timeout': 'away',
});

/** What is wrong with one broker of a list is said with its name. @type {readonly string[]} */
const NAMED = Object.freeze(['host', 'http', 'port', 'scheme', 'space']);

/** The first row that fits is said. @type {readonly { seen: Seen, says: TextKey }[]} */
export const ROWS = Object.freeze([
  { seen: { code: 'closed' }, says: 'state.closed' },
  { seen: { cause: 'secure-page' }, says: 'address.insecure' },
  { seen: { cause: 'content-security-policy' }, says: 'reason.page-forbids' },
  { seen: { cause: 'port' }, says: 'reason.port-forbidden' },
  { seen: { code: 'address-refused' }, says: 'reason.address-refused' },

  { seen: { practice: 'lost' }, says: 'reason.practice-lost' },
  { seen: { practice: 'away' }, says: 'reason.practice-away' },

  { seen: { code: 'never-opened', isOffline: true }, says: 'reason.offline' },
  { seen: { code: 'never-opened', isDenied: true }, says: 'reason.network-denied' },
  { seen: { code: 'never-opened', isClass: true }, says: 'reason.class-away' },
  { seen: { code: 'never-opened', isSecure: true, where: 'here' }, says: 'reason.certificate' },
  { seen: { code: 'never-opened', isSecure: true, where: 'room' }, says: 'reason.certificate' },
  { seen: { code: 'never-opened', where: 'here' }, says: 'reason.nothing-here' },
  { seen: { code: 'never-opened', isSoon: true }, says: 'reason.nothing-answers' },
  { seen: { code: 'never-opened', where: 'room' }, says: 'reason.unreachable' },
  { seen: { code: 'never-opened', isWebPort: true }, says: 'reason.unreachable' },
  { seen: { code: 'never-opened' }, says: 'reason.port-blocked' },

  { seen: { code: 'closed-before-connack' }, says: 'reason.closed-before-connack' },
  { seen: { code: 'connect-timeout', isOffline: true }, says: 'reason.offline' },
  { seen: { code: 'connect-timeout', opened: true }, says: 'reason.connect-timeout-opened' },
  { seen: { code: 'connect-timeout', where: 'here' }, says: 'reason.connect-timeout-opened' },
  { seen: { code: 'connect-timeout' }, says: 'reason.connect-timeout' },

  { seen: { code: 'lost', isOffline: true }, says: 'reason.offline' },
  { seen: { code: 'lost', hasTopic: true }, says: 'reason.lost-after' },
  { seen: { code: 'lost' }, says: 'reason.lost' },
  { seen: { code: 'ping-timeout', isOffline: true }, says: 'reason.offline' },
  { seen: { code: 'ping-timeout' }, says: 'reason.ping-timeout' },

  { seen: { answer: 'login', isClass: true, hasLogin: false }, says: 'reason.class-word' },
  { seen: { answer: 'login', hasLogin: false }, says: 'reason.login-needed' },
  { seen: { answer: 'login' }, says: 'reason.login' },
  { seen: { answer: 'login-kind' }, says: 'reason.login-kind' },
  { seen: { answer: 'client-name' }, says: 'reason.client-name' },
  { seen: { answer: 'version' }, says: 'reason.version' },
  { seen: { answer: 'will' }, says: 'reason.will' },
  { seen: { answer: 'banned' }, says: 'reason.banned' },
  { seen: { answer: 'busy' }, says: 'reason.busy' },
  { seen: { answer: 'moved' }, says: 'reason.moved' },
  { seen: { answer: 'topic', hasTopic: true }, says: 'reason.lost-after' },
  { seen: { answer: 'topic' }, says: 'reason.not-allowed' },
  { seen: { answer: 'too-large' }, says: 'publish.too-large' },
  { seen: { answer: 'too-much' }, says: 'reason.too-much' },
  { seen: { answer: 'message' }, says: 'publish.refused' },
  { seen: { answer: 'keep' }, says: 'publish.retain-not-supported' },
  { seen: { answer: 'qos' }, says: 'publish.qos-not-supported' },
  { seen: { answer: 'too-quiet' }, says: 'reason.too-quiet' },
  { seen: { answer: 'time-over' }, says: 'reason.time-over' },
  { seen: { answer: 'not-understood' }, says: 'reason.not-understood' },
  { seen: { answer: 'name-in-use' }, says: 'reason.name-in-use' },
  { seen: { code: 'refused' }, says: 'reason.refused' },
  { seen: { code: 'disconnected' }, says: 'reason.disconnected' },

  { seen: { code: 'name-in-use' }, says: 'reason.name-guess' },
  { seen: { code: 'session-in-use' }, says: 'reason.name-in-use' },
  { seen: {}, says: 'reason.protocol' },
]);

/**
 * @typedef {object} Circumstances
 * @property {Broker} broker
 * @property {boolean} isOnline
 * @property {boolean} hasLogin whether a user name was sent
 * @property {string | null} lastTopic the topic of what was sent just before, when that may be why
 * @property {OwnBroker | null} own the page's own broker
 * @property {(where: Where) => boolean} [isDenied] whether the browser keeps this page from there
 */

/**
 * @param {CloseReason} reason
 * @param {Circumstances} circumstances
 * @returns {Sentence[]} what is wrong, and perhaps the broker that would answer
 */
export function reasonSentences(reason, circumstances) {
  const { broker, lastTopic, own } = circumstances;
  const { seen, says } = rowFor(reason, circumstances);
  /** @type {Sentence} */
  const sentence = {
    key: says,
    values: { code: codeOf(reason), topic: lastTopic ?? '', example: encrypted(broker) },
  };
  const isMissed = seen.code === 'never-opened' || seen.code === 'closed-before-connack';
  if (!isMissed || !own || whereOf(broker) === 'far' || leadsTo(own, broker)) return [sentence];
  return [sentence, { key: 'hint.own', values: { own: own.name } }];
}

/** @param {CloseReason} reason @param {Circumstances} circumstances */
export function rowFor(reason, circumstances) {
  const facts = factsOf(reason, circumstances);
  const row = ROWS.find(({ seen }) =>
    Object.entries(seen).every(
      ([name, value]) => facts[/** @type {keyof Seen} */ (name)] === value,
    ),
  );
  return /** @type {typeof ROWS[number]} */ (row);
}

/** Why there are no messages of a topic. @param {{ filter: string, reasonCode: number }} event @returns {Sentence} */
export const subscribeSentence = ({ filter, reasonCode }) => ({
  key: SUBSCRIBE_ANSWERS[reasonCode] ?? 'subscribe.refused',
  values: { topic: filter },
});

/**
 * Why a message is not delivered.
 *
 * @param {PublishFailed} event of a message that nobody took back
 * @returns {Sentence}
 */
export function publishSentence({ code, reasonCode = 0, topic }) {
  if (topic) return { key: 'publish.ended', values: { topic } };
  if (code === 'replaced') return { key: 'publish.too-fast' };
  const answer = code === 'refused' ? PUBLISH_ANSWERS[reasonCode] : undefined;
  return { key: answer ?? /** @type {TextKey} */ (`publish.${code}`) };
}

/** What the client throws, beside what is wrong with an argument. */
const THROWN = Object.freeze(['queue-full', 'too-fast', 'too-large', 'closed']);

/** Why the client did not take a message. @param {unknown} error @returns {Sentence} */
export function thrownSentence(error) {
  const { code } = /** @type {{ code?: unknown }} */ (error ?? {});
  const known = THROWN.find((one) => one === code) ?? 'bad-argument';
  return { key: /** @type {TextKey} */ (`publish.${known}`) };
}

/** Whether another client has the same name. @param {CloseReason} reason @returns {boolean} */
export const isNameInUse = ({ code, reasonCode }) =>
  code === 'name-in-use' || code === 'session-in-use' || reasonCode === 0x8e;

/**
 * What is wrong with an address, and one that may be meant.
 *
 * @param {BrokerAddress} address with an error
 * @param {(text: string) => BrokerAddress} parse
 * @param {OwnBroker | null} own
 * @returns {Sentence}
 */
export function addressSentence({ error, host, hosts, port, shown }, parse, own) {
  const isListed = hosts.length > 1 && NAMED.includes(String(error));
  const isNear = host === '' || whereIs(host) !== 'far';
  const [guess = `wss://${host}:8084/mqtt`] = host === '' ? [EXAMPLE_ADDRESS] : parse(host).urls;
  const example = own !== null && isNear ? own.name : guess;
  return {
    key: /** @type {TextKey} */ (`address.${isListed ? 'listed' : error}`),
    values: { port, broker: shown, example },
  };
}

/** @param {CloseReason & { cause?: string }} reason @param {Circumstances} circumstances @returns {Seen} */
function factsOf(reason, { broker, isOnline, hasLogin, lastTopic, isDenied }) {
  const { code, cause, afterMs = 0, opened } = reason;
  const where = whereOf(broker);
  return {
    code,
    cause,
    isClass: isClass(broker.shown),
    practice: isPractice(broker.shown) ? PRACTICE_ENDS[code] : undefined,
    isOffline: !isOnline && where === 'far',
    isDenied: isDenied?.(where) === true,
    where,
    isSecure: broker.isSecure,
    isSoon: afterMs < SOON_MS,
    isWebPort: broker.port === 443,
    opened,
    answer: answerOf(reason),
    hasLogin,
    hasTopic: lastTopic !== null,
  };
}

/** @param {CloseReason} reason */
function answerOf({ code, reasonCode }) {
  if (code !== 'refused' && code !== 'disconnected') return undefined;
  const [, inConnack, inDisconnect = inConnack] = ANSWERS.find(([one]) => one === reasonCode) ?? [];
  return code === 'refused' ? inConnack : inDisconnect;
}

/** The code as the broker sent it: 3.1.1 has numbers of its own. @param {CloseReason} reason */
function codeOf({ reasonCode, returnCode = 0 }) {
  if (reasonCode === undefined) return '?';
  if (reasonCode === 0x80 && returnCode > 0 && returnCode < 0x80) return String(returnCode);
  return `0x${reasonCode.toString(16).padStart(2, '0')}`;
}

/** @param {Broker} broker */
const encrypted = ({ host, port }) => `wss://${host}:${port === 8083 ? 8084 : port}/mqtt`;

/** @param {OwnBroker} own @param {Broker} broker */
export const leadsTo = ({ places }, { host, port, isSecure }) =>
  places.includes(`${isSecure ? 'wss' : 'ws'}://${host}:${port}`);

/** Where a broker is; those of a list are near when all of them are. @param {Pick<Broker, 'host' | 'nodes'>} broker @returns {Where} */
export function whereOf({ host, nodes }) {
  if (!nodes) return whereIs(host);
  return nodes.urls.every((url) => whereIs(nodeOf(url).host) !== 'far') ? 'room' : 'far';
}

/**
 * Where a host stands. In the same building a network needs no internet, and certificates are often
 * home-made.
 *
 * @param {string} host
 * @returns {Where}
 */
export function whereIs(host) {
  if (/^(127\.[\d.]+$|(.+\.)?localhost\.?$|\[::1\])/i.test(host)) return 'here';
  const isAddress =
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)[\d.]+$|^\[(f[cd]|fe[89ab])/i.test(
      host,
    );
  const isName = /^[^.:]+\.?$|\.(local|lan|home|internal)\.?$/i.test(host);
  return isAddress || isName ? 'room' : 'far';
}
