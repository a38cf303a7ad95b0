// @ts-check
import { ALL_AT_ONCE, NEWEST_ONLY, ONE_BY_ONE } from './modes.js';
import { endsInOneTurn } from './one-turn.js';
import { eachHat, textIn } from './scripts.js';

/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('../editors/support/scratch.js').ProjectBlocks} ProjectBlocks */
/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../editors/support/scratch.js').Target} Target */
/** @typedef {import('../editors/support/scratch.js').Thread} Thread */

/** How many messages a script that ends in one turn may handle in one frame. */
export const MOST_PER_FRAME = 16;

/** How many threads one script may have where messages are handled all at once. */
export const MOST_AT_ONCE = 30;

/** The runtime's number for a thread that has ended. */
const STATUS_DONE = 4;

/** @type {any} A target as `startHats` looks at it. */
const NO_SCRIPTS = Object.freeze({
  id: '',
  blocks: {
    _cache: { scripts: new Proxy({}, { get: () => [] }) },
    getBlock: () => undefined,
    getScripts: () => [],
  },
});

/**
 * What waits for one script of one target.
 *
 * @template T
 * @typedef {object} Queue
 * @property {T[]} waiting
 * @property {Thread[]} threads those that handle something now
 * @property {number} seen the frame in which the script was last found
 */

/**
 * @template T
 * @typedef {object} Hat
 * @property {string} blockId
 * @property {Target} target
 * @property {string | null} text in its slot; `null`: known when the script runs
 * @property {Queue<T>} queue
 */

/**
 * The scripts under one kind of hat: a queue for each script of each sprite and clone, and what a
 * script was started for, kept by its thread.
 *
 * @template T
 */
export class ScriptQueues {
  /**
   * @param {Runtime} runtime
   * @param {object} kind
   * @param {string} kind.opcode of the hat
   * @param {string} kind.slot the name of its argument
   * @param {number} kind.limit how much waits for one script; then the oldest is dropped
   * @param {(waiting: T[]) => boolean} [kind.isTooMuch] whether less has to wait, however many there are
   * @param {(item: T, isWanted: boolean) => void} [kind.onSkip] it was wanted, unless only the newest is
   * @param {{ isOn: boolean }} [kind.pause] whether the editor has paused the project
   */
  constructor(runtime, kind) {
    const { opcode, slot, limit, isTooMuch = () => false, onSkip = () => {} } = kind;
    this.runtime = runtime;
    this.opcode = opcode;
    this.slot = slot;
    this.limit = limit;
    this.isTooMuch = isTooMuch;
    this.onSkip = onSkip;
    this.pause = kind.pause ?? { isOn: false };
    this.mode = ONE_BY_ONE;
    /** @type {Hat<T>[]} */
    this.hats = [];
    /** @type {Map<string, Queue<T>>} */
    this.queues = new Map();
    /** Counts how often the scripts were read. @private */
    this.reading = 0;
    /** @private @type {WeakMap<Thread, T>} */
    this.itemOf = new WeakMap();
    /** Threads whose slot was compared before they started. @private @type {WeakSet<Thread>} */
    this.matched = new WeakSet();
    /** What `startHats` is starting. @private @type {{ hat: Hat<T>, item: T } | null} */
    this.starting = null;
    /** @private @type {WeakMap<ProjectBlocks, Map<string, boolean>>} */
    this.shortScripts = new WeakMap();
  }

  /**
   * Finds the scripts, keeps their queues, and forgets the queues of scripts, sprites and clones
   * that are gone.
   */
  read() {
    this.reading += 1;
    this.hats = [];
    eachHat(this.runtime, this.opcode, (blockId, target) => {
      const text = textIn(this.slot, blockId, target);
      this.hats.push({ blockId, target, text, queue: this.queueOf(blockId, target) });
    });
    for (const [key, queue] of this.queues) {
      if (queue.seen !== this.reading) this.queues.delete(key);
    }
  }

  /** Lets something wait for a script. @param {Queue<T>} queue @param {T} item */
  add({ waiting }, item) {
    waiting.push(item);
    this.trim(waiting);
  }

  /** @param {string} mode */
  setMode(mode) {
    this.mode = mode;
    for (const { waiting } of this.queues.values()) this.trim(waiting);
  }

  /** Starts every script that may take the next of what waits for it; none while the project is paused. */
  start() {
    if (this.isPaused()) return;
    for (const hat of this.hats) if (hat.queue.waiting.length) this.startScript(hat);
  }

  /** Skips what waits. */
  clear() {
    for (const queue of this.queues.values()) queue.waiting.length = 0;
  }

  /** The blocks of scripts may have changed. */
  edited() {
    this.shortScripts = new WeakMap();
  }

  /**
   * The hat: whether the script runs. Its slot was compared before its thread was made, because some
   * engines do not ask; what is left is a text that only a running script knows.
   *
   * @param {BlockUtility | undefined} util
   * @param {(item: T) => boolean} isFor compares it with what the script knows
   * @returns {boolean}
   */
  isHatTrue(util, isFor) {
    const thread = util && util.thread;
    if (!thread) return false;
    if (thread.stackClick) return true;
    this.adopt(thread);
    const item = this.itemOf.get(thread);
    return item !== undefined && (this.matched.has(thread) || isFor(item));
  }

  /** What a script was started for. @param {BlockUtility | undefined} util @returns {T | null} */
  itemFor(util) {
    const thread = util && util.thread;
    return (thread && this.itemOf.get(thread)) ?? null;
  }

  /** What a running script handles from now on. @param {BlockUtility | undefined} util @param {T} item */
  give(util, item) {
    if (util?.thread) this.itemOf.set(util.thread, item);
  }

  /** @private @param {string} blockId @param {Target} target @returns {Queue<T>} */
  queueOf(blockId, target) {
    const key = `${target.id} ${blockId}`;
    let queue = this.queues.get(key);
    if (!queue) {
      queue = { waiting: [], threads: [], seen: 0 };
      this.queues.set(key, queue);
    }
    queue.seen = this.reading;
    return queue;
  }

  /** @private @param {T[]} waiting */
  trim(waiting) {
    const isNewestOnly = this.mode === NEWEST_ONLY;
    const most = isNewestOnly ? 1 : this.limit;
    while (waiting.length > most || this.isTooMuch(waiting)) {
      this.onSkip(/** @type {T} */ (waiting.shift()), !isNewestOnly);
    }
  }

  /** @private @param {Hat<T>} hat */
  startScript(hat) {
    const { queue } = hat;
    queue.threads = queue.threads.filter((thread) => this.isAlive(thread));
    for (let room = this.room(hat); room > 0 && queue.waiting.length; room -= 1) {
      const thread = this.startThread(hat, /** @type {T} */ (queue.waiting[0]));
      // The editor starts nothing now: what waits stays.
      if (!thread) return;
      queue.waiting.shift();
      queue.threads.push(thread);
    }
  }

  /**
   * Whether the editor starts no scripts: TurboWarp's pause says so, and answers every start with
   * nothing. A target without scripts asks without starting any.
   *
   * @private
   */
  isPaused() {
    const waits = this.hats.some(({ queue }) => queue.waiting.length > 0);
    if (!waits || !this.runtime.startHats) return false;
    if (this.pause.isOn) return true;
    try {
      return this.runtime.startHats(this.opcode, null, NO_SCRIPTS) === undefined;
    } catch {
      // It cannot be asked.
      return false;
    }
  }

  /** How many threads a script may get now. @private @param {Hat<T>} hat */
  room({ blockId, target, queue: { threads } }) {
    // `startHats` starts no script that runs already.
    if (!this.canPush()) return threads.length ? 0 : 1;
    if (this.mode === ALL_AT_ONCE) return MOST_AT_ONCE - threads.length;
    if (threads.length) return 0;
    return this.isShort(target.blocks, blockId) ? MOST_PER_FRAME : 1;
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

  /** @private */
  canPush() {
    return typeof this.runtime._pushThread === 'function';
  }

  /** @private @param {Hat<T>} hat @param {T} item @returns {Thread | undefined} */
  startThread(hat, item) {
    if (!this.canPush()) return this.startByHat(hat, item);
    const thread = this.runtime._pushThread?.(hat.blockId, hat.target);
    if (thread) this.hand(thread, hat, item);
    return thread;
  }

  /**
   * Without the inner function: `startHats` asks the hat at once, and the hat takes the item.
   *
   * @private
   * @param {Hat<T>} hat
   * @param {T} item
   * @returns {Thread | undefined}
   */
  startByHat(hat, item) {
    this.starting = { hat, item };
    try {
      const threads = this.runtime.startHats?.(this.opcode, undefined, hat.target) || [];
      return threads.find((thread) => this.itemOf.get(thread) === item);
    } finally {
      this.starting = null;
    }
  }

  /** @private @param {Thread} thread */
  adopt(thread) {
    const { starting } = this;
    if (!starting || thread.topBlock !== starting.hat.blockId) return;
    this.hand(thread, starting.hat, starting.item);
  }

  /** @private @param {Thread} thread @param {Hat<T>} hat @param {T} item */
  hand(thread, { text }, item) {
    this.itemOf.set(thread, item);
    if (text !== null) this.matched.add(thread);
  }
}
