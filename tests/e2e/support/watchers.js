// @ts-check
/** Boards that publish with QoS 1 and watchers that must see each message, with MQTT.js over TCP. */
import mqtt from 'mqtt';
import { until } from './wait.js';

const TOPIC = 'killed';

/** Between two attempts to connect; a class of real clients waits longer. */
const RECONNECT_MS = 100;

/** Clients that remember what the broker took from them and gave to them. */
export class Watchers {
  /** What the broker acknowledged. @type {string[]} */
  taken = [];
  /** @type {{ client: mqtt.MqttClient, seen: Set<string> }[]} */
  watchers = [];
  /** @type {mqtt.MqttClient[]} */
  boards = [];

  /** @param {number} port @param {{ watchers: number, boards: number }} counts */
  static async join(port, counts) {
    const all = new Watchers();
    for (let index = 0; index < counts.watchers; index += 1)
      all.watchers.push(await watcher(port, index));
    for (let index = 0; index < counts.boards; index += 1)
      all.boards.push(await connected(port, `board-${index}`));
    return all;
  }

  /** Each board publishes the next message when the broker has taken the last one, until `isOver`. @param {() => boolean} isOver */
  async publishUntil(isOver) {
    const publish = async (/** @type {mqtt.MqttClient} */ client, /** @type {number} */ board) => {
      for (let number = 0; !isOver(); number += 1) {
        const text = `${board}:${this.taken.length}:${number}`;
        await client.publishAsync(`${TOPIC}/${board}`, text, { qos: 1 });
        this.taken.push(text);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await Promise.all(this.boards.map(publish));
  }

  /** How many of what was taken each watcher has not seen. */
  missing() {
    return this.watchers.map(({ seen }) => this.taken.filter((text) => !seen.has(text)).length);
  }

  /** Waits until nothing more comes to those who miss something, and gives back what is lost. */
  async lost() {
    const total = () => this.missing().reduce((sum, missing) => sum + missing, 0);
    let before = -1;
    await until(
      'what is still on its way',
      async () => {
        const now = total();
        const rests = now === 0 || now === before;
        before = now;
        if (!rests) await new Promise((resolve) => setTimeout(resolve, 2_000));
        return rests && this.watchers.every(({ client }) => client.connected);
      },
      { withinMs: 60_000 },
    );
    return total();
  }

  end() {
    for (const { client } of this.watchers) client.end(true);
    for (const client of this.boards) client.end(true);
  }
}

/** @param {number} port @param {number} index */
async function watcher(port, index) {
  const client = await connected(port, `watcher-${index}`);
  /** @type {Set<string>} */
  const seen = new Set();
  client.on('message', (_, payload) => seen.add(payload.toString()));
  await client.subscribeAsync(`${TOPIC}/#`, { qos: 1 });
  return { client, seen };
}

/** @param {number} port @param {string} clientId */
async function connected(port, clientId) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId,
    clean: false,
    reconnectPeriod: RECONNECT_MS,
    // The session has the subscriptions.
    resubscribe: false,
  });
  client.on('error', () => {});
  return client;
}
