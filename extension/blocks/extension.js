// @ts-check
import { firstText } from '../delivery/scripts.js';
import { showLoginDialog } from '../login/dialog.js';
import { text } from '../texts/texts.js';
import { CONNECT_OPCODE } from './ids.js';
import { MoreBlocks } from './more-blocks.js';
import { BLOCKS, paletteOf } from './palette.js';
import { runBlock, withoutThrowing } from './run.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('./palette.js').Opcode} Opcode */

/** What an editor calls for each opcode. @typedef {(args?: Readonly<Record<string, unknown>>, util?: BlockUtility) => any} Method */

/** The extension: what the editor asks of it, and a method for each block. */
class Extension {
  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    /** @private */
    this.more = new MoreBlocks(bridge.environment);
  }

  /** What the editor asks: the category, its blocks and their texts in the language of the page. */
  getInfo() {
    return paletteOf(this.bridge.environment, this.more);
  }

  /** Whether the project uses the broker of the page, or tries to: then the page does not offer it. */
  isOwnBrokerWanted() {
    return this.bridge.status.isOwnWanted();
  }

  /** The names of the sentences that "connection status" says now: a page knows what helps with each. */
  sentenceKeys() {
    return this.bridge.status.keys();
  }

  /** The page that shows the broker's certificate, where that may be what is wrong: the browser takes it there. */
  certificatePage() {
    return this.bridge.status.certificatePage();
  }

  /** The button: asks for a login that this browser keeps, and no project. */
  showLogin() {
    const { bridge } = this;
    bridge.client.run(() => withoutThrowing(bridge, () => askForLogin(bridge)));
  }

  /** The button: shows all blocks, or only those for a first lesson. */
  switchMore() {
    this.more.switch();
  }
}

/** @param {Bridge} bridge */
function askForLogin({ connection, environment, status }) {
  const { defaultBroker, document, locale, logins, runtime } = environment;
  if (!document) return;
  /** @param {string} typed */
  const parse = (typed) => connection.parse(typed, false);
  const wanted = runtime && firstText(runtime, CONNECT_OPCODE, 'BROKER');
  showLoginDialog({
    document,
    logins,
    broker: status.broker.shown || parse(wanted || defaultBroker).shown,
    parse,
    text: (key, values) => text(locale(), key, values),
  });
}

for (const block of BLOCKS) {
  if (typeof block === 'string') continue;
  /** @this {Extension} @type {Method} */
  const method = function run(args, util) {
    return runBlock(block, this.bridge, args, util);
  };
  Object.defineProperty(Extension.prototype, block.opcode, { value: method, writable: true });
}

/** @typedef {Extension & Record<Opcode, Method>} ScratchMqtt */
/** @type {new (bridge: Bridge) => ScratchMqtt} */
export const ScratchMqtt = /** @type {any} */ (Extension);
