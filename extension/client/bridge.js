// @ts-check
import { MENUS } from '../blocks/blocks.js';
import { choiceOf } from '../blocks/casting.js';
import { Connection } from './connection.js';
import { Inbox } from '../delivery/inbox.js';
import { ONE_BY_ONE } from '../delivery/modes.js';
import { RuntimeDelivery } from '../delivery/with-runtime.js';
import { SandboxedDelivery } from '../delivery/sandboxed.js';
import { onScriptsStarted } from '../delivery/starts.js';
import { LastMessages, ReceivedMessage } from '../delivery/messages.js';
import { shortTopic } from './rooms.js';
import { Status } from '../status/status.js';
import { Subscriptions } from './subscriptions.js';
import { later, withLimit } from './wait.js';

/** @typedef {import('../hosts/support/environment.js').Environment} Environment */
/** @typedef {import('./types.js').Core} Core */
/** @typedef {import('./types.js').MqttClient} MqttClient */
/** @typedef {import('./types.js').MqttMessage} MqttMessage */
/** @typedef {import('../hosts/support/scratch.js').Runtime} Runtime */

/** @typedef {{ call: (core: Core) => void, giveUp: () => void, isPublication?: boolean }} WaitingCall */

/** How many calls of blocks wait for the wasm module; those beyond are skipped, and the status says so. */
export const MOST_WAITING_CALLS = 1000;

/** How long a client that is closing may send its last messages, in milliseconds. */
const CLOSING_MS = 3000;

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
    this.load = load;
    this.status = new Status(environment);
    this.subscriptions = new Subscriptions(this.status);
    /** @private @param {string} topic */
    this.full = (topic) => this.subscriptions.full(topic);
    this.connection = new Connection(environment, this.status, {
      full: this.full,
      onChange: (change) => this.delivery.changed(change),
    });
    this.lastMessages = new LastMessages();
    this.inbox = new Inbox(this.status.skipped);
    /** How many messages came in this run of the project. @private */
    this.received = 0;
    /** @type {Core | null} */
    this.core = null;
    /** @type {MqttClient | null} */
    this.client = null;
    /** Calls that wait for the wasm module. @private @type {WaitingCall[]} */
    this.calls = [];
    /** @private */
    this.isLoading = false;
    /** Hats of other ids that wait for messages. @private @type {import('../delivery/with-runtime.js').MessageHat[]} */
    this.hats = [];
    /** Whether the runtime shows who starts scripts. @private */
    this.seesStarts = false;
    /** Whether a person started a script since the project was opened. @private */
    this.isStarted = false;
    this.delivery = this.deliveryFor(environment.runtime);
  }

  /** The host constructs the blocks once more, now with its runtime. @param {Runtime} runtime */
  attach(runtime) {
    if (this.environment.runtime) return;
    this.environment.runtime = runtime;
    this.delivery = this.deliveryFor(runtime);
  }

  /** Scripts under another hat get messages too. @param {import('../delivery/with-runtime.js').MessageHat} hat */
  addHat(hat) {
    if (this.hats.some(({ opcode }) => opcode === hat.opcode)) return;
    this.hats.push(hat);
    this.delivery.addHat(hat);
  }

  /**
   * Whether a script may connect: not before a person started something. A project that was opened
   * runs the blocks that it shows on the stage, the hats that are asked in every frame, and what
   * these start.
   *
   * @param {import('../hosts/support/scratch.js').BlockUtility} [util]
   * @returns {boolean}
   */
  mayConnect(util) {
    const thread = util?.thread;
    if (thread?.stackClick) this.isStarted = true;
    return !thread || this.isStarted || !this.seesStarts;
  }

  /**
   * Runs something with the wasm module: now, or in order when it has started.
   *
   * @param {(core: Core) => void} call
   * @param {() => void} [giveUp] called instead when it will never run
   */
  run(call, giveUp = () => {}) {
    if (this.core) {
      call(this.core);
    } else if (this.calls.length >= MOST_WAITING_CALLS) {
      this.status.report('start.tooMany');
      giveUp();
    } else {
      this.calls.push({ call, giveUp });
      this.start();
    }
  }

  /** As `run`, for what this run of the project publishes. @param {() => void} call */
  runToPublish(call) {
    const { length } = this.calls;
    this.run(call);
    const waiting = this.calls[length];
    if (waiting) waiting.isPublication = true;
  }

  /**
   * As `run`, for a script that waits until the call has ended.
   *
   * @param {() => Promise<void> | undefined} call
   * @param {number} limitMs the longest wait
   * @returns {Promise<void> | undefined} never rejects
   */
  runAndWait(call, limitMs) {
    if (this.core) return call();
    const ended = new Promise((resolve) => {
      this.run(
        () => resolve(call()),
        () => resolve(undefined),
      );
    });
    return withLimit(ended, limitMs);
  }

  /** @param {string} room empty: none */
  setRoom(room) {
    if (room === this.subscriptions.room) return;
    this.subscriptions.moveTo(room);
    this.inbox.rename(this.full);
    this.delivery.refresh();
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

  /** Ends a subscription, for the hats too. @param {string} topic */
  unsubscribe(topic) {
    this.subscriptions.mute(topic);
    this.inbox.close(topic);
  }

  /** What becomes of messages that come while scripts are busy. @param {string} typed a value of the menu */
  setHandling(typed) {
    const mode = choiceOf(MENUS.MODE, typed);
    if (mode === undefined) return;
    this.delivery.setMode(mode);
    this.inbox.setMode(mode);
  }

  /** How fast the project publishes. @param {import('./types.js').PublishRate | null} rate `null`: no limit */
  setPublishRate(rate) {
    this.connection.publishRate = rate;
    this.client?.setPublishRate?.(rate);
  }

  /** The green flag: a new run, on the connection that is there. */
  projectStarted() {
    this.isStarted = true;
    this.received = 0;
    this.delivery.clear();
    this.inbox.clear();
    this.status.clear();
    this.status.unsent = this.discardUnsent();
    this.subscriptions.unmute();
    this.delivery.refresh();
  }

  /** Another project: nothing of the last one stays, and least of all its login. */
  projectLoaded() {
    this.isStarted = false;
    this.received = 0;
    this.delivery.clear();
    this.setHandling(ONE_BY_ONE);
    this.connection.reset();
    this.subscriptions.reset();
    this.inbox.reset();
    this.lastMessages.clear();
    this.status.reset();
    this.giveUp();
    if (this.core) this.replaceClient(this.core);
    this.delivery.refresh();
  }

  /**
   * What an earlier run published while nothing was connected is not sent in this one.
   *
   * @private
   * @returns {number} of messages
   */
  discardUnsent() {
    const kept = this.calls.filter(({ isPublication }) => !isPublication);
    const waiting = this.calls.length - kept.length;
    this.calls = kept;
    return waiting + (this.client?.discardUnsent?.() ?? 0);
  }

  /** @private @param {Runtime | undefined} runtime */
  deliveryFor(runtime) {
    const { subscriptions, status } = this;
    const { takesLateAnswers } = this.environment;
    const parts = { subscriptions, skipped: status.skipped };
    status.limit = runtime ? null : takesLateAnswers ? 'hint.sandboxed' : 'hint.hatless';
    if (!runtime) return new SandboxedDelivery(parts);
    const delivery = new RuntimeDelivery(runtime, parts);
    for (const hat of this.hats) delivery.addHat(hat);
    const isSeen = onScriptsStarted(runtime, (start) => this.scriptsStarted(runtime, start));
    this.seesStarts = isSeen && Boolean(runtime.on);
    // The blocks of the next project run before it is said to be loaded.
    runtime.on?.('RUNTIME_DISPOSED', () => this.projectLoaded());
    runtime.on?.('PROJECT_START', () => this.projectStarted());
    runtime.on?.('PROJECT_STOP_ALL', () => this.delivery.clear());
    runtime.on?.('PROJECT_LOADED', () => this.projectLoaded());
    return delivery;
  }

  /**
   * Remembers that a person did something: clicked on a script, the flag or a sprite, or pressed a key.
   * What a script starts handles the message of that script.
   *
   * @private
   * @param {Runtime} runtime
   * @param {import('../delivery/starts.js').Start} start
   */
  scriptsStarted(runtime, { opcode, by, threads }) {
    const isByPerson = by ? by.stackClick : !runtime.getIsEdgeActivatedHat?.(opcode);
    if (isByPerson) this.isStarted = true;
    if (by) this.delivery.inherit(by, threads);
  }

  /** @private */
  start() {
    if (this.isLoading) return;
    this.isLoading = true;
    this.load().then(
      (core) => this.started(core),
      () => this.failed(),
    );
  }

  /** @private @param {Core} core */
  started(core) {
    this.core = core;
    this.replaceClient(core);
    for (const { call } of this.calls.splice(0)) call(core);
  }

  /** @private */
  failed() {
    this.isLoading = false;
    this.status.closed();
    this.status.report('start.failed');
    this.giveUp();
  }

  /** @private */
  giveUp() {
    for (const { giveUp } of this.calls.splice(0)) giveUp();
  }

  /** @private @param {Core} core */
  replaceClient(core) {
    const old = this.client;
    if (old) {
      old.onevent = null;
      old.onmessage = null;
      later(CLOSING_MS, () => old.free());
    }
    const client = new core.MqttClient();
    client.onevent = (event) => {
      if (event.type === 'subscribeFailed') this.subscriptions.refused(event.filter);
      if (event.type === 'connected') this.subscriptions.forgetRefusals();
      this.connection.handle(event);
    };
    client.onmessage = (message) => this.receive(message);
    this.client = client;
    client.setPublishRate?.(this.connection.publishRate);
    this.connection.core = core;
    this.connection.client = client;
    this.subscriptions.start(core, client);
  }

  /** @private @param {MqttMessage} arrived */
  receive(arrived) {
    const message = new ReceivedMessage(arrived, {
      shownTopic: shortTopic(this.subscriptions.room, arrived.topic),
      at: this.status.now(),
      number: (this.received += 1),
    });
    const filters = this.subscriptions.filtersOf(arrived.subscriptions);
    this.subscriptions.note(message.shownTopic);
    this.lastMessages.add(message);
    this.inbox.receive(message, filters);
    this.delivery.receive(message, filters);
  }
}
