// @ts-check
import { CONNECTION_HAT_OPCODE, HAT_OPCODE } from '../blocks/blocks.js';
import { choiceOf } from '../blocks/casting.js';
import { OWNER } from '../client/subscriptions.js';
import { hasTooManyBytes } from './bounds.js';
import { onEveryFrame } from './pump.js';
import { ScriptQueues } from './script-queues.js';

/** @typedef {import('../client/connection.js').Change} Change */
/** @typedef {import('./messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {import('../client/subscriptions.js').Subscriptions} Subscriptions */
/** @typedef {import('../hosts/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('../hosts/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../hosts/support/scratch.js').Thread} Thread */

/** A hat for messages, and the name of its topic's slot. @typedef {{ opcode: string, slot: string }} MessageHat */

/**
 * How many messages wait for one script of one sprite or clone; then the oldest is skipped.
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
 */
export class RuntimeDelivery {
  /**
   * @param {Runtime} runtime
   * @param {object} parts
   * @param {Subscriptions} parts.subscriptions
   * @param {import('../status/status.js').Skipped} parts.skipped where skipped messages are counted
   */
  constructor(runtime, { subscriptions, skipped }) {
    this.runtime = runtime;
    this.subscriptions = subscriptions;
    this.skipped = skipped;
    /** Whether the host has paused the project, as TurboWarp can. @private */
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
        this.skipped.add(message.shownTopic, isWanted),
    });
    if (mode) queues.setMode(mode);
    this.messages.push(queues);
  }

  /**
   * Gives a message to every script that waits for it.
   *
   * @param {ReceivedMessage} message
   * @param {Set<string>} filters those that match its topic
   */
  receive(message, filters) {
    if (this.isStale) this.readScripts();
    for (const queues of this.messages) {
      for (const { text, queue } of queues.hats) {
        const isFor = text === null || filters.has(this.subscriptions.full(text));
        if (isFor) queues.add(queue, message);
      }
    }
  }

  /** Gives a change of the connection to every script that waits for it. @param {Change} change */
  changed(change) {
    if (this.isStale) this.readScripts();
    for (const { text, queue } of this.changes.hats) {
      if (text === null || isChange(change, text)) this.changes.add(queue, change);
    }
  }

  /**
   * The hat "when message".
   *
   * @param {string} filter as the broker knows it
   * @param {BlockUtility | undefined} util
   * @returns {boolean}
   */
  isHatTrue(filter, util) {
    const { core } = this.subscriptions;
    /** @param {ReceivedMessage} message */
    const isFor = ({ topic }) => core?.matches(filter, topic) === true;
    return this.messages.some((queues) => queues.isHatTrue(util, isFor));
  }

  /** The hat "when connection". @param {string} state @param {BlockUtility | undefined} util */
  isChangeTrue(state, util) {
    return this.changes.isHatTrue(util, (change) => isChange(change, state));
  }

  /**
   * The message that a script handles.
   *
   * @param {BlockUtility | undefined} util
   * @returns {ReceivedMessage | null}
   */
  messageFor(util) {
    for (const queues of this.messages) {
      const message = queues.itemFor(util);
      if (message) return message;
    }
    return null;
  }

  /**
   * A script took a message out of those that wait, and handles it from now on.
   *
   * @param {ReceivedMessage} message
   * @param {BlockUtility | undefined} util
   */
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

  /** Skips what waits. */
  clear() {
    for (const queues of this.messages) queues.clear();
    this.changes.clear();
  }

  /** Something changed that topics depend on: reads them, and subscribes, at once. */
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

/** @param {Change} change @param {string} typed */
const isChange = (change, typed) => choiceOf([change], typed) !== undefined;
