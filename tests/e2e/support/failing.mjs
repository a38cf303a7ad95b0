// @ts-check
/** Tells the first end of a client with the host's own WebSocket: `node failing.mjs DIST URL`. */
import { readFileSync } from 'node:fs';

const [, , folder, url] = process.argv;
const { default: init, MqttClient } = await import(`${folder}mqtt.mjs`);
await init({ module_or_path: readFileSync(`${folder}mqtt_bg.wasm`) });

const begin = performance.now();
const client = new MqttClient();
client.onevent = (/** @type {any} */ event) => {
  if (event.type !== 'disconnected') return;
  console.log(JSON.stringify({ ...event, tookMs: Math.round(performance.now() - begin) }));
  process.exit();
};
client.connect({ url });
