// @ts-check
/** A program outside the browser that talks to the broker over TCP: MQTT.js, and the tools of mosquitto. */
import mqtt from 'mqtt';
import { PASSWORD, USER } from './mosquitto.js';
import { uniqueClientId } from './names.js';
import { Program } from './programs.js';
import { until } from './wait.js';

/** @typedef {import('./mosquitto.js').Mosquitto} Mosquitto */

/** MQTT.js with everything that it has received. */
export class Native {
  /** @type {{ topic: string, payload: Buffer, retain: boolean }[]} */
  messages = [];

  /** @param {mqtt.MqttClient} client */
  constructor(client) {
    this.client = client;
    // Each part of a test may listen.
    client.setMaxListeners(0);
    client.on('message', (topic, payload, { retain }) =>
      this.messages.push({ topic, payload, retain }),
    );
  }

  /**
   * @param {Mosquitto} broker
   * @returns {Promise<Native>} connected
   */
  static async connect(broker) {
    const client = await mqtt.connectAsync(broker.tcp, {
      username: USER,
      password: PASSWORD,
      clientId: uniqueClientId('native'),
      reconnectPeriod: 200,
    });
    client.on('error', () => {});
    return new Native(client);
  }

  /** @param {string} topic @param {string | Buffer} payload @param {mqtt.IClientPublishOptions} [options] */
  publish(topic, payload, options = {}) {
    return this.client.publishAsync(topic, payload, options);
  }

  /** @param {string} filter */
  async subscribe(filter) {
    await this.client.subscribeAsync(filter, { qos: 2 });
  }

  /** What has arrived at a topic, as texts. @param {string} topic */
  texts(topic) {
    return this.messages
      .filter((message) => message.topic === topic)
      .map(({ payload }) => payload.toString());
  }

  /**
   * @param {string} topic
   * @param {number} count
   * @param {number} [withinMs]
   * @returns {Promise<string[]>}
   */
  async untilTexts(topic, count, withinMs) {
    await until(`${count} messages at ${topic}`, () => this.texts(topic).length >= count, {
      withinMs,
      seen: () => this.texts(topic),
    });
    return this.texts(topic);
  }

  async end() {
    await this.client.endAsync(true);
  }
}

/** @param {Mosquitto} broker @param {string} clientId */
const common = ({ ports }, clientId) => [
  ...['-h', '127.0.0.1', '-p', String(ports.tcp), '-i', clientId],
  ...['-u', USER, '-P', PASSWORD],
];

/**
 * Starts `mosquitto_sub` and waits until the broker has accepted the subscription.
 *
 * @param {Mosquitto} broker
 * @param {string} topic
 * @param {string[]} [more] further arguments
 * @returns {Promise<Program>} its output holds a line for each message
 */
export async function mosquittoSub(broker, topic, more = []) {
  const clientId = uniqueClientId('sub');
  const program = new Program('mosquitto_sub', [...common(broker, clientId), '-t', topic, ...more]);
  await untilSubscribed(broker, clientId);
  return program;
}

/**
 * Runs `mosquitto_pub` to its end.
 *
 * @param {Mosquitto} broker
 * @param {string} topic
 * @param {string | Buffer} payload
 * @param {string[]} [more] further arguments
 */
export async function mosquittoPub(broker, topic, payload, more = []) {
  const args = [...common(broker, uniqueClientId('pub')), '-t', topic, '-s', ...more];
  const program = new Program('mosquitto_pub', args, { input: payload });
  const code = await program.ended;
  if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}: ${program.output}`);
}

/** @param {Mosquitto} broker @param {string} clientId */
export function untilSubscribed(broker, clientId) {
  return until(`${clientId} to be subscribed`, () =>
    broker.log.includes(`Sending SUBACK to ${clientId}`),
  );
}
