// @ts-check
import { History } from '../delivery/history.js';
import { Inbox } from '../delivery/inbox.js';
import { LastMessages, ReceivedMessage } from '../delivery/messages.js';
import { ONE_BY_ONE } from '../delivery/modes.js';
import { RuntimeDelivery } from '../delivery/with-runtime.js';
import { SandboxedDelivery } from '../delivery/sandboxed.js';
import { Starts } from '../delivery/starts.js';
import { Notice } from '../status/notice.js';
import { Status } from '../status/status.js';
import { Client } from './client.js';
import { Connection } from './connection.js';
import { Presence } from './presence.js';
import { shortTopic } from './rooms.js';
import { OWNER, Subscriptions } from './subscriptions.js';

/** @typedef {import('../delivery/types.js').Delivery} Delivery */
/** @typedef {import('../delivery/types.js').MessageHat} MessageHat */
/** @typedef {import('../editors/support/environment.js').Environment} Environment */
/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */
/** @typedef {import('./types.js').Core} Core */
/** @typedef {import('./types.js').MqttClient} MqttClient */
/** @typedef {import('./types.js').TopicProblem} TopicProblem */
/** @typedef {import('./types.js').MqttMessage} MqttMessage */

/** MQTT allows them, but some brokers hang up. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * What stands behind the blocks, once per page: the client, its connection, its subscriptions, and
 * the way of messages into scripts.
 */
export class Bridge {
  /**
   * @param {Environment} environment
   * @param {() => Promise<Core>} load starts the wasm module; called when a block first needs it
   */
  constructor(environment, load) {
    this.environment = environment;
    this.status = new Status(environment);
    this.notice = new Notice(environment);
    this.status.notice = this.notice;
    this.client = new Client(load, {
      onClient: (mqtt) => this.attend(mqtt),
      onProblem: (problem) => this.status.report(problem),
    });
    this.subscriptions = new Subscriptions(this.client, this.status, environment.pupil.room);
    /** @private @param {string} topic */
    this.full = (topic) => this.subscriptions.full(topic);
    this.connection = new Connection(this.client, environment, this.status, {
      announced: () => this.presence.options,
      full: this.full,
      onChange: (change) => this.delivery.changed(change),
    });
    this.presence = new Presence(this);
    this.history = new History();
    this.lastMessages = new LastMessages();
    this.inbox = new Inbox(this.status.dropped);
    /** How many messages came in this run of the project. @private */
    this.received = 0;
    /** Hats of other ids that wait for messages. @private @type {MessageHat[]} */
    this.hats = [];
    this.starts = new Starts();
    /** @type {Delivery} */
    this.delivery = this.deliveryFor(environment.runtime);
  }

  /** The editor constructs the blocks once more, now with its runtime. @param {Runtime} runtime */
  attach(runtime) {
    if (this.environment.runtime) return;
    this.environment.runtime = runtime;
    this.delivery = this.deliveryFor(runtime);
  }

  /** Scripts under another hat get messages too. @param {MessageHat} hat */
  addHat(hat) {
    if (this.hats.some(({ opcode }) => opcode === hat.opcode)) return;
    this.hats.push(hat);
    this.delivery.addHat(hat);
  }

  /** @param {string} room empty: none */
  setRoom(room) {
    if (room === this.subscriptions.room) return;
    this.subscriptions.moveTo(room);
    this.inbox.rename(this.full);
    this.history.rename(this.full);
    this.presence.moved();
    this.delivery.refresh();
  }

  /**
   * Publishes, if the topic can be.
   *
   * @param {string} topic
   * @param {string | Uint8Array} payload
   * @param {0 | 1 | 2} [qos]
   * @param {boolean} [isKept]
   */
  publish(topic, payload, qos = 0, isKept = false) {
    const full = this.full(topic);
    // Only these the client takes although they are a problem: everything else it names itself.
    if (CONTROL_CHARACTER.test(full) && this.topicFor(topic) === null) return;
    try {
      this.client.mqtt.publish(full, payload, qos, isKept);
    } catch (error) {
      const { problem } = /** @type {{ problem?: NonNullable<TopicProblem> }} */ (error);
      if (problem === undefined) throw error;
      this.status.report(`topic.${problem}`, { topic: full });
      return;
    }
    this.subscriptions.note(topic);
    this.status.smallBoards.note(full, payload, isKept);
    this.connection.lastSent.note(full);
  }

  /**
   * The name on the broker of a topic to publish to; `null`, and a sentence in the status, when there
   * can be no such topic.
   *
   * @param {string} typed
   * @returns {string | null}
   */
  topicFor(typed) {
    const topic = this.full(typed);
    const problem = this.client.core.topicProblem(topic);
    if (!problem) return topic;
    this.status.report(`topic.${problem}`, { topic });
    return null;
  }

  /**
   * Subscribes, and lets messages wait for the block "next message".
   *
   * @param {number} owner
   * @param {string} topic
   * @param {0 | 1 | 2} [qos]
   */
  subscribe(owner, topic, qos) {
    if (!this.subscriptions.add(owner, topic, qos)) return;
    this.inbox.open(topic, this.full);
  }

  /** Lets messages of a topic wait, as soon as there is a client. @param {string} topic */
  listen(topic) {
    this.client.run(() => this.subscribe(OWNER.last, topic));
  }

  /** Remembers messages of a topic, as soon as there is a client. @param {string} topic */
  remember(topic) {
    const { client, lastMessages, subscriptions } = this;
    client.run(() => {
      if (!subscriptions.add(OWNER.last, topic)) return;
      this.history.open(topic, this.full, () =>
        lastMessages.find(this.full(topic), client.core.matches),
      );
    });
  }

  /** Ends a subscription, for the hats too. @param {string} topic */
  unsubscribe(topic) {
    this.subscriptions.mute(topic);
    this.inbox.close(topic);
  }

  /** The message that a script handles, else the last one. @param {BlockUtility} [util] */
  messageFor(util) {
    return this.delivery.messageFor(util) || this.lastMessages.newest;
  }

  /** What becomes of messages that come while scripts are busy. @param {string} mode */
  setHandling(mode) {
    this.delivery.setMode(mode);
    this.inbox.setMode(mode);
  }

  /** The green flag: a new run, on the connection that is there. */
  projectStarted() {
    this.starts.isStarted = true;
    this.environment.classServer.startAgain();
    this.received = 0;
    this.notice.begin();
    this.delivery.clear();
    this.inbox.clear();
    this.status.clear();
    this.status.unsent = this.client.discardUnsent();
    this.subscriptions.unmute();
    this.delivery.refresh();
  }

  /** Another project: nothing of the last one stays, and least of all its login. */
  projectLoaded() {
    this.starts.isStarted = false;
    this.environment.classServer.forget();
    this.received = 0;
    this.notice.begin();
    this.delivery.clear();
    this.setHandling(ONE_BY_ONE);
    this.connection.reset();
    this.subscriptions.reset();
    this.inbox.reset();
    this.history.reset();
    this.presence.reset();
    this.lastMessages.clear();
    this.status.reset();
    this.client.renew();
    this.delivery.refresh();
  }

  /** @private @param {Runtime | undefined} runtime @returns {Delivery} */
  deliveryFor(runtime) {
    const { subscriptions, status } = this;
    const { takesLateAnswers } = this.environment;
    const parts = { subscriptions, dropped: status.dropped };
    status.limit = runtime ? null : takesLateAnswers ? 'hint.sandboxed' : 'hint.hatless';
    if (!runtime) return new SandboxedDelivery(parts);
    const delivery = new RuntimeDelivery(runtime, parts);
    for (const hat of this.hats) delivery.addHat(hat);
    this.starts.watch(runtime, (by, threads) => delivery.inherit(by, threads));
    // The blocks of the next project run before it is said to be loaded.
    runtime.on?.('RUNTIME_DISPOSED', () => this.projectLoaded());
    runtime.on?.('PROJECT_START', () => this.projectStarted());
    runtime.on?.('PROJECT_STOP_ALL', () => this.delivery.clear());
    runtime.on?.('PROJECT_LOADED', () => this.projectLoaded());
    return delivery;
  }

  /** @private @param {MqttClient} mqtt */
  attend(mqtt) {
    mqtt.onevent = (event) => {
      if (event.type === 'subscribeFailed') this.subscriptions.refused(event.filter);
      if (event.type === 'connected') this.subscriptions.forgetRefusals();
      this.connection.handle(event);
      this.presence.handle(event);
    };
    mqtt.onmessage = (message) => this.receive(message);
    mqtt.setPublishRate(this.connection.publishRate);
    this.subscriptions.start();
  }

  /** @private @param {MqttMessage} arrived */
  receive(arrived) {
    const { subscriptions } = this;
    const filters = subscriptions.filtersOf(arrived.subscriptions);
    const isOfPresence = this.presence.saysWhoIsHere(filters);
    // What no script asked for is no message to it.
    const isHidden = isOfPresence && !subscriptions.isWantedBeside(OWNER.presence, filters);
    const message = new ReceivedMessage(arrived, {
      shownTopic: shortTopic(subscriptions.room, arrived.topic),
      at: this.status.now(),
      number: isHidden ? 0 : (this.received += 1),
    });
    if (isOfPresence) this.presence.receive(message);
    if (isHidden) return;
    subscriptions.note(message.shownTopic);
    this.lastMessages.add(message);
    this.inbox.receive(message, filters);
    this.history.receive(message, filters);
    this.delivery.receive(message, filters);
  }
}
