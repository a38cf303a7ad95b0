// @ts-check
// The broker itself, aedes, and what it may hold.
import { Aedes } from 'aedes';

/** @typedef {{ topic: string, payload: string | Uint8Array, retain: boolean }} Message */

/** How many connections there may be. */
export const MOST_CONNECTIONS = 100;

/** How many messages the broker keeps, and how many bytes they have with their topics. */
export const MOST_KEPT = 1000;
export const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/** How many filters one client may have. */
const MOST_FILTERS = 1000;

/** How many messages of QoS 2 one client may have under way; ours sends 20. */
const MOST_UNDER_WAY = 40;

/** How long somebody may be connected without a word, in milliseconds. */
const CONNECT_LIMIT_MS = 10_000;

/** How long a tab may read nothing, in milliseconds: the others wait for it. */
const READ_LIMIT_MS = 10_000;

/** What CONNACK says when there are too many. [MQTT-3.2.2-4] */
const SERVER_UNAVAILABLE = 3;

/** @returns {Promise<Aedes>} */
export async function makeBroker() {
  const kept = new Kept();
  const broker = await Aedes.createBroker({
    connectTimeout: CONNECT_LIMIT_MS,
    maxInflightInbound: MOST_UNDER_WAY,
    drainTimeout: READ_LIMIT_MS,
    preConnect(_, packet, done) {
      // What waits for who is away would have to be bounded too, and no block asks for it.
      packet.clean = true;
      done(null, true);
    },
    authenticate(_, _name, _password, done) {
      if (broker.connectedClients < MOST_CONNECTIONS) done(null, true);
      else done(Object.assign(new Error('busy'), { returnCode: SERVER_UNAVAILABLE }), false);
    },
    authorizePublish(client, packet, done) {
      if (packet.topic.startsWith('$SYS/')) {
        done(new Error('$SYS is of the broker'));
        return;
      }
      // It goes to all who are there, and only is not kept.
      if (packet.retain && !kept.takes(packet)) packet.retain = false;
      connectionOf(client)?.delivers?.(packet.payload.length);
      done(null);
    },
    published(packet, client, done) {
      connectionOf(client)?.delivers?.(-packet.payload.length);
      done();
    },
    authorizeSubscribe(client, subscription, done) {
      const { subscriptions } = /** @type {{ subscriptions: object }} */ (
        /** @type {unknown} */ (client)
      );
      done(null, Object.keys(subscriptions).length < MOST_FILTERS ? subscription : null);
    },
  });
  // An error of one client ends its connection, which is all that can be done about it.
  for (const event of ['error', 'clientError', 'connectionError']) {
    broker.on(/** @type {'closed'} */ (event), () => {});
  }
  return broker;
}

/** What was given to `handle`. @param {unknown} client @returns {import('./connection.js').Connection | undefined} */
const connectionOf = (client) => /** @type {any} */ (client)?.conn;

/** How much is kept. */
export class Kept {
  /** How many bytes by topic. @private @type {Map<string, number>} */
  sizes = new Map();
  /** @private */
  bytes = 0;

  /** Whether there is room for a message, which is then counted. @param {Message | any} message */
  takes({ topic, payload }) {
    const before = this.sizes.get(topic) ?? 0;
    if (payload.length === 0) {
      this.sizes.delete(topic);
      this.bytes -= before;
      return true;
    }
    // A character of a topic has two bytes in memory.
    const size = payload.length + 2 * topic.length;
    const isTooMany = before === 0 && this.sizes.size >= MOST_KEPT;
    if (isTooMany || this.bytes - before + size > MOST_KEPT_BYTES) return false;
    this.sizes.set(topic, size);
    this.bytes += size - before;
    return true;
  }
}
