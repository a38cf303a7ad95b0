// @ts-check
import { isNameInUse } from './reasons.js';
import { withLimit } from './wait.js';

/** @typedef {import('./hosts/environment.js').Environment} Environment */
/** @typedef {import('./status.js').Status} Status */
/** @typedef {import('./types.js').BrokerAddress} BrokerAddress */
/** @typedef {import('./types.js').CloseReason} CloseReason */
/** @typedef {import('./types.js').Core} Core */
/** @typedef {import('./types.js').MqttClient} MqttClient */
/** @typedef {import('./types.js').MqttEvent} MqttEvent */
/** @typedef {import('./types.js').MqttOptions} MqttOptions */
/** @typedef {{ username: string, password: string }} Login */
/** @typedef {{ topic: string, payload: string, retain: boolean }} Will */

/** What "when connection" waits for. @typedef {'made' | 'lost' | 'refused' | 'name in use'} Change */

/** Longest time that the connect block waits, in milliseconds. The attempts go on behind it. */
export const CONNECT_LIMIT_MS = 15_000;

/** The public broker of CodeLab, whose login is public too. */
const PUBLIC_BROKER = Object.freeze({
  host: 'mqtt.longan.link',
  username: 'guest',
  password: 'test',
});

/** A loss this soon after something was sent may be the broker's answer to it, in milliseconds. */
const ANSWER_MS = 300;

/** The connection as the blocks use it: one broker at a time. */
export class Connection {
  /**
   * @param {Environment} environment
   * @param {Status} status
   * @param {object} project
   * @param {(topic: string) => string} project.full the name of a topic on the broker
   * @param {(change: Change) => void} project.onChange
   */
  constructor(environment, status, { full, onChange }) {
    this.environment = environment;
    this.status = status;
    this.full = full;
    this.onChange = onChange;
    /** @type {Core | null} */
    this.core = null;
    /** @type {MqttClient | null} */
    this.client = null;
    /** @private @type {Login | null} */
    this.login = null;
    /** What the broker publishes when this client disappears, from the next connect on; the topic
     * without the room. @type {Will | null} */
    this.will = null;
    /** From the next connect on; empty: automatic. */
    this.clientName = '';
    /** The name that the broker knows; empty before the first connection. */
    this.clientId = '';
    /** The last change, unless the pupil ended the connection. @private @type {Change | null} */
    this.state = null;
    /** What the current connection was asked with. @private @type {string | null} */
    this.asked = null;
    /** Numbers the wishes to connect: the answer to an older one is too late. @private */
    this.wish = 0;
    /** Scripts that wait in a connect block. @private @type {(() => void)[]} */
    this.waiting = [];
    /** Attempts that may still fail before a connect block gives up. @private */
    this.attemptsLeft = 0;
    /** @private @type {{ topic: string, at: number } | null} */
    this.lastSent = null;
    /** What may have made the broker hang up the last time. @private @type {string | null} */
    this.suspect = null;
  }

  /** Ends the connection, and forgets what the project said of it. */
  reset() {
    this.disconnect();
    this.login = null;
    this.will = null;
    this.clientName = '';
    this.clientId = '';
    this.lastSent = null;
    this.suspect = null;
  }

  get isConnected() {
    return this.client !== null && this.client.state === 'connected';
  }

  /** Used by the next connect; without a user name: none. @param {string} username @param {string} password */
  setLogin(username, password) {
    this.login = username === '' ? null : { username, password };
  }

  /**
   * Connects, unless that is so already.
   *
   * @param {string} typed
   * @returns {Promise<void> | undefined} ends when connected, failed, or after `CONNECT_LIMIT_MS`
   */
  connect(typed) {
    const { core, client } = this;
    if (!core || !client) return undefined;
    const address = core.parseAddress(typed, this.environment.isSecurePage());
    if (address.error) {
      const { port, shown } = address;
      this.status.report(`address.${address.error}`, { port, broker: shown });
      return undefined;
    }
    const wish = (this.wish += 1);
    const options = this.optionsFor(address);
    const asked = JSON.stringify(options);
    if (asked === this.asked && this.isConnected) return undefined;

    const open = () => (wish === this.wish ? this.open(address, options) : undefined);
    const { canFetch } = this.environment;
    if (!canFetch || asked === this.asked) return withLimit(open(), CONNECT_LIMIT_MS);
    const permitted = canFetch(address.urls[0] ?? '').then((isPermitted) => {
      if (isPermitted) return open();
      this.status.report('address.permission', { broker: address.host });
      return undefined;
    });
    return withLimit(permitted, CONNECT_LIMIT_MS);
  }

  /** Ends the connection, and the wish to have one. */
  disconnect() {
    this.wish += 1;
    this.asked = null;
    this.state = null;
    this.status.closed();
    this.client?.disconnect();
    this.settle();
  }

  /** Something was sent: a loss right after it may be the broker's answer. @param {string} topic */
  sent(topic) {
    this.lastSent = { topic, at: this.status.now() };
  }

  /** @param {MqttEvent} event */
  handle(event) {
    if (event.type === 'connected') {
      this.clientId = event.clientId;
      this.settle();
      this.become('made');
    }
    if (event.type === 'disconnected') {
      // An older connection ends because a connect block asked for another one.
      if (event.reason.code === 'closed' && this.asked !== null) return;
      if (event.retryInMs === null) this.asked = null;
      this.attemptsLeft -= 1;
      if (event.retryInMs === null || this.attemptsLeft <= 0) this.settle();
      this.ended(event.reason);
    }
    const isLost = event.type === 'disconnected' && event.reason.code === 'lost';
    this.status.handle(event, isLost ? this.suspectedTopic() : null);
  }

  /**
   * @private
   * @param {BrokerAddress} address
   * @param {MqttOptions} options
   * @returns {Promise<void> | undefined}
   */
  open({ host, port, shown, urls }, options) {
    const { client } = this;
    if (!client) return undefined;
    const isSecure = urls.every((url) => url.startsWith('wss:'));
    this.status.connecting({ host, port, shown, isSecure });
    this.asked = JSON.stringify(options);
    this.state = null;
    this.attemptsLeft = urls.length;
    const answer = new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    try {
      client.connect(options);
    } catch {
      this.status.closed();
      this.status.report('reason.address-refused');
      this.asked = null;
      this.settle();
    }
    if (client.state === 'connected' || client.state === 'closed') this.settle();
    return answer;
  }

  /** @private @param {BrokerAddress} address @returns {MqttOptions} */
  optionsFor(address) {
    const { clientName, will } = this;
    return {
      url: address.urls,
      ...this.loginFor(address),
      ...(clientName && { clientId: clientName }),
      ...(will && { will: { ...will, topic: this.full(will.topic) } }),
    };
  }

  /**
   * An attempt or a connection ended. "refused" is what comes before there was a connection, whoever
   * is the cause; an attempt to get a lost one back that fails is nothing new.
   *
   * @private
   * @param {CloseReason} reason
   */
  ended(reason) {
    if (reason.code === 'closed') this.state = null;
    else if (isNameInUse(reason)) this.become('name in use');
    else if (reason.code === 'refused') this.become('refused');
    else this.become(this.state === 'made' || this.state === 'lost' ? 'lost' : 'refused');
  }

  /** @private @param {Change} change */
  become(change) {
    if (change === this.state) return;
    this.state = change;
    this.onChange(change);
  }

  /**
   * The login in the address, else that of the log in block, else that of the public broker.
   *
   * @private
   * @param {BrokerAddress} address
   * @returns {Login | null}
   */
  loginFor({ host, username, password }) {
    if (typeof username === 'string') return { username, password: password || '' };
    if (this.login) return this.login;
    const { host: publicHost, ...publicLogin } = PUBLIC_BROKER;
    return host === publicHost ? publicLogin : null;
  }

  /** Lets the scripts go on that wait in a connect block. @private */
  settle() {
    for (const goOn of this.waiting.splice(0)) goOn();
  }

  /**
   * The topic of what was sent right before two losses in a row.
   *
   * @private
   * @returns {string | null}
   */
  suspectedTopic() {
    const { lastSent, suspect } = this;
    const isFresh = lastSent !== null && this.status.now() - lastSent.at < ANSWER_MS;
    this.suspect = isFresh ? lastSent.topic : null;
    return this.suspect === suspect ? suspect : null;
  }
}
