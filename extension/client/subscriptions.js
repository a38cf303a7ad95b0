// @ts-check
import { fullTopic } from './rooms.js';

/**
 * Who wants a subscription: the subscribe block, the hats, a block that reads messages of a topic, or what knows who is
 * here. A filter is subscribed to until nobody wants it any more.
 */
export const OWNER = Object.freeze({ block: 0, hat: 1, last: 2, presence: 3 });

/** @typedef {{ came: string, wanted: string }} Near */

/** The highest QoS at which messages come, and the run of the project that asked for it last. @typedef {{ qos: 0 | 1 | 2, run: number }} Wanted */

/** How many filters an owner may want: a project that makes up topics must not fill the broker. */
export const MOST_SUBSCRIPTIONS = 1000;

/**
 * What the project wants to receive: filters as the project writes them, without the room.
 */
export class Subscriptions {
  /**
   * @param {import('./client.js').Client} client
   * @param {import('../status/status.js').Status} status where a filter that cannot be is reported
   * @param {string} firstRoom the room of each project, until it says another one; empty: none
   */
  constructor(client, status, firstRoom) {
    this.client = client;
    this.status = status;
    this.firstRoom = firstRoom;
    this.room = firstRoom;
    /** Each topic, by owner. @private @type {Map<number, Map<string, Wanted>>} */
    this.wanted = new Map(Object.values(OWNER).map((owner) => [owner, new Map()]));
    /** Counts the runs of the project. @private */
    this.run = 0;
    /** What the unsubscribe block ended: hats do not bring it back. @private @type {Set<string>} */
    this.muted = new Set();
    /** What the broker refused, by owner: hats and blocks ask for it in every frame. @private @type {Map<number, Set<string>>} */
    this.denied = new Map(Object.values(OWNER).map((owner) => [owner, new Set()]));
    /** The full filter of each number of the client. @private @type {Map<number, string>} */
    this.filters = new Map();
    /** A topic on which messages come, and one that is wanted and nearly the same. @private @type {Near | null} */
    this.near = null;
    /** The topics that were compared with what is wanted now. @private @type {Set<string>} */
    this.noted = new Set();
    status.topicHints = () => this.hints();
    status.hasRoom = () => this.room !== '';
  }

  /** The client is there: what was wanted before is subscribed to. */
  start() {
    this.filters.clear();
    for (const [owner, topics] of this.wanted) {
      for (const [topic, { qos }] of topics) this.open(owner, topic, qos);
    }
  }

  /** @param {string} topic as the project writes it @returns {string} as the broker knows it */
  full(topic) {
    return fullTopic(this.room, topic);
  }

  /** Whether a message belongs to a topic. @param {string} topic as the project writes it @param {string} name of the message's */
  matches(topic, name) {
    return this.client.core.matches(this.full(topic), name);
  }

  /**
   * @param {number} owner
   * @param {string} topic
   * @param {0 | 1 | 2} [qos] the highest at which messages come
   * @returns {boolean} whether it is wanted now
   */
  add(owner, topic, qos = 0) {
    const wanted = this.of(owner);
    const known = wanted.get(topic);
    if (known?.qos === qos) {
      this.wantAgain(known, topic);
      return true;
    }
    if (wanted.size >= MOST_SUBSCRIPTIONS && !wanted.has(topic)) {
      this.status.report('subscribe.too-many');
      return false;
    }
    wanted.set(topic, { qos, run: this.run });
    if (owner === OWNER.block) this.muted.delete(topic);
    this.open(owner, topic, qos);
    return true;
  }

  /**
   * @param {number} owner
   * @param {string} topic
   */
  remove(owner, topic) {
    this.denied.get(owner)?.delete(topic);
    if (this.of(owner).delete(topic)) this.close(owner, this.full(topic));
  }

  /** Makes what an owner wants equal to a list. @param {number} owner @param {Set<string>} topics */
  set(owner, topics) {
    for (const topic of topics) this.add(owner, topic);
    for (const topic of this.of(owner).keys()) if (!topics.has(topic)) this.remove(owner, topic);
  }

  /** Ends a subscription for everyone, hats too, until `add` for the block, or `unmute`. @param {string} topic */
  mute(topic) {
    for (const wanted of this.wanted.values()) wanted.delete(topic);
    // Again as the newest.
    this.muted.delete(topic);
    this.muted.add(topic);
    for (const oldest of this.muted) {
      if (this.muted.size <= MOST_SUBSCRIPTIONS) break;
      this.muted.delete(oldest);
    }
    const full = this.full(topic);
    if (this.isUsable(full)) this.client.mqtt.unsubscribe(full);
  }

  /** Something changed that may change the broker's mind: what it refused may be asked for once more. */
  forgetRefusals() {
    for (const [owner, topics] of this.denied) {
      for (const topic of topics) this.of(owner).delete(topic);
      topics.clear();
    }
  }

  /** Lets hats receive again what was muted, and all ask again for what was refused. */
  unmute() {
    this.run += 1;
    this.forgetRefusals();
    this.near = null;
    this.noted.clear();
    const muted = [...this.muted];
    this.muted.clear();
    for (const topic of muted) if (this.of(OWNER.hat).has(topic)) this.open(OWNER.hat, topic, 0);
  }

  /** Moves everything into another room. @param {string} room */
  moveTo(room) {
    const before = this.full.bind({ room: this.room });
    this.room = room;
    for (const [owner, topics] of this.wanted) {
      for (const [topic, { qos }] of topics) {
        const old = before(topic);
        if (old === this.full(topic)) continue;
        this.open(owner, topic, qos);
        this.close(owner, old);
      }
    }
  }

  /** It is not asked for again until another connection, another run, or another text. @param {string} full */
  refused(full) {
    for (const [owner, wanted] of this.wanted) {
      for (const topic of wanted.keys()) {
        if (this.full(topic) === full) this.denied.get(owner)?.add(topic);
      }
    }
  }

  /**
   * The full filters that a message belongs to: the client compared them with its topic.
   *
   * @param {readonly number[]} numbers
   * @returns {Set<string>}
   */
  filtersOf(numbers) {
    const filters = new Set();
    for (const number of numbers) {
      const filter = this.filters.get(number);
      if (filter !== undefined) filters.add(filter);
    }
    return filters;
  }

  /** Whether somebody else than an owner wants one of these filters. @param {number} owner @param {Set<string>} filters */
  isWantedBeside(owner, filters) {
    for (const [other, topics] of this.wanted) {
      if (other === owner) continue;
      for (const topic of topics.keys()) if (filters.has(this.full(topic))) return true;
    }
    return false;
  }

  /**
   * Something is published, or came, on a topic: perhaps a script waits for one that is written a little
   * differently. Only what comes anyway is looked at.
   *
   * @param {string} topic as the project writes it
   */
  note(topic) {
    if (this.noted.has(topic)) return;
    if (this.noted.size >= MOST_SUBSCRIPTIONS) this.noted.clear();
    this.noted.add(topic);
    const [wanted] = this.wantedLike(topic);
    if (wanted !== undefined && wanted !== topic) this.near = { came: topic, wanted };
  }

  /** @private @param {string} topic @returns {string[]} that itself, if it is wanted; else what is nearly the same */
  wantedLike(topic) {
    const all = this.wantedNow();
    if (all.includes(topic)) return [topic];
    const plain = plainly(topic);
    return all.filter((wanted) => plainly(wanted) === plain);
  }

  /** What this run of the project asked for: what an earlier one did may be put right since. @private @returns {string[]} */
  wantedNow() {
    const all = [...this.wanted.values()].flatMap((topics) => [...topics]);
    return all.filter(([, { run }]) => run === this.run).map(([topic]) => topic);
  }

  /** What was wrong with a topic is said in each run. @private @param {Wanted} known @param {string} topic */
  wantAgain(known, topic) {
    if (known.run === this.run) return;
    known.run = this.run;
    this.isUsable(this.full(topic));
  }

  /** What the status says of topics. @private @returns {{ key: import('../texts/texts.js').TextKey, values: Record<string, string> }[]} */
  hints() {
    const all = this.wantedNow();
    const { near } = this;
    if (near && all.includes(near.wanted)) return [{ key: 'hint.nearTopic', values: { ...near } }];
    const topic = all.find((wanted) => wanted !== wanted.trim());
    return topic === undefined ? [] : [{ key: 'hint.spaces', values: { topic } }];
  }

  /** Forgets everything; what the client still wants ends with it. */
  reset() {
    for (const wanted of this.wanted.values()) wanted.clear();
    this.muted.clear();
    for (const topics of this.denied.values()) topics.clear();
    this.filters.clear();
    this.near = null;
    this.room = this.firstRoom;
  }

  /** @private @param {number} owner */
  of(owner) {
    return /** @type {Map<string, Wanted>} */ (this.wanted.get(owner));
  }

  /** @private @param {number} owner @param {string} topic @param {0 | 1 | 2} qos */
  open(owner, topic, qos) {
    this.noted.clear();
    if (owner === OWNER.hat && this.muted.has(topic)) return;
    const full = this.full(topic);
    if (this.isUsable(full)) this.filters.set(this.client.mqtt.subscribe(full, qos, owner), full);
  }

  /** @private @param {number} owner @param {string} full */
  close(owner, full) {
    if (this.isUsable(full, false)) this.client.mqtt.unsubscribe(full, owner);
  }

  /** @private @param {string} full @returns {boolean} */
  isUsable(full, isReported = true) {
    const problem = this.client.core.filterProblem(full);
    if (problem && isReported) this.status.report(`topic.${problem}`, { topic: full });
    return !problem;
  }
}

/** Without what is easily mistyped: spaces and slashes at the ends, and capitals. @param {string} topic */
function plainly(topic) {
  return topic
    .trim()
    .replace(/^\/|\/$/g, '')
    .trim()
    .toLowerCase();
}
