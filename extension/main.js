// @ts-check
/** The entry of the extension. */
import init, * as mqtt from '../dist/pkg/mqtt.js';
import wasm from '../dist/pkg/mqtt_bg.wasm';

init({ module_or_path: wasm }).then(() => console.info(Object.keys(mqtt)));
