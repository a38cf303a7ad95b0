// @ts-check
// The wasm module travels inside the script: a packaged project has no file beside it, and a worker
// does not know where its script came from.
import init, * as mqtt from '../../dist/pkg/mqtt.js';
import packed from '../../dist/pkg/mqtt_bg.wasm';
import { unpack } from './lzma.js';

/**
 * Compiles and starts the module; asynchronously, because some browsers allow only small modules to
 * be compiled at once on the page's own thread.
 *
 * @returns {Promise<import('../client/types.js').Core>} rejects where WebAssembly is missing or blocked
 */
export function loadWasm() {
  // The file's own types speak of what it exports, not of its bytes.
  const bytes = /** @type {Uint8Array} */ (/** @type {unknown} */ (packed));
  return Promise.resolve()
    .then(() => init({ module_or_path: unpack(bytes) }))
    .then(() => mqtt);
}
