// @ts-check
// What the reporters with a menu say: a line for each value of the menu.
import { hexOf } from '../values/bytes.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../delivery/messages.js').ReceivedMessage} ReceivedMessage */

/** "[INFO] of message". @type {Record<string, (message: ReceivedMessage, bridge: Bridge) => string | number>} */
export const messageInfo = {
  'age in seconds': ({ at }, { status }) => Math.max(0, status.now() - at) / 1000,
  bytes: ({ bytes }) => bytes.length,
  hex: ({ bytes }, { status }) => (status.hasTooManyBytes(bytes.length) ? '' : hexOf(bytes)),
  QoS: ({ qos }) => qos,
  number: ({ number }) => number,
};

/** "[INFO] of connection". @type {Record<string, (bridge: Bridge) => string | number>} */
export const connectionInfo = {
  // Without credentials, as the status shows it.
  broker: ({ status }) => status.shownBroker,
  'client name': ({ connection }) => connection.clientId,
  'answer time in ms': ({ client }) => client.statistics.answerTimeMs ?? '',
  sent: ({ client }) => client.statistics.sent,
  received: ({ client }) => client.statistics.received,
  waiting: ({ client }) => client.statistics.waiting,
  dropped: ({ client, status }) => client.statistics.dropped + status.dropped.total,
  // A menu value is never changed; its label says “not sent”.
  skipped: ({ client }) => client.statistics.notSent,
  reconnects: ({ client }) => client.statistics.reconnects,
  // The same as `MqttClient.version`, also before the wasm module is there. Sources that were not built have none.
  version: () => (typeof SCRATCH_MQTT_BUILD === 'string' ? SCRATCH_MQTT_BUILD : ''),
};
