// @ts-check
/** `dist/split/inline.mjs`: the client, with the WebAssembly inside. */
import wasm from '../dist/split/mqtt_bg.wasm';
import start from '../.cache/build/split/mqtt.js';
import { once } from './host.js';

export * from './client.js';

/** Starts the WebAssembly, once: a second call waits for the first. */
export default once((/** @type {Parameters<typeof start>[0]} */ given) =>
  start(given ?? { module_or_path: wasm }),
);
