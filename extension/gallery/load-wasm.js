// @ts-check
// The gallery puts the file into the script when it publishes it, so nothing is asked of the network then.
import init, * as mqtt from '../../dist/pkg/mqtt.js';

/** @returns {Promise<import('../client/types.js').Core>} rejects where it cannot be had, or WebAssembly is blocked */
export function loadWasm() {
  return (
    Promise.resolve()
      // The gallery finds the call by its name, so it stands here whole.
      .then(() => /** @type {any} */ (Scratch).external.fetch(SCRATCH_MQTT_WASM))
      .then((response) => response.arrayBuffer())
      .then((bytes) => init({ module_or_path: bytes }))
      .then(() => mqtt)
  );
}
