// @ts-check
/** The topics that were heard, level by level, each with its last message. */
import { costOf } from './message-log.js';
import { Rate } from './rate.js';

/** @typedef {import('./message-log.js').Kept} Kept */

export const MOST_TOPICS = 10_000;
export const MOST_BYTES = 16 << 20;
/** How many levels are told apart; what follows is one more. */
export const MOST_LEVELS = 24;
/** As long as there are so few topics, what is new is open. */
const OPEN_UNTIL = 50;

const order = new Intl.Collator(undefined, { numeric: true });

/** A level of a topic. It is a topic itself when a message came on it. */
export class TopicNode {
  /** @param {string} name @param {string} topic @param {TopicNode | null} parent */
  constructor(name, topic, parent) {
    this.name = name;
    this.topic = topic;
    this.parent = parent;
    /** How deep it is; 1 is the outermost. */
    this.level = levelBelow(parent);
    /** In the order of their names. @type {TopicNode[]} */
    this.children = [];
    /** @private @type {Map<string, TopicNode>} */
    this.byName = new Map();
    this.isOpen = false;
    /** @type {Kept | null} */
    this.last = null;
    this.messages = 0;
    this.rate = new Rate();
    /** Whether the broker keeps a message of it, as far as was seen. */
    this.isKept = false;
    /** How many topics with a message are below. */
    this.topicsBelow = 0;
    /** Of how many the broker keeps a message, itself and those below. */
    this.topicsKept = 0;
  }

  /** @param {string} name */
  child(name) {
    return this.byName.get(name);
  }

  /** @param {string} name @param {string} topic */
  addChild(name, topic) {
    const child = new TopicNode(name, topic, this);
    this.byName.set(name, child);
    this.children.splice(this.placeOf(name), 0, child);
    return child;
  }

  /** @param {TopicNode} child */
  removeChild(child) {
    this.byName.delete(child.name);
    this.children.splice(this.children.indexOf(child), 1);
  }

  /** Where a name belongs. @private @param {string} name */
  placeOf(name) {
    let [from, to] = [0, this.children.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (order.compare(/** @type {TopicNode} */ (this.children[middle]).name, name) < 0)
        from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** A node and those above it. @param {TopicNode | null} node @returns {Generator<TopicNode>} */
function* upFrom(node) {
  for (let one = node; one !== null; one = one.parent) yield one;
}

/** @param {{ level: number } | null} parent */
const levelBelow = (parent) => (parent === null ? 0 : parent.level + 1);

export class TopicTree {
  /** @param {{ most?: number, mostBytes?: number }} [bounds] */
  constructor({ most = MOST_TOPICS, mostBytes = MOST_BYTES } = {}) {
    /** @private */
    this.most = most;
    /** @private */
    this.mostBytes = mostBytes;
    this.root = new TopicNode('', '', null);
    /** Those with a message; the one heard longest ago first. @private @type {Map<string, TopicNode>} */
    this.heard = new Map();
    this.bytes = 0;
    /** @private @type {TopicNode[] | null} */
    this.shown = null;
    /** @private @type {((topic: string) => boolean) | null} */
    this.isWanted = null;
  }

  clear() {
    this.root = new TopicNode('', '', null);
    this.heard.clear();
    this.bytes = 0;
    this.shown = null;
  }

  get isSearched() {
    return this.isWanted !== null;
  }

  /** How many topics there are. */
  get topics() {
    return this.heard.size;
  }

  /** @param {string} topic */
  get(topic) {
    return this.heard.get(topic);
  }

  /**
   * A message came. When a bound is reached the topics that were heard longest ago are forgotten.
   *
   * @param {Kept} message its topic becomes the text that the tree has of it already
   */
  add(message) {
    const node = this.heard.get(message.topic) ?? this.grow(message.topic);
    message.topic = node.topic;
    this.bytes += costOf(message) - (node.last === null ? 0 : costOf(node.last));
    node.last = message;
    node.messages += 1;
    node.rate.add(message.at);
    if (message.retain) this.keep(node, message.bytes > 0);
    this.heard.delete(node.topic);
    this.heard.set(node.topic, node);
    while (this.heard.size > this.most || (this.bytes > this.mostBytes && this.heard.size > 1)) {
      const [oldest] = this.heard.values();
      this.forget(/** @type {TopicNode} */ (oldest));
    }
  }

  /** The broker keeps a message of this topic, or does not any more. @param {TopicNode} node @param {boolean} isKept */
  keep(node, isKept) {
    if (node.isKept === isKept) return;
    node.isKept = isKept;
    for (const one of upFrom(node)) one.topicsKept += isKept ? 1 : -1;
  }

  /** The topics below a node, and its own, of which the broker keeps a message. @param {TopicNode} node @returns {TopicNode[]} */
  keptBelow(node) {
    const below = node.children.flatMap((child) => this.keptBelow(child));
    return node.isKept ? [node, ...below] : below;
  }

  /** @param {TopicNode} node @param {boolean} isOpen */
  open(node, isOpen) {
    node.isOpen = isOpen;
    this.shown = null;
  }

  /** Shows only topics that are wanted, and what they are below. @param {((topic: string) => boolean) | null} isWanted `null`: all */
  search(isWanted) {
    this.isWanted = isWanted;
    this.shown = null;
  }

  /** What is shown, from top to bottom. @returns {readonly TopicNode[]} */
  get rows() {
    this.shown ??= this.rowsOf(this.root.children);
    return this.shown;
  }

  /** @private @param {TopicNode[]} nodes @returns {TopicNode[]} */
  rowsOf(nodes) {
    /** @type {TopicNode[]} */
    const rows = [];
    const { isWanted } = this;
    /** @param {TopicNode} node @returns {boolean} whether it is shown */
    const visit = (node) => {
      const place = rows.push(node) - 1;
      let isShown = isWanted === null || (node.last !== null && isWanted(node.topic));
      // What a search finds is shown, open or not.
      if (isWanted !== null || node.isOpen) {
        for (const child of node.children) isShown = visit(child) || isShown;
      }
      if (!isShown) rows.length = place;
      return isShown;
    };
    for (const node of nodes) visit(node);
    return rows;
  }

  /** @private @param {string} topic */
  grow(topic) {
    const levels = topic.split('/');
    if (levels.length > MOST_LEVELS) levels.push(levels.splice(MOST_LEVELS).join('/'));
    let node = this.root;
    let end = -1;
    for (const name of levels) {
      end += name.length + 1;
      node.isOpen ||= node.children.length === 0 && this.heard.size < OPEN_UNTIL;
      node = node.child(name) ?? node.addChild(name, topic.slice(0, end));
    }
    for (const above of upFrom(node.parent)) above.topicsBelow += 1;
    this.heard.set(topic, node);
    this.shown = null;
    return node;
  }

  /** @private @param {TopicNode} node */
  forget(node) {
    this.heard.delete(node.topic);
    if (node.last !== null) this.bytes -= costOf(node.last);
    node.last = null;
    this.keep(node, false);
    for (const above of upFrom(node.parent)) above.topicsBelow -= 1;
    for (const one of upFrom(node)) {
      if (one.last !== null || one.children.length > 0) break;
      one.parent?.removeChild(one);
    }
    this.shown = null;
  }
}
