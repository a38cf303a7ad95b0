// @ts-check
// Why a connection ended, in words that say what to do. Browsers hide why a WebSocket failed, on
// purpose; so this deduces, and says "may". The order of the questions matters.

/** @typedef {import('./status.js').Sentence} Sentence */
/** @typedef {import('./types.js').CloseReason} CloseReason */

/**
 * An attempt that ends sooner than this was refused by the computer that was called: a packet that a
 * firewall swallows takes seconds.
 */
const AT_ONCE_MS = 50;

/** Reason codes of MQTT 5.0; the client translates those of 3.1.1. */
const REASON = Object.freeze({
  unsupportedVersion: 0x84,
  clientId: 0x85,
  badLogin: 0x86,
  notAuthorized: 0x87,
  unavailable: 0x88,
  busy: 0x89,
  shuttingDown: 0x8b,
  takenOver: 0x8e,
});

/**
 * @typedef {object} Circumstances
 * @property {import('./status.js').Broker} broker
 * @property {boolean} isOnline
 * @property {string | null} lastTopic the topic of what was sent just before, when that may be why
 */

/**
 * @param {CloseReason} reason
 * @param {Circumstances} circumstances
 * @returns {Sentence}
 */
export function reasonSentence(reason, circumstances) {
  const { isOnline, lastTopic } = circumstances;
  switch (reason.code) {
    case 'closed':
      return { key: 'state.closed' };
    case 'never-opened':
      return neverOpened(reason, circumstances);
    case 'connect-timeout':
      if (!isOnline) return { key: 'reason.offline' };
      return { key: reason.opened ? 'reason.connect-timeout-opened' : 'reason.connect-timeout' };
    case 'lost':
      if (!isOnline) return { key: 'reason.offline' };
      if (lastTopic === null) return { key: 'reason.lost' };
      return { key: 'reason.lost-after', values: { topic: lastTopic } };
    case 'refused':
      return refused(reason.reasonCode, 'reason.refused');
    case 'disconnected':
      return refused(reason.reasonCode, 'reason.disconnected');
    case 'session-in-use':
      return { key: 'reason.name-in-use' };
    case 'name-in-use':
      return { key: 'reason.name-guess' };
    case 'address-refused':
    case 'closed-before-connack':
    case 'ping-timeout':
    case 'protocol':
      return { key: `reason.${reason.code}` };
  }
}

/** Whether another client has the same name. @param {CloseReason} reason @returns {boolean} */
export const isNameInUse = ({ code, reasonCode }) =>
  code === 'name-in-use' || code === 'session-in-use' || reasonCode === REASON.takenOver;

/** @param {CloseReason} reason @param {Circumstances} circumstances @returns {Sentence} */
function neverOpened({ afterMs = 0 }, { broker, isOnline }) {
  if (!isOnline) return { key: 'reason.offline' };
  if (broker.isSecure && isLocal(broker.host)) return { key: 'reason.certificate' };
  if (afterMs < AT_ONCE_MS) return { key: 'reason.nothing-answers' };
  if (broker.port !== 443) return { key: 'reason.port-blocked' };
  return { key: 'reason.unreachable' };
}

/**
 * @param {number | undefined} code
 * @param {'reason.refused' | 'reason.disconnected'} otherwise
 * @returns {Sentence}
 */
function refused(code, otherwise) {
  switch (code) {
    case REASON.badLogin:
    case REASON.notAuthorized:
      return { key: 'reason.login' };
    case REASON.clientId:
      return { key: 'reason.client-name' };
    case REASON.unsupportedVersion:
      return { key: 'reason.version' };
    case REASON.unavailable:
    case REASON.busy:
    case REASON.shuttingDown:
      return { key: 'reason.busy' };
    case REASON.takenOver:
      return { key: 'reason.name-in-use' };
    default:
      return { key: otherwise, values: { code: hex(code) } };
  }
}

/** @param {number | undefined} code */
const hex = (code) => (code === undefined ? '?' : `0x${code.toString(16).padStart(2, '0')}`);

/** Whether a host stands in the same building: there certificates are often home-made. @param {string} host */
const isLocal = (host) =>
  /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[(::1|f[cd]|fe80))/i.test(
    host,
  ) || /\.(local|lan|home|internal)$/i.test(host);
