// @ts-check
/** What the console knows, without a page: messages wait, and go into the log, the tree and the plot. */
import { FoundMessages } from './found-messages.js';
import { MessageLog, keptOf } from './message-log.js';
import { Plotted } from './plotted.js';
import { TopicTree } from './topic-tree.js';

/** @typedef {import('./message-log.js').Kept} Kept */

/** How many messages are taken in one frame. */
export const TAKEN_AT_ONCE = 2_000;

export class ConsoleModel {
  constructor() {
    /** They came and are not shown yet: until the next frame, or the end of a pause. */
    this.waiting = new MessageLog();
    this.log = new MessageLog();
    this.found = new FoundMessages(this.log);
    this.tree = new TopicTree();
    this.plotted = new Plotted();
    this.isPaused = false;
    /** How many were taken since the last clearing. */
    this.taken = 0;
  }

  /** @param {Parameters<typeof keptOf>[0]} message @param {number} at in milliseconds since 1970 */
  receive(message, at) {
    this.waiting.add(keptOf(message, at));
  }

  /**
   * Takes what waits, unless there is a pause.
   *
   * @param {number} [most]
   * @returns {boolean} whether some are left
   */
  take(most = TAKEN_AT_ONCE) {
    if (this.isPaused) return false;
    for (let count = 0; count < most; count++) {
      const message = this.waiting.shift();
      if (message === undefined) return false;
      this.tree.add(message);
      this.log.add(message);
      this.found.added(message);
      this.plotted.take(message);
      this.taken += 1;
    }
    return this.waiting.size > 0;
  }

  /** @param {import('./search.js').Search | null} search */
  search(search) {
    this.tree.search(search && search.topic);
    this.found.search(search && search.message);
  }

  /** The earlier messages of a topic are in the plot at once. @param {string} topic @param {readonly import('./plotted.js').Step[]} path */
  plot(topic, path) {
    this.plotted.add(topic, path, this.log);
  }

  clear() {
    this.waiting.clear();
    this.log.clear();
    this.tree.clear();
    this.plotted.clear();
    this.taken = 0;
  }
}
