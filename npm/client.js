// @ts-check
/** What programs import, whichever way the WebAssembly comes. */
import { MqttClient as Client } from '../.cache/build/split/mqtt.js';
import { withWebSocket } from './host.js';

export {
  filterProblem,
  initSync,
  matches,
  parseAddress,
  topicProblem,
} from '../.cache/build/split/mqtt.js';

export class MqttClient extends Client {
  /** @override @param {any} options */
  connect(options) {
    super.connect(withWebSocket(options, import.meta.url));
  }
}
