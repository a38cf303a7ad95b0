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

  /** Waits until the broker took so many; the next one may always take as long as any other condition. @param {number} count */
  async takes(count) {
    while (this.taken.length < count) {
      const before = this.taken.length;
      await until(`message ${before + 1} of ${count}`, () => this.taken.length > before);
    }
  }

  /** Waits until all is there, or nothing more comes to those who miss something, and gives back what is lost. */
  async lost() {
    const missed = () => this.missing().reduce((sum, missing) => sum + missing, 0);
    const came = () => this.watchers.reduce((sum, { seen }) => sum + seen.size, 0);
    let left = missed();
    while (left > 0) {
      const before = came();
      const goesOn = await until('more messages', () => came() > before).catch(() => false);
      left = missed();
      if (!goesOn) break;
    }
    return left;
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
