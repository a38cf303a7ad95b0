// @ts-check
import { canBeSent, loginFor, placeOf } from '../login/places.js';
import { isPublicBroker } from '../login/public-brokers.js';
import { CLASS, isClass } from '../class/class-server.js';
import { PRACTICE, isPractice } from '../practice/practice-broker.js';
import { addressOf } from './address-of.js';
import { LastSent } from './last-sent.js';
import { allowed, asksOnce } from './permission.js';
import { nodesOf } from '../status/nodes.js';
import { addressSentence, isNameInUse } from '../status/reasons.js';
import { text } from '../texts/texts.js';
import { withLimit } from './wait.js';

/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../editors/support/environment.js').Environment} Environment */
/** @typedef {import('../status/status.js').Status} Status */
/** @typedef {import('../class/class-server.js').NamedAddress} BrokerAddress */
/** @typedef {import('./types.js').CloseReason} CloseReason */
/** @typedef {import('./permission.js').Permission} Permission */
/** @typedef {import('./types.js').MqttEvent} MqttEvent */
/** @typedef {import('./types.js').MqttOptions} MqttOptions */
/** @typedef {import('./types.js').PublishRate} PublishRate */
/** @typedef {{ username: string, password: string }} Login */
/** @typedef {{ topic: string, payload: string, retain: boolean }} Will */

/** @typedef {{ address: BrokerAddress, options: MqttOptions }} Opened */

/** What the editor was asked. @typedef {{ asked: string, answer?: Promise<void>, mayOpen?: Permission }} Question */

/** What "when connection" waits for. @typedef {'made' | 'lost' | 'refused' | 'name in use'} Change */

/** Longest time that the connect block waits, in milliseconds. The attempts go on behind it. */
export const CONNECT_LIMIT_MS = 15_000;

/**
 * How fast blocks publish, unless the project asks for something else: a loop without a pause must
 * not keep what is published next from the broker, and a list of 200 goes out whole.
 */
export const USUAL_RATE = Object.freeze(
  /** @type {Required<PublishRate>} */ ({ perSecond: 20, burst: 200, excess: 'wait' }),
);

/** The longest pause between two attempts to reach the class server, wherever it is, or the practice broker. */
const NEAR_PAUSE_MS = 8000;

/** What was published longer ago than this, in milliseconds, comes from an earlier run of a script. */
const STALE_MS = 1000;

/** The connection as the blocks use it: one broker at a time. */
export class Connection {
  /**
   * @param {Client} client
   * @param {Environment} environment
   * @param {Status} status
   * @param {object} project
   * @param {() => Partial<MqttOptions> | null} project.announced the last will of a project that is announced
   * @param {(topic: string) => string} project.full the name of a topic on the broker
   * @param {(change: Change) => void} project.onChange
   */
  constructor(client, environment, status, { announced, full, onChange }) {
    this.client = client;
    this.environment = environment;
    this.status = status;
    this.announced = announced;
    this.full = full;
    this.onChange = onChange;
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
    /** What the current connection was opened with, and its addresses that may be opened. @private @type {Opened | null} */
    this.opened = null;
    /** Asks whether an address may be opened, when its turn comes; `null`: no need to.
     * @private @type {Permission | null} */
    this.mayOpen = null;
    /** Whether the editor may connect; the answer to an older question is too late.
     * @private @type {Question | null} */
    this.question = null;
    /** Scripts that wait in a connect block. @private @type {(() => void)[]} */
    this.waiting = [];
    this.lastSent = new LastSent(() => status.now());
    /** What the project asked for, else the usual one; `null`: no limit. @type {PublishRate | null} */
    this.publishRate = USUAL_RATE;
    /** What the connection before was asked with. @private @type {string | null} */
    this.askedBefore = null;
  }

  /** Ends the connection, and forgets what the project said of it. */
  reset() {
    this.disconnect();
    this.login = null;
    this.will = null;
    this.clientName = '';
    this.clientId = '';
    this.lastSent.forget();
    this.publishRate = USUAL_RATE;
    this.askedBefore = null;
    this.opened = null;
  }

  get isConnected() {
    return this.client.mqtt.state === 'connected';
  }

  /** How fast the project publishes. @param {PublishRate | null} rate `null`: no limit */
  setPublishRate(rate) {
    this.publishRate = rate;
    this.client.mqtt.setPublishRate(rate);
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
    const { classServer, practice } = this.environment;
    if (isClass(typed) && !classServer.isSettled) {
      return this.connectWhenFound(CLASS, this.findClass(), () => this.status.noClass());
    }
    if (isPractice(typed) && !practice.isStarted) {
      return this.connectWhenFound(PRACTICE, practice.start(), () => this.connectTo(PRACTICE));
    }
    return this.connectTo(typed);
  }

  /**
   * @private
   * @param {string} name
   * @param {Promise<unknown>} found whether it is known where the name leads
   * @param {() => void} giveUp
   */
  connectWhenFound(name, found, giveUp) {
    // It is being looked for already.
    if (this.question?.asked === name) return withLimit(this.question.answer, CONNECT_LIMIT_MS);
    /** @type {Question} */
    const question = { asked: name };
    this.question = question;
    question.answer = found.then((isFound) => {
      // Meanwhile another broker was asked for, or none.
      if (this.question !== question) return undefined;
      this.question = null;
      return isFound ? this.connectTo(name) : giveUp();
    });
    return withLimit(question.answer, CONNECT_LIMIT_MS);
  }

  /**
   * What an address means, where the class server or the practice broker may be meant by its name.
   *
   * @param {string} typed
   * @param {boolean} [isSecurePage]
   * @returns {BrokerAddress}
   */
  parse(typed, isSecurePage = this.environment.isSecurePage()) {
    return addressOf(typed, isSecurePage, this.client.core, this.environment);
  }

  /** @private @returns {Promise<string | null>} */
  findClass() {
    const { classServer, document, isSecurePage, locale, runtime } = this.environment;
    return classServer.find({
      // A sandbox has a page that nobody sees.
      ...(runtime && { document }),
      parse: (typed) => this.client.core.parseAddress(typed, isSecurePage()),
      text: (key, values) => text(locale(), key, values),
      onAsk: () => this.isConnected || this.status.askingForClass(),
    });
  }

  /** @private @param {string} typed */
  connectTo(typed) {
    const { environment } = this;
    const address = this.parse(typed);
    if (address.error) {
      const parse = (/** @type {string} */ other) => this.parse(other);
      const { key, values } = addressSentence(address, parse, environment.ownBroker);
      this.status.report(key, values);
      return undefined;
    }
    if (isPractice(typed)) return this.connectToPractice(address);
    const { login, urls, isKept } = loginFor(address, this.login, environment.logins);
    if (login && !canBeSent(login)) {
      this.status.report('connect.login');
      return undefined;
    }
    address.urls = urls;
    const options = {
      ...this.optionsFor(urls, login),
      ...(isClass(typed) && this.forClass()),
    };
    const asked = JSON.stringify(options);
    // The question is on the screen already.
    if (asked === this.question?.asked) return withLimit(this.question.answer, CONNECT_LIMIT_MS);
    this.question = null;
    this.discardStale(asked);
    if (this.isOther(options) || this.opened === null) {
      return withLimit(this.openIfPermitted(address, options, isKept), CONNECT_LIMIT_MS);
    }
    if (this.isConnected) return undefined;
    const { urls: permitted } = this.opened.address;
    return withLimit(this.open({ ...address, urls: permitted }, options), CONNECT_LIMIT_MS);
  }

  /**
   * The last will has changed, of which a broker learns with a connection only: makes a new one to the same broker,
   * unless nobody wants one. Scripts under "when connection" are not started.
   *
   * @returns {Promise<void> | undefined} as of `connect`
   */
  reopen() {
    const { asked, opened, state } = this;
    if (asked === null || opened === null || !this.isOther(opened.options)) return undefined;
    const answer = this.open(opened.address, opened.options);
    this.state = state;
    return withLimit(answer, CONNECT_LIMIT_MS);
  }

  /** Nobody is asked and no login is sent, because nothing leaves the browser. @private @param {BrokerAddress} address */
  connectToPractice(address) {
    const { practice } = this.environment;
    const options = {
      ...this.optionsFor(address.urls, null),
      // The only one that this broker speaks.
      version: /** @type {const} */ ('3.1.1'),
      reconnectMaxDelayMs: NEAR_PAUSE_MS,
      openSocket: (/** @type {string} */ url, /** @type {string} */ protocol) =>
        /** @type {any} */ (practice.openSocket(url, protocol)),
    };
    const asked = JSON.stringify(options);
    this.question = null;
    this.discardStale(asked);
    if (!this.isOther(options) && this.isConnected) return undefined;
    this.mayOpen = null;
    return withLimit(this.open(address, options), CONNECT_LIMIT_MS);
  }

  /** Ends the connection; it is not made again until the next call of `connect`. */
  disconnect() {
    this.question = null;
    this.asked = null;
    this.state = null;
    this.status.closed();
    this.client.mqtt.disconnect();
    this.settle();
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
      this.settle();
      this.ended(event.reason);
      const isAway = ['never-opened', 'connect-timeout'].includes(event.reason.code);
      if (isAway && isClass(this.status.broker.shown)) this.environment.classServer.doubt();
    }
    const isEnd = event.type === 'disconnected';
    this.status.handle(event, isEnd ? this.lastSent.topicFor(event.reason) : null);
  }

  /**
   * @private
   * @param {BrokerAddress} address
   * @param {MqttOptions} options
   * @param {boolean} isKept whether the login is one of this computer
   * @returns {Promise<void> | undefined}
   */
  openIfPermitted(address, options, isKept) {
    const { canFetch, mayConnect } = this.environment;
    if (!canFetch && !mayConnect) return this.open(address, options);
    /** @type {Question} */
    const question = { asked: JSON.stringify(options) };
    this.question = question;
    if (!this.isConnected) this.status.asking(address.shown);
    const username = (isKept && options.username) || null;
    const permitted = mayConnect
      ? allowed(mayConnect, address.urls, username)
      : this.ask(asksOnce(canFetch), address.urls, question);
    question.answer = permitted.then((urls) =>
      this.answered(question, { ...address, urls }, options),
    );
    return question.answer;
  }

  /**
   * Asks the editor for the first address, before the connection to another broker ends. The client asks for
   * the others when their turn comes.
   *
   * @private
   * @param {Permission} mayOpen
   * @param {string[]} urls
   * @param {Question} question
   * @returns {Promise<string[]>} those that may be tried
   */
  async ask(mayOpen, urls, question) {
    const isPermitted = await mayOpen(String(urls[0]));
    question.mayOpen = mayOpen;
    return isPermitted ? urls : [];
  }

  /**
   * @private
   * @param {Question} question
   * @param {BrokerAddress} address with the addresses that may be opened
   * @param {MqttOptions} options
   * @returns {Promise<void> | undefined}
   */
  answered(question, address, options) {
    // Meanwhile another broker was asked for, or none.
    if (this.question !== question) return undefined;
    this.question = null;
    if (address.urls.length) {
      // The only one has been asked for.
      this.mayOpen = (address.urls.length > 1 && question.mayOpen) || null;
      return this.open(address, options);
    }
    this.status.notPermitted(address.shown);
    return undefined;
  }

  /**
   * @private
   * @param {BrokerAddress} address with the addresses to try
   * @param {MqttOptions} options
   * @returns {Promise<void> | undefined}
   */
  open(address, options) {
    const { host, hosts, shown, urls } = address;
    const { mayOpen } = this;
    const { mqtt } = this.client;
    // A kept login, or who was asked, may have left out the first.
    const port = Number(/\d+$/.exec(placeOf(String(urls[0])))?.[0]);
    const isSecure = urls.every((url) => url.startsWith('wss:'));
    const hasLogin = options.username !== undefined;
    const isAlone = isPractice(shown) && !this.environment.practice.isShared;
    const isPublic = hosts.some(isPublicBroker);
    const nodes = nodesOf(address);
    this.status.connecting({ host, port, shown, isSecure, hasLogin, isAlone, isPublic, nodes });
    const wanted = this.withWill(options);
    this.asked = JSON.stringify(wanted);
    this.opened = { address, options };
    this.state = null;
    const answer = new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    try {
      const publishRate = this.publishRate ?? undefined;
      mqtt.connect({ ...wanted, url: urls, publishRate, ...(mayOpen && { mayOpen }) });
    } catch {
      this.status.closed();
      this.status.report('reason.address-refused');
      this.asked = null;
      this.settle();
    }
    if (mqtt.state === 'connected' || mqtt.state === 'closed') this.settle();
    return answer;
  }

  /** @private @param {string[]} urls @param {Login | null} login @returns {MqttOptions} */
  optionsFor(urls, login) {
    const { clientName } = this;
    return { url: urls, ...login, ...(clientName && { clientId: clientName }) };
  }

  /** There is one last will: whoever is announced has it. @private @param {MqttOptions} options @returns {MqttOptions} */
  withWill(options) {
    const { will } = this;
    const own = will && { will: { ...will, topic: this.full(will.topic) } };
    return { ...options, ...(this.announced() ?? own) };
  }

  /** Whether the current connection was asked for in another way. @private @param {MqttOptions} options */
  isOther(options) {
    return JSON.stringify(this.withWill(options)) !== this.asked;
  }

  /** Only the class server learns who sits here. @private @returns {Partial<MqttOptions>} */
  forClass() {
    const { clientId } = this.environment.pupil;
    return {
      reconnectMaxDelayMs: NEAR_PAUSE_MS,
      ...(clientId && !this.clientName && { clientId }),
    };
  }

  /**
   * A sandbox does not say when a project starts anew. Another broker is a sign of it: what was
   * published before for the one that was never reached is not for this one.
   *
   * @private
   * @param {string} asked
   */
  discardStale(asked) {
    const isOther = this.askedBefore !== null && this.askedBefore !== asked;
    if (isOther && !this.environment.runtime) this.client.mqtt.discardUnsent(STALE_MS);
    this.askedBefore = asked;
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

  /** Lets the scripts go on that wait in a connect block. @private */
  settle() {
    for (const goOn of this.waiting.splice(0)) goOn();
  }
}
