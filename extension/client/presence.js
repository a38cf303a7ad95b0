// @ts-check
// Who is here. Boards and projects say it alike: a kept `online` on `NAME/status`, and a last will that takes it back.
import { thrownSentence } from '../status/reasons.js';
import { OWNER } from './subscriptions.js';

/** @typedef {import('../delivery/messages.js').ReceivedMessage} ReceivedMessage */
/** @typedef {import('./types.js').MqttEvent} MqttEvent */
/** @typedef {import('./types.js').MqttOptions} MqttOptions */

/** What stands behind the name. */
const STATUS = '/status';

/** All who say it. */
const EVERYBODY = `+${STATUS}`;

const ONLINE = 'online';
const OFFLINE = 'offline';

/** The longest name, in characters. */
export const MOST_NAME = 100;

/** How many names are remembered. */
export const MOST_NAMES = 500;

/** How long those of the connection before are still here, until the broker has said anew who is; in milliseconds. */
const TELLING_MS = 3000;

/** What a name may not hold: it is one part of a topic, and belongs to the room. */
const FORBIDDEN = /[/+#]|^\$/;

/** Says that this project is here, and knows who else is. */
export class Presence {
  /** @param {import('./bridge.js').Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    /** Where it is said that this project is here, without the room. @private @type {string | null} */
    this.topic = null;
    /** @private @type {Set<string>} */
    this.names = new Set();
    /** Those of the connection before that this one has not named yet. @private @type {Set<string>} */
    this.earlier = new Set();
    /** When this connection was made. @private */
    this.connectedAt = 0;
    /** The broker that the names come from. @private */
    this.broker = '';
    /** Whether the broker has what this project said last. @private */
    this.isHeard = false;
    /** Where the broker has that this project is here, with the room. @private @type {string | null} */
    this.saidOn = null;
  }

  /**
   * From now on others know that this project is here, until it ends in whatever way.
   *
   * @param {string} typed empty: the name that was chosen on the start page
   * @returns {Promise<void> | undefined} ends when the broker knows, or it does not answer
   */
  announce(typed) {
    const { connection, environment, status } = this.bridge;
    const name = typed.trim() || environment.pupil.name;
    const problem = problemOf(name);
    if (problem) status.report(problem, { name, most: MOST_NAME });
    const topic = name + STATUS;
    if (problem || this.bridge.topicFor(topic) === null) return undefined;
    if (connection.will) status.report('will.two');
    this.listen();
    this.topic = topic;
    return connection.reopen();
  }

  /** Whether this project has the only last will that there is. */
  get isAnnounced() {
    return this.topic !== null;
  }

  /** What a connection of this project begins with, if it is announced. @returns {Partial<MqttOptions> | null} */
  get options() {
    const { topic } = this;
    if (topic === null) return null;
    return {
      will: {
        topic: this.bridge.subscriptions.full(topic),
        payload: OFFLINE,
        qos: 1,
        retain: true,
      },
      willOnDisconnect: true,
    };
  }

  /** Lets the broker say who is here. */
  listen() {
    const { client, subscriptions } = this.bridge;
    client.run(() => subscriptions.add(OWNER.presence, EVERYBODY));
  }

  /** The names of all who are here: in the same order on every computer. @returns {string[]} */
  here() {
    const { status } = this.bridge;
    if (status.now() - this.connectedAt > TELLING_MS) this.earlier.clear();
    return [...new Set([...this.names, ...this.earlier])].sort(inOrder);
  }

  /** Whether a message says who is here. @param {Set<string>} filters those that match its topic */
  saysWhoIsHere(filters) {
    return filters.has(this.bridge.subscriptions.full(EVERYBODY));
  }

  /** @param {ReceivedMessage} message */
  receive(message) {
    const { bytes, shownTopic } = message;
    const name = shownTopic.slice(0, -STATUS.length);
    if (name === '' || [...name].length > MOST_NAME) return;
    this.earlier.delete(name);
    const isHere = bytes.length === ONLINE.length && message.payload === ONLINE;
    if (!isHere) this.names.delete(name);
    else if (this.names.size < MOST_NAMES || this.names.has(name)) this.names.add(name);
    else this.bridge.status.report('name.too-many', { most: MOST_NAMES });
    if (shownTopic !== this.topic) return;
    // Another one with this name left, or the broker noticed only now that an earlier connection is lost.
    if (!isHere && this.isHeard) this.say();
    this.isHeard = isHere;
  }

  /** @param {MqttEvent} event */
  handle(event) {
    if (event.type === 'connected') {
      const { shown } = this.bridge.status.broker;
      if (shown !== this.broker) {
        this.forget();
        this.saidOn = null;
      }
      this.broker = shown;
      if (!event.sessionPresent) this.tellAnew();
      if (this.topic !== null) this.say();
    }
    // Nothing says so any more.
    if (event.type === 'disconnected' && event.reason.code === 'closed') this.forget();
  }

  /** Topics are in another room now, with others. */
  moved() {
    this.forget();
    if (this.topic !== null) this.bridge.connection.reopen();
  }

  /** Another project. */
  reset() {
    this.topic = null;
    this.saidOn = null;
    this.forget();
  }

  /** @private */
  tellAnew() {
    for (const name of this.names) this.earlier.add(name);
    this.names.clear();
    this.connectedAt = this.bridge.status.now();
  }

  /** @private */
  say() {
    const topic = String(this.topic);
    const full = this.bridge.subscriptions.full(topic);
    this.isHeard = false;
    try {
      if (this.saidOn !== full) this.takeBack();
      this.bridge.publish(topic, ONLINE, 1, true);
      this.saidOn = full;
    } catch (error) {
      this.bridge.status.report(thrownSentence(error).key);
    }
  }

  /**
   * Under the name or in the room of the connection before nobody is here any more. Its last will should say so; mosquitto
   * forgets that when the next connection takes over the session before it has noticed the end of the first.
   *
   * @private
   */
  takeBack() {
    if (this.saidOn !== null) this.bridge.client.mqtt.publish(this.saidOn, OFFLINE, 1, true);
  }

  /** @private */
  forget() {
    this.names.clear();
    this.earlier.clear();
    this.isHeard = false;
  }
}

/** @param {string} name @returns {'name.empty' | 'name.sign' | 'name.too-long' | null} */
function problemOf(name) {
  if (name === '') return 'name.empty';
  if (FORBIDDEN.test(name)) return 'name.sign';
  return [...name].length > MOST_NAME ? 'name.too-long' : null;
}

/** Small and capital letters together; everything else as it is encoded. @param {string} a @param {string} b */
function inOrder(a, b) {
  const [small, other] = [a.toLowerCase(), b.toLowerCase()];
  if (small !== other) return small < other ? -1 : 1;
  return a < b ? -1 : 1;
}
