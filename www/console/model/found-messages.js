// @ts-check
/** The messages of a log that a search finds, the newest first. */

/** @typedef {import('./message-log.js').Kept} Kept */
/** @typedef {import('./message-log.js').MessageLog} MessageLog */

/** How many messages are looked at in one frame after the search has changed. */
export const SCANNED_AT_ONCE = 2_000;

export class FoundMessages {
  /** @param {MessageLog} log */
  constructor(log) {
    /** @private */
    this.log = log;
    /** @private @type {((message: Kept) => boolean) | null} `null`: all */
    this.isWanted = null;
    /** Numbers of those that came since the search, the oldest first. @private @type {number[]} */
    this.newer = [];
    /** Numbers of those that were there, the newest first. @private @type {number[]} */
    this.older = [];
    /** Which number is looked at next, downward. @private */
    this.unread = 0;
  }

  /** @param {((message: Kept) => boolean) | null} isWanted `null`: all */
  search(isWanted) {
    this.isWanted = isWanted;
    this.newer = [];
    this.older = [];
    this.unread = this.log.next - 1;
    this.scan();
  }

  /** A message was added to the log. @param {Kept} message */
  added(message) {
    if (this.isWanted?.(message)) this.newer.push(this.log.next - 1);
  }

  /** Looks at more of those that were there. @returns {boolean} whether some are left */
  scan() {
    if (this.isWanted === null) return false;
    const end = Math.max(this.log.first, this.unread - SCANNED_AT_ONCE + 1);
    for (; this.unread >= end; this.unread--) {
      const message = this.log.get(this.unread);
      if (message !== undefined && this.isWanted(message)) this.older.push(this.unread);
    }
    return this.unread >= this.log.first;
  }

  get size() {
    if (this.isWanted === null) return this.log.size;
    this.forget();
    return this.newer.length + this.older.length;
  }

  /** @param {number} index @returns {number | undefined} its number in the log */
  at(index) {
    if (this.isWanted === null) return this.log.next - 1 - index;
    const { newer, older } = this;
    return index < newer.length ? newer[newer.length - 1 - index] : older[index - newer.length];
  }

  /** @param {number} number @returns {number} -1 when it is not found */
  indexOf(number) {
    if (this.log.get(number) === undefined) return -1;
    if (this.isWanted === null) return this.log.next - 1 - number;
    const inNewer = this.newer.lastIndexOf(number);
    if (inNewer >= 0) return this.newer.length - 1 - inNewer;
    const inOlder = this.older.indexOf(number);
    return inOlder < 0 ? -1 : this.newer.length + inOlder;
  }

  /** The oldest first. @returns {Generator<Kept>} */
  *messages() {
    for (let index = this.size - 1; index >= 0; index--) {
      const message = this.log.get(/** @type {number} */ (this.at(index)));
      if (message !== undefined) yield message;
    }
  }

  /** What the log has no more is not found. @private */
  forget() {
    const { older, log } = this;
    while (older.length > 0 && /** @type {number} */ (older.at(-1)) < log.first) older.pop();
    if (older.length > 0) return;
    const gone = this.newer.findIndex((number) => number >= log.first);
    if (gone !== 0) this.newer.splice(0, gone < 0 ? this.newer.length : gone);
  }
}
