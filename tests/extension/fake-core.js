// @ts-check
// The wasm module's exports with no network: what a client was asked is in `calls`, and the test
// says what happens. Comparing topics is the only thing that is done for real.

/** @typedef {import('../../extension/client/types.js').MqttEvent} MqttEvent */
/** @typedef {import('../../extension/client/types.js').MqttMessage} MqttMessage */

const encoder = new TextEncoder();

/** Stands for the exported `MqttClient`. */
export class FakeClient {
  constructor() {
    /** @type {((message: MqttMessage) => void) | null} */
    this.onmessage = null;
    /** @type {((event: MqttEvent) => void) | null} */
    this.onevent = null;
    /** @type {import('../../dist/pkg/mqtt.js').ConnectionState} */
    this.state = 'closed';
    /** What was asked, in order. @type {unknown[][]} */
    this.calls = [];
    /** @type {Map<string, { number: number, owners: Set<number> }>} */
    this.subscriptions = new Map();
    this.numbers = 0;
    this.options = '';
    /** @type {Partial<import('../../dist/pkg/mqtt.js').Statistics>} */
    this.statistics = {};
    /** The limit of the options, or the one that was set since. @type {object | null} */
    this.publishRate = null;
    /** How many messages were published while nothing was connected. */
    this.unsent = 0;
    /** How old it had to be each time that it was taken back. @type {number[]} */
    this.discards = [];
    /** What `publish` and `connect` throw. @type {Error | null} */
    this.failure = null;
  }

  /** @param {any} options */
  connect({ publishRate, ...options }) {
    this.calls.push(['connect', options]);
    this.publishRate = publishRate ?? null;
    if (this.failure) throw this.failure;
    const asked = JSON.stringify(options);
    if (this.state === 'closed' || asked !== this.options) this.state = 'connecting';
    this.options = asked;
  }

  disconnect() {
    this.calls.push(['disconnect']);
    this.state = 'closed';
  }

  free() {
    this.calls.push(['free']);
  }

  /** @param {unknown[]} publication */
  publish(...publication) {
    const problem = topicProblem(String(publication[0]));
    if (problem !== null) {
      throw Object.assign(new Error(problem), { name: 'MqttError', code: 'bad-argument', problem });
    }
    this.calls.push(['publish', ...publication]);
    if (this.failure) throw this.failure;
    if (this.state !== 'connected') this.unsent += 1;
    return this.calls.length;
  }

  discardUnsent(olderThanMs = 0) {
    this.discards.push(olderThanMs);
    const { unsent } = this;
    this.unsent = 0;
    return unsent;
  }

  /** @param {string} filter @param {0 | 1 | 2} [qos] */
  subscribe(filter, qos = 0, owner = 0) {
    this.calls.push(['subscribe', filter, qos, owner]);
    let subscription = this.subscriptions.get(filter);
    if (!subscription) {
      subscription = { number: (this.numbers += 1), owners: new Set() };
      this.subscriptions.set(filter, subscription);
    }
    subscription.owners.add(owner);
    return subscription.number;
  }

  /** @param {string} filter @param {number} [owner] */
  unsubscribe(filter, owner) {
    this.calls.push(owner === undefined ? ['unsubscribe', filter] : ['unsubscribe', filter, owner]);
    const owners = this.subscriptions.get(filter)?.owners;
    if (owner !== undefined) owners?.delete(owner);
    if (owner === undefined || !owners?.size) this.subscriptions.delete(filter);
  }

  /** @param {object | null} rate */
  setPublishRate(rate) {
    // The first is what every client gets.
    if (this.publishRate) this.calls.push(['setPublishRate', rate]);
    this.publishRate = rate;
  }

  // What the broker does.

  /** The connection is made. */
  accept(clientId = 'scratch', address = 0) {
    this.state = 'connected';
    this.unsent = 0;
    this.onevent?.({
      type: 'connected',
      sessionPresent: false,
      version: '3.1.1',
      clientId,
      address,
    });
  }

  /** The connection ends. @param {any} reason @param {number | null} retryInMs */
  drop(reason, retryInMs = null) {
    this.state = retryInMs === null ? 'closed' : 'waiting';
    this.onevent?.({
      type: 'disconnected',
      reason: { message: reason.code, ...reason },
      retryInMs,
    });
  }

  /**
   * A message arrives.
   *
   * @param {string} topic
   * @param {string | Uint8Array} payload
   * @param {Partial<MqttMessage>} [more]
   */
  deliver(topic, payload, more) {
    const subscriptions = [...this.subscriptions]
      .filter(([filter]) => matches(filter, topic))
      .map(([, { number }]) => number);
    const bytes = typeof payload === 'string' ? encoder.encode(payload) : payload;
    const plain = /** @type {const} */ ({ qos: 0, retain: false, dup: false });
    this.onmessage?.({ topic, payload: bytes, subscriptions, ...plain, ...more });
  }

  /** What was asked of one kind, without its name. @param {string} name @returns {any} */
  asked(name) {
    return this.calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }
}

/** @param {string} filter @param {string} topic @returns {boolean} */
export function matches(filter, topic) {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== '+' && level !== levels[index]) return false;
    if (levels[index] === undefined) return false;
  }
  return wanted.length === levels.length;
}

/**
 * An address that is well formed, or a problem that the text itself names: `problem:port`.
 *
 * @param {string} text
 * @returns {import('../../extension/client/types.js').BrokerAddress}
 */
function parseAddress(text) {
  const problem = /** @type {any} */ (text.match(/^problem:(.*)/)?.[1] ?? null);
  if (problem) return { error: problem, urls: [], host: '', hosts: [''], port: 1883, shown: text };
  const [, scheme, username, password, host, port = '8084', path] = /** @type {any} */ (
    text.match(/^(wss?:\/\/)?(?:(\w+):(\w+)@)?([\w.-]+)(?::(\d+))?(\/.*)?$/)
  );
  const place = `${host}:${port}${path ?? '/mqtt'}`;
  return {
    error: null,
    urls: [`${scheme ?? 'wss://'}${place}`],
    host,
    hosts: [host],
    port: Number(port),
    ...(username && { username, password }),
    shown: `${scheme ?? ''}${place}`,
  };
}

/** @param {string} text @returns {any} */
const filterProblem = (text) => (text === '' ? 'empty' : /#./.test(text) ? 'hash-not-last' : null);

/** @param {string} text @returns {any} */
const topicProblem = (text) => (text === '' ? 'empty' : /[+#]/.test(text) ? 'wildcard' : null);

/** The exports, and the clients that were made with them. */
export function fakeCore() {
  /** @type {FakeClient[]} */
  const clients = [];
  class RecordedClient extends FakeClient {
    constructor() {
      super();
      clients.push(this);
    }
  }
  return {
    clients,
    core: { MqttClient: RecordedClient, filterProblem, matches, parseAddress, topicProblem },
  };
}
