// @ts-check
/** The clients that take turns, and what they are called in tables. */

/** @type {Record<string, string>} */
export const LABELS = {
  ours: 'Scratch MQTT',
  'ours-5': 'Scratch MQTT, 5.0',
  mqttjs: 'MQTT.js',
  paho: 'paho',
  u8: 'u8-mqtt',
  'mqtt5-wasm': 'mqtt5-wasm',
  raw: 'raw WebSocket',
  'raw-batched': 'raw, batched',
};

export const ALL = Object.keys(LABELS);
/** Those that can publish with QoS 2. */
export const EXACTLY_ONCE = ALL.filter((name) => name !== 'u8');
