// @ts-check
import { Mqtt5Wasm } from './mqtt5-wasm.js';
import { MqttJs } from './mqttjs.js';
import { Ours, Ours5 } from './ours.js';
import { PahoJs } from './paho.js';
import { Raw, RawBatched } from './raw.js';
import { U8Mqtt } from './u8.js';

/** @type {Record<string, typeof import('./client.js').Client>} By the names in `bench/runner/clients.js`. */
export const CLIENTS = {
  ours: Ours,
  'ours-5': Ours5,
  mqttjs: MqttJs,
  paho: PahoJs,
  u8: U8Mqtt,
  'mqtt5-wasm': Mqtt5Wasm,
  raw: Raw,
  'raw-batched': RawBatched,
};
