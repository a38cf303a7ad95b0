// @ts-check
import { HAT_OPCODE } from '../blocks.js';
import { OWNER } from '../subscriptions.js';
import { endsInOneTurn } from './one-turn.js';
import { onEveryFrame } from './pump.js';
import { eachHat, topicOf } from './scripts.js';

/** @typedef {import('../messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {import('../subscriptions.js').Subscriptions} Subscriptions */
/** @typedef {import('../types.js').BlockUtility} BlockUtility */
/** @typedef {import('../types.js').ProjectBlocks} ProjectBlocks */
/** @typedef {import('../types.js').Runtime} Runtime */
/** @typedef {import('../types.js').Target} Target */
/** @typedef {import('../types.js').Thread} Thread */

/**
 * How many messages wait for one script of one sprite or clone; then the oldest is skipped.
 *
 * A program that publishes 300 at once delivers them between two frames, and a page that stands
 * still for three seconds (a project loads, the tab was hidden) finds them all afterwards. Scripts
 * share the messages, so that a queue costs little.
 */
export const QUEUE_LIMIT = 1000;

/** How many messages a script that ends in one turn may handle in one frame. */
export const MOST_PER_FRAME = 16;

/** How many frames a topic that is being typed is left alone. */
const TYPING_FRAMES = 15;

/** The runtime's number for a thread that has ended. */
const STATUS_DONE = 4;

/**
 * Messages for one script of one target.
 *
 * @typedef {object} Queue
 * @property {ReceivedMessage[]} messages
 * @property {Thread[]} threads those that handle messages now
 * @property {number} seen the frame in which the script was last found
 */

/**
 * @typedef {object} Hat
 * @property {string} blockId
 * @property {Target} target
 * @property {string | null} topic as the project writes it; `null`: known when the script runs
 * @property {string} filter as the broker knows it
 * @property {Queue} queue
 */

/**
 * Delivery inside the page: a queue per script and target, and the message on the thread that
 * handles it. Messages are handled in order, each script finishes one before it takes the next, none
 * is mixed up, and none is lost until a queue is full; then the status says how many were.
 */
export class RuntimeDelivery {
  /**
   * @param {Runtime} runtime
   * @param {object} parts
   * @param {Subscriptions} parts.subscriptions
   * @param {{ count: number, topic: string }} parts.skipped where skipped messages are counted
   */
  constructor(runtime, { subscriptions, skipped }) {
    this.runtime = runtime;
    this.subscriptions = subscriptions;
    this.skipped = skipped;
    /** @private @type {Map<string, Queue>} */
    this.queues = new Map();
    /** @private @type {Hat[]} */
    this.hats = [];
    /** Whether scripts may have changed since they were read. @private */
    this.isStale = true;
    /** @private */
    this.frame = 0;
    /** Topics are not subscribed to before this frame. @private */
    this.quietUntil = 0;
    /** The message of each thread. @private @type {WeakMap<Thread, ReceivedMessage>} */
    this.messageOf = new WeakMap();
    /** Threads whose topic was compared before they started. @private @type {WeakSet<Thread>} */
    this.matched = new WeakSet();
    /** What `startHats` is starting. @private @type {{ hat: Hat, message: ReceivedMessage } | null} */
    this.starting = null;
    /** @private @type {WeakMap<ProjectBlocks, Map<string, boolean>>} */
    this.shortScripts = new WeakMap();
    onEveryFrame(runtime, () => this.beforeFrame());
    runtime.on?.('PROJECT_CHANGED', () => this.edited());
  }

  /**
   * Gives a message to every script that waits for it.
   *
   * @param {ReceivedMessage} message
   * @param {Set<string>} filters those that match its topic
   */
  receive(message, filters) {
    if (this.isStale) this.readScripts();
    for (const { topic, filter, queue } of this.hats) {
      if (topic === null || filters.has(filter)) this.enqueue(queue, message);
    }
  }

  /**
   * The hat: whether the script runs. The topic was compared before its thread was made, because
   * some engines do not ask; what is left is a topic that only a running script knows.
   *
   * @param {string} filter as the broker knows it
   * @param {BlockUtility | undefined} util
   * @returns {boolean}
   */
  isHatTrue(filter, util) {
    const thread = util && util.thread;
    if (!thread) return false;
    if (thread.stackClick) return true;
    this.adopt(thread);
    const message = this.messageOf.get(thread);
    if (!message) return false;
    if (this.matched.has(thread)) return true;
    return this.subscriptions.core?.matches(filter, message.topic) === true;
  }

  /**
   * The message that a script handles.
   *
   * @param {BlockUtility | undefined} util
   * @returns {ReceivedMessage | null}
   */
  messageFor(util) {
    const thread = util && util.thread;
    return (thread && this.messageOf.get(thread)) || null;
  }

  /** Skips what waits. */
  clear() {
    for (const queue of this.queues.values()) queue.messages.length = 0;
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
    for (const hat of this.hats) if (hat.queue.messages.length) this.start(hat);
    this.isStale = true;
  }

  /** @private */
  edited() {
    this.shortScripts = new WeakMap();
    // While a topic is typed, each of its beginnings would be subscribed to.
    if (this.quietUntil <= this.frame) this.quietUntil = this.frame + TYPING_FRAMES;
  }

  /**
   * Finds the scripts, keeps their queues, and forgets the queues of scripts, sprites and clones
   * that are gone.
   *
   * @private
   */
  readScripts() {
    this.hats = [];
    eachHat(this.runtime, (blockId, target) => {
      const topic = topicOf(blockId, target);
      const filter = topic === null ? '' : this.subscriptions.full(topic);
      this.hats.push({ blockId, target, topic, filter, queue: this.queueOf(blockId, target) });
    });
    for (const [key, queue] of this.queues) if (queue.seen !== this.frame) this.queues.delete(key);
    this.isStale = false;
  }

  /** @private @param {string} blockId @param {Target} target @returns {Queue} */
  queueOf(blockId, target) {
    const key = `${target.id} ${blockId}`;
    let queue = this.queues.get(key);
    if (!queue) {
      queue = { messages: [], threads: [], seen: 0 };
      this.queues.set(key, queue);
    }
    queue.seen = this.frame;
    return queue;
  }

  /** @private */
  subscribe() {
    const topics = new Set();
    for (const { topic } of this.hats) if (topic !== null) topics.add(topic);
    this.subscriptions.set(OWNER.hat, topics);
  }

  /** @private @param {Queue} queue @param {ReceivedMessage} message */
  enqueue(queue, message) {
    queue.messages.push(message);
    if (queue.messages.length <= QUEUE_LIMIT) return;
    const oldest = /** @type {ReceivedMessage} */ (queue.messages.shift());
    this.skipped.count += 1;
    this.skipped.topic = oldest.shownTopic;
  }

  /** Starts a script for the next of its messages, unless it still handles one. @private @param {Hat} hat */
  start(hat) {
    const { blockId, queue, target } = hat;
    queue.threads = queue.threads.filter((thread) => this.isAlive(thread));
    if (queue.threads.length) return;
    const most = this.isShort(target.blocks, blockId) ? MOST_PER_FRAME : 1;
    for (const message of queue.messages.splice(0, most)) {
      const thread = this.startThread(hat, message);
      if (thread) queue.threads.push(thread);
    }
  }

  /** @private @param {Thread} thread */
  isAlive(thread) {
    return (
      thread.status !== STATUS_DONE && !thread.isKilled && this.runtime.threads.includes(thread)
    );
  }

  /** @private @param {ProjectBlocks} blocks @param {string} hatId @returns {boolean} */
  isShort(blocks, hatId) {
    let known = this.shortScripts.get(blocks);
    if (!known) this.shortScripts.set(blocks, (known = new Map()));
    let isShort = known.get(hatId);
    if (isShort === undefined) known.set(hatId, (isShort = endsInOneTurn(blocks, hatId)));
    return isShort;
  }

  /** @private @param {Hat} hat @param {ReceivedMessage} message @returns {Thread | undefined} */
  startThread(hat, message) {
    const { runtime } = this;
    const { blockId, target, topic } = hat;
    if (typeof runtime._pushThread !== 'function') return this.startByHat(hat, message);
    const thread = runtime._pushThread(blockId, target);
    this.messageOf.set(thread, message);
    if (topic !== null) this.matched.add(thread);
    return thread;
  }

  /**
   * Without the inner function: `startHats` asks the hat at once, and the hat takes the message.
   *
   * @private
   * @param {Hat} hat
   * @param {ReceivedMessage} message
   * @returns {Thread | undefined}
   */
  startByHat(hat, message) {
    this.starting = { hat, message };
    try {
      const threads = this.runtime.startHats?.(HAT_OPCODE, undefined, hat.target) || [];
      return threads.find((thread) => this.messageOf.get(thread) === message);
    } finally {
      this.starting = null;
    }
  }

  /** @private @param {Thread} thread */
  adopt(thread) {
    const { starting } = this;
    if (!starting || thread.topBlock !== starting.hat.blockId) return;
    this.messageOf.set(thread, starting.message);
    if (starting.hat.topic !== null) this.matched.add(thread);
  }
}
