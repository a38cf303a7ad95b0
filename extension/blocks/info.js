// @ts-check
// What the reporters with a menu say: a line for each value of the menu.
import { hexOf } from '../values/bytes.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../delivery/messages.js').ReceivedMessage} ReceivedMessage */

/** "[INFO] of message". @type {Record<string, (message: ReceivedMessage, now: number) => string | number>} */
export const messageInfo = {
  'age in seconds': ({ at }, now) => Math.max(0, now - at) / 1000,
  bytes: ({ bytes }) => bytes.length,
  hex: ({ bytes }) => hexOf(bytes),
  QoS: ({ qos }) => qos,
  number: ({ number }) => number,
};

/** "[INFO] of connection". @type {Record<string, (bridge: Bridge) => string | number>} */
export const connectionInfo = {
  // Without credentials, as the status shows it.
  broker: ({ status }) => status.broker.shown,
  'client name': ({ connection }) => connection.clientId,
  'answer time in ms': ({ client }) => client?.statistics.answerTimeMs ?? '',
  sent: ({ client }) => client?.statistics.sent ?? 0,
  received: ({ client }) => client?.statistics.received ?? 0,
  waiting: ({ client }) => client?.statistics.waiting ?? 0,
  dropped: ({ client, status }) => (client?.statistics.dropped ?? 0) + status.skipped.total,
  skipped: ({ client }) => client?.statistics.skipped ?? 0,
  reconnects: ({ client }) => client?.statistics.reconnects ?? 0,
};
