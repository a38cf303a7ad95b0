// @ts-check
/** `dist/split/mqtt.mjs`: the client, with the WebAssembly in a file beside it. */
import start from '../.cache/build/split/mqtt.js';
import { load, once } from './host.js';

export * from './client.js';

/** Loads the WebAssembly, once: a second call waits for the first. */
export default once(async (/** @type {Parameters<typeof start>[0]} */ given) => {
  if (given !== undefined) return start(given);
  // Bundlers know this form, and take the file along.
  const url = new URL('mqtt_bg.wasm', import.meta.url);
  return start({ module_or_path: await load(url) });
});
