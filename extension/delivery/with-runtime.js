// @ts-check
import { CONNECTION_HAT_OPCODE, HAT_OPCODE } from '../blocks/ids.js';
import { OWNER } from '../client/subscriptions.js';
import { choiceOf } from '../values/choice.js';
import { hasTooManyBytes } from './bounds.js';
import { onEveryFrame } from './pump.js';
import { ScriptQueues } from './script-queues.js';

/** @typedef {import('../client/connection.js').Change} Change */
/** @typedef {import('./messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {import('./types.js').Delivery} Delivery */
/** @typedef {import('./types.js').MessageHat} MessageHat */
/** @typedef {import('../client/subscriptions.js').Subscriptions} Subscriptions */
/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../editors/support/scratch.js').Thread} Thread */

/**
 * How many messages wait for one script of one sprite or clone; then the oldest is dropped.
 *
 * A program that publishes 300 at once delivers them between two frames, and a page that stands
 * still for three seconds (a project loads, the tab was hidden) finds them all afterwards. Scripts
 * share the messages, so that a queue costs little.
 */
export const QUEUE_LIMIT = 1000;

/** How many changes of the connection wait for one script. */
const CHANGE_LIMIT = 16;

/** How many frames a topic that is being typed is left alone. */
const TYPING_FRAMES = 15;

/**
 * Delivery inside the page: a queue per script and target, and the message on the thread that
 * handles it. Unless the project asks for something else, messages are handled in order, each script
 * finishes one before it takes the next, none is mixed up, and none is lost until a queue is full;
 * then the status says how many were. The changes of the connection go the same way.
 *
 * @implements {Delivery}
 */
export class RuntimeDelivery {
  /**
   * @param {Runtime} runtime
   * @param {object} parts
   * @param {Subscriptions} parts.subscriptions
   * @param {import('../status/status.js').Dropped} parts.dropped where dropped messages are counted
   */
  constructor(runtime, { subscriptions, dropped }) {
    this.runtime = runtime;
    this.subscriptions = subscriptions;
    this.dropped = dropped;
    /** Whether the editor has paused the project, as TurboWarp can. @private */
    this.pause = { isOn: false };
    runtime.on?.('RUNTIME_PAUSED', () => (this.pause.isOn = true));
    runtime.on?.('RUNTIME_UNPAUSED', () => (this.pause.isOn = false));
    /** The scripts under each kind of hat for messages. @private @type {ScriptQueues<ReceivedMessage>[]} */
    this.messages = [];
    this.addHat({ opcode: HAT_OPCODE, slot: 'TOPIC' });
    /** @private @type {ScriptQueues<Change>} */
    this.changes = new ScriptQueues(runtime, {
      opcode: CONNECTION_HAT_OPCODE,
      slot: 'STATE',
      limit: CHANGE_LIMIT,
      pause: this.pause,
    });
    /** Whether scripts may have changed since they were read. @private */
    this.isStale = true;
    /** @private */
    this.frame = 0;
    /** Topics are not subscribed to before this frame. @private */
    this.quietUntil = 0;
    onEveryFrame(runtime, () => this.beforeFrame());
    runtime.on?.('PROJECT_CHANGED', () => this.edited());
  }

  /** @param {MessageHat} hat */
  addHat({ opcode, slot }) {
    const mode = this.messages[0]?.mode;
    const queues = new ScriptQueues(this.runtime, {
      opcode,
      slot,
      limit: QUEUE_LIMIT,
      isTooMuch: hasTooManyBytes,
      pause: this.pause,
      onSkip: (/** @type {ReceivedMessage} */ message, isWanted) =>
        this.dropped.add(message.shownTopic, isWanted),
    });
    if (mode) queues.setMode(mode);
    this.messages.push(queues);
  }

  /** @param {ReceivedMessage} message @param {Set<string>} filters */
  receive(message, filters) {
    if (this.isStale) this.readScripts();
    for (const queues of this.messages) {
      for (const { text, queue } of queues.hats) {
        const isFor = text === null || filters.has(this.subscriptions.full(text));
        if (isFor) queues.add(queue, message);
      }
    }
  }

  /** @param {Change} change */
  changed(change) {
    if (this.isStale) this.readScripts();
    for (const { text, queue } of this.changes.hats) {
      const isFor = text === null || choiceOf([change], text) === change;
      if (isFor) this.changes.add(queue, change);
    }
  }

  /** @param {string} topic @param {BlockUtility | undefined} util */
  isHatTrue(topic, util) {
    /** @param {ReceivedMessage} message */
    const isFor = (message) => this.subscriptions.matches(topic, message.topic);
    return this.messages.some((queues) => queues.isHatTrue(util, isFor));
  }

  /** @param {string | undefined} state @param {BlockUtility | undefined} util */
  isChangeTrue(state, util) {
    return this.changes.isHatTrue(util, (change) => change === state);
  }

  /** @param {BlockUtility | undefined} util @returns {ReceivedMessage | null} */
  messageFor(util) {
    for (const queues of this.messages) {
      const message = queues.itemFor(util);
      if (message) return message;
    }
    return null;
  }

  /** @param {ReceivedMessage} message @param {BlockUtility | undefined} util */
  give(message, util) {
    // Where it is looked for first, whatever hat the script has.
    this.messages[0]?.give(util, message);
  }

  /**
   * Scripts that a script starts, by a broadcast or as a clone, handle the same message.
   *
   * @param {Thread} by
   * @param {Thread[]} threads
   */
  inherit(by, threads) {
    const message = this.messageFor({ thread: by });
    if (message) for (const thread of threads) this.give(message, { thread });
  }

  /** @param {string} mode */
  setMode(mode) {
    for (const queues of this.messages) queues.setMode(mode);
  }

  clear() {
    for (const queues of this.messages) queues.clear();
    this.changes.clear();
  }

  refresh() {
    this.quietUntil = 0;
    this.readScripts();
    this.subscribe();
  }

  /** @private */
  beforeFrame() {
    this.frame += 1;
    this.readScripts();
    if (this.frame >= this.quietUntil) this.subscribe();
    for (const queues of this.messages) queues.start();
    this.changes.start();
    this.isStale = true;
  }

  /** @private */
  edited() {
    for (const queues of this.messages) queues.edited();
    this.changes.edited();
    // While a topic is typed, each of its beginnings would be subscribed to.
    if (this.quietUntil <= this.frame) this.quietUntil = this.frame + TYPING_FRAMES;
  }

  /** @private */
  readScripts() {
    for (const queues of this.messages) queues.read();
    this.changes.read();
    this.isStale = false;
  }

  /** @private */
  subscribe() {
    const topics = new Set();
    for (const { hats } of this.messages) {
      for (const { text } of hats) if (text !== null) topics.add(text);
    }
    this.subscriptions.set(OWNER.hat, topics);
  }
}
