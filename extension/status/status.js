// @ts-check
import { EXAMPLE_ADDRESS } from '../blocks/ids.js';
import { MOST_BYTES } from '../values/bytes.js';
import { nodeOf } from './nodes.js';
import { leadsTo, publishSentence, reasonSentences, subscribeSentence } from './reasons.js';
import { SmallBoards } from './small-boards.js';
import { text } from '../texts/texts.js';

/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {import('../texts/texts.js').Values} Values */
/** @typedef {import('./notice.js').Notice} Notice */
/** @typedef {import('../client/types.js').MqttEvent} MqttEvent */
/** @typedef {import('../client/types.js').CloseReason} CloseReason */
/** @typedef {import('../editors/support/environment.js').Environment} Environment */
/** @typedef {{ key: TextKey, values?: Values }} Sentence */

/**
 * What is known of the broker; `shown` never holds credentials.
 *
 * @typedef {object} Broker
 * @property {string} host
 * @property {number} port
 * @property {string} shown
 * @property {boolean} isSecure
 * @property {boolean} [hasLogin]
 * @property {boolean} [isAlone] a practice broker that other tabs do not share
 * @property {boolean} [isPublic] anybody may read there
 * @property {import('./nodes.js').Nodes} [nodes] of a list, of which any will do
 */

/** @type {Readonly<Broker>} */
const NO_BROKER = Object.freeze({ host: '', port: 0, shown: '', isSecure: true });

/** @type {Readonly<Sentence>} */
const CLOSED = Object.freeze({ key: 'state.closed' });

/** What a good address takes back. */
const OF_ADDRESS = /^(address|start)\./;

/** What keeps a project from its broker. */
const OF_CONNECTING = /^(address|reason|start)\.|^connect\.login$/;

/** Messages that came, and that no script handled. */
export class Dropped {
  constructor() {
    /** Those of this run of the project that scripts should have handled. */
    this.count = 0;
    /** The topic of the last of them. */
    this.topic = '';
    /** All of this project, also those that it wanted to be passed over. */
    this.total = 0;
  }

  /** @param {string} topic @param {boolean} isWanted */
  add(topic, isWanted) {
    this.total += 1;
    if (!isWanted) return;
    this.count += 1;
    this.topic = topic;
  }
}

/**
 * What the block "connection status" says: the state of the connection, what is wrong, and what to
 * do about it, in the language of the page.
 */
export class Status {
  /**
   * @param {object} options
   * @param {() => import('../texts/languages.js').Language} options.locale
   * @param {() => boolean} options.isOnline
   * @param {Environment['isDenied']} [options.isDenied]
   * @param {import('../editors/support/environment.js').OwnBroker | null} [options.ownBroker] of the page
   * @param {() => number} [options.now] milliseconds
   */
  constructor({ locale, isOnline, isDenied, ownBroker = null, now = () => Date.now() }) {
    this.locale = locale;
    this.isOnline = isOnline;
    this.isDenied = isDenied;
    this.ownBroker = ownBroker;
    this.now = now;
    /** What the delivery dropped; it counts here. */
    this.dropped = new Dropped();
    /** Told why an attempt to connect failed, and when there was a connection. @type {Pick<Notice, 'show' | 'settle'>} */
    this.notice = { show: () => {}, settle: () => {} };
    /** What may be wrong with topics. @type {() => Sentence[]} */
    this.topicHints = () => [];
    /** What small boards may not get. */
    this.smallBoards = new SmallBoards();
    /** Whether topics have a room before them. @type {() => boolean} */
    this.hasRoom = () => false;
    /** Whether it is said in this run of the project that anybody can read, and whether it ever was.
     * @private @type {'never' | 'now' | 'before'} */
    this.publicity = 'never';
    /** What does not work here, because the editor lets no more be known. @type {TextKey | null} */
    this.limit = null;
    /** @type {Broker} */
    this.broker = NO_BROKER;
    /** Which of several there is a connection to. @private @type {import('./nodes.js').Node | null} */
    this.node = null;
    /** @private @type {Sentence} */
    this.state = CLOSED;
    /** What may help besides. @private @type {Sentence[]} */
    this.advice = [];
    /** When the next attempt follows. @private @type {number | null} */
    this.retryAt = null;
    /** The last problem of a block. @private @type {Sentence | null} */
    this.problem = null;
    /** What the client dropped. @private */
    this.droppedEarly = 0;
    /** What was published too fast. @private */
    this.tooFast = 0;
    /** What the last run published and no connection took. */
    this.unsent = 0;
  }

  /** Forgets the connection and every problem. */
  reset() {
    this.broker = NO_BROKER;
    this.clear();
    this.closed();
    this.dropped.total = 0;
  }

  /** Forgets the problems of an earlier run of the project, and what was dropped in it. */
  clear() {
    this.problem = null;
    this.droppedEarly = 0;
    this.dropped.count = 0;
    this.tooFast = 0;
    this.unsent = 0;
    this.smallBoards.clear();
    if (this.publicity === 'now') this.publicity = 'before';
  }

  /** There is no connection, and none is wanted. */
  closed() {
    this.become(CLOSED);
  }

  /** The editor asks whether the project may connect. @param {string} shown the address, as in `Broker` */
  asking(shown) {
    this.forgetAddress();
    this.become({ key: 'state.asking', values: { broker: shown } });
  }

  /** Somebody is asked where the class server is. */
  askingForClass() {
    this.forgetAddress();
    this.become({ key: 'state.asking-class' });
  }

  /** Nobody here knows where it is. */
  noClass() {
    if (this.state.key === 'state.asking-class') this.closed();
    this.report('address.class');
  }

  /** The project may not connect. @param {string} shown the address, as in `Broker` */
  notPermitted(shown) {
    if (this.state.key === 'state.asking') this.closed();
    this.report('address.permission', { broker: shown });
  }

  /** An attempt begins. @param {Broker} broker */
  connecting(broker) {
    this.broker = broker;
    this.node = null;
    this.forgetAddress();
    this.become({ key: 'state.connecting' });
  }

  /**
   * A problem that a block met.
   *
   * @param {TextKey} key
   * @param {Values} [values]
   */
  report(key, values) {
    if (key === 'publish.too-fast') this.tooFast += 1;
    else this.problem = { key, values };
    if (OF_CONNECTING.test(key)) this.notice.show(this.textOf([{ key, values }]));
  }

  /** Whether a text of bytes would be too long for a block, and says so. @param {number} count */
  hasTooManyBytes(count) {
    const isTooMany = count > MOST_BYTES;
    if (isTooMany) this.report('bytes.too-many', { most: MOST_BYTES });
    return isTooMany;
  }

  /** Whether a text is too long for a block, and says so. @param {number} most characters @param {readonly string[]} texts */
  hasTooLong(most, texts) {
    const isTooLong = texts.some(({ length }) => length > most);
    if (isTooLong) this.report('text.too-long', { most });
    return isTooLong;
  }

  /**
   * What the client reports.
   *
   * @param {MqttEvent} event
   * @param {string | null} [lastTopic] the topic of what was sent just before
   */
  handle(event, lastTopic = null) {
    switch (event.type) {
      case 'connecting':
        // A repeated attempt keeps the sentence that says why the last one failed.
        if (event.attempt === 1) this.become({ key: 'state.connecting' });
        this.retryAt = null;
        break;
      case 'connected':
        this.become({ key: 'state.connected' });
        this.reached(event.address);
        this.notice.settle();
        if (this.broker.isPublic && this.publicity === 'never' && !this.hasRoom()) {
          this.publicity = 'now';
        }
        break;
      case 'disconnected':
        this.disconnected(event.reason, event.retryInMs, lastTopic);
        break;
      case 'publishFailed':
        // Discarded: reported once, as a number, when the project starts.
        if (event.code !== 'discarded') {
          const { key, values } = publishSentence(event);
          this.report(key, values);
        }
        break;
      case 'subscribeFailed':
        this.problem = subscribeSentence(event);
        break;
      case 'messagesDropped':
        this.droppedEarly += event.count;
        break;
      case 'published':
      case 'subscribed':
      case 'unsubscribed':
      case 'unsubscribeFailed':
      case 'warning':
        break;
    }
  }

  /** The sentences, in the language of the page. @returns {string} */
  toString() {
    return this.textOf(this.sentences());
  }

  /** The names of these sentences, the most important first. */
  keys() {
    return this.sentences().map(({ key }) => key);
  }

  /** Where a browser can be made to trust the broker's certificate; empty unless that may be what is wrong. */
  certificatePage() {
    const { host, port } = this.broker;
    return this.keys().includes('reason.certificate') ? `https://${host}:${port}/` : '';
  }

  /** The broker that there is a connection to, or what was asked for. @returns {string} as in `Broker` */
  get shownBroker() {
    return this.node?.shown ?? this.broker.shown;
  }

  /** What went wrong and was not put right since; empty when all is well. @returns {string} */
  lastError() {
    const isWrong = !this.state.key.startsWith('state.');
    const error = this.problem || (isWrong ? this.state : null);
    return error ? this.textOf([error]) : '';
  }

  /** Whether the page's own broker is the one that there is a connection to, or that is tried. @returns {boolean} */
  isOwnWanted() {
    const { broker, ownBroker, state } = this;
    return state !== CLOSED && ownBroker !== null && leadsTo(ownBroker, broker);
  }

  /** @private @param {Sentence[]} sentences */
  textOf(sentences) {
    const language = this.locale();
    const { host, port } = this.node ?? this.broker.nodes ?? this.broker;
    const common = {
      host,
      port,
      broker: this.shownBroker,
      example: this.ownBroker?.name ?? EXAMPLE_ADDRESS,
    };
    return sentences
      .map(({ key, values }) => text(language, key, { ...common, ...values }))
      .join(text(language, 'separator'));
  }

  /** One of several answered. @private @param {number} place of its address */
  reached(place) {
    const url = this.broker.nodes?.urls[place];
    this.node = url === undefined ? null : nodeOf(url);
  }

  /** A good address takes back what was said of a bad one. @private */
  forgetAddress() {
    if (this.problem && OF_ADDRESS.test(this.problem.key)) this.problem = null;
  }

  /** @private @returns {Sentence[]} */
  sentences() {
    const sentences = [this.state, ...this.advice];
    if (this.retryAt !== null) {
      const seconds = Math.max(1, Math.ceil((this.retryAt - this.now()) / 1000));
      sentences.push({ key: 'hint.retry', values: { seconds } });
    }
    if (this.problem && this.isAddressNews()) sentences.unshift(this.problem);
    else if (this.problem) sentences.push(this.problem);
    else if (this.state.key === 'state.closed') sentences.push({ key: 'hint.connect' });
    if (this.tooFast) {
      sentences.push({ key: 'publish.too-fast', values: { count: this.tooFast } });
    }
    if (this.unsent) sentences.push({ key: 'hint.unsent', values: { count: this.unsent } });
    if (this.dropped.count)
      sentences.push({
        key: 'hint.dropped',
        values: { count: this.dropped.count, topic: this.dropped.topic },
      });
    if (this.droppedEarly) {
      sentences.push({ key: 'hint.droppedEarly', values: { count: this.droppedEarly } });
    }
    if (this.broker.isAlone && this.state.key === 'state.connected') {
      sentences.push({ key: 'hint.practice-alone' });
    }
    if (this.isPublicNews()) sentences.push({ key: 'hint.public' });
    sentences.push(...this.topicHints(), ...this.smallBoards.sentences(this.broker));
    if (this.limit) sentences.push({ key: this.limit });
    return sentences;
  }

  /**
   * Whether the address that was typed last is bad, while attempts at the one before go on failing: that comes first, not
   * behind advice for another broker.
   *
   * @private
   */
  isAddressNews() {
    return this.problem?.key.startsWith('address.') && !this.state.key.startsWith('state.');
  }

  /** Whether this project shows what it sends to anybody, which is said once. @private */
  isPublicNews() {
    const { broker, publicity, state } = this;
    const isSaid = publicity === 'now' && state.key === 'state.connected';
    return isSaid && broker.isPublic && !this.hasRoom();
  }

  /**
   * @private
   * @param {CloseReason} reason
   * @param {number | null} retryInMs
   * @param {string | null} lastTopic
   */
  disconnected(reason, retryInMs, lastTopic) {
    const { isDenied, isOnline, node, ownBroker: own } = this;
    const broker = node ? { ...this.broker, ...node, nodes: undefined } : this.broker;
    const wasConnected = this.state.key === 'state.connected';
    const hasLogin = broker.hasLogin === true;
    const circumstances = { broker, hasLogin, isOnline: isOnline(), lastTopic, own, isDenied };
    this.become(...reasonSentences(reason, circumstances));
    this.retryAt = retryInMs === null ? null : this.now() + retryInMs;
    this.node = null;
    if (wasConnected) this.notice.settle();
    else if (reason.code !== 'closed') this.notice.show(this.textOf([this.state, ...this.advice]));
  }

  /** @private @param {Sentence} state @param {Sentence[]} advice */
  become(state = CLOSED, ...advice) {
    this.state = state;
    this.advice = advice;
    this.retryAt = null;
  }
}
