// @ts-check
/** What a page must download for each client. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { root } from '../../scripts/run.mjs';
import { mqtt5WasmDir } from './mqtt5-wasm.js';

/** @typedef {{ name: string, raw: number, gzip: number, brotli: number }} Size in bytes; every file compressed by itself */

const peers = join(root, 'bench', 'node_modules');

/** @type {Record<string, string[]>} */
const FILES = {
  'blocks (dist/mqtt.js)': [join(root, 'dist', 'mqtt.js')],
  'MqttClient (dist/split)': ['mqtt.mjs', 'mqtt_bg.wasm'].map((file) =>
    join(root, 'dist', 'split', file),
  ),
  'MQTT.js': [join(peers, 'mqtt', 'dist', 'mqtt.esm.js')],
  paho: [join(peers, 'paho-mqtt', 'paho-mqtt-min.js')],
  'u8-mqtt': [join(peers, 'u8-mqtt', 'esm', 'web', 'v4.min.js')],
  'mqtt5-wasm': ['mqtt5_wasm.js', 'mqtt5_wasm_bg.wasm'].map((file) => join(mqtt5WasmDir, file)),
};

/** @returns {Size[]} */
export function sizes() {
  return Object.entries(FILES)
    .filter(([, files]) => files.every((file) => existsSync(file)))
    .map(([name, files]) => {
      const contents = files.map((file) => readFileSync(file));
      const sum = (/** @type {(content: Buffer) => number} */ size) =>
        contents.reduce((all, content) => all + size(content), 0);
      return {
        name,
        raw: sum(({ length }) => length),
        gzip: sum((content) => gzipSync(content, { level: 9 }).length),
        brotli: sum((content) => brotliCompressSync(content, BEST).length),
      };
    });
}

const BEST = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
