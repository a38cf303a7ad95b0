// @ts-check
import { BLOCKS, EXTENSION_ID, MENUS, SEPARATOR } from './blocks.js';
import { CONNECT_LIMIT_MS } from './connection.js';
import { BLOCK_ICON, COLORS, MENU_ICON } from './icon.js';
import { OWNER } from './subscriptions.js';
import { isTextKey, text } from './texts.js';

/** @typedef {import('./blocks.js').Argument} Argument */
/** @typedef {import('./blocks.js').Block} Block */
/** @typedef {import('./bridge.js').Bridge} Bridge */
/** @typedef {import('./texts.js').TextKey} TextKey */
/** @typedef {import('./types.js').BlockUtility} BlockUtility */
/** @typedef {Record<string, unknown>} Arguments */

/**
 * The blocks: one method for each opcode. None throws, none rejects, and none waits but `connect`,
 * which has a limit. What goes wrong is told by the block "connection status".
 */
export class ScratchMqtt {
  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    this.cast = bridge.environment.cast;
  }

  /** What the host asks: the category, its blocks and their texts in the language of the page. */
  getInfo() {
    return {
      id: EXTENSION_ID,
      name: this.text('extension.name'),
      ...COLORS,
      menuIconURI: MENU_ICON,
      blockIconURI: BLOCK_ICON,
      blocks: BLOCKS.map((block) => (block === SEPARATOR ? block : this.blockInfo(block))),
      menus: {
        QOS: this.menuInfo('QOS'),
        KEEP: this.menuInfo('KEEP'),
      },
    };
  }

  /** connect to broker [BROKER] – waits until connected or failed. @param {Arguments} args */
  connect({ BROKER }) {
    const { bridge } = this;
    return this.attempt(() => {
      const broker = this.cast.toString(BROKER);
      return bridge.runAndWait(() => bridge.connection.connect(broker), CONNECT_LIMIT_MS);
    });
  }

  /** use room [ROOM] – empty: none. @param {Arguments} args */
  setRoom({ ROOM }) {
    this.run((core) => {
      const room = this.cast.toString(ROOM).trim().replace(/\/+$/, '');
      const problem = room === '' ? null : core.topicProblem(room);
      if (!problem) return this.bridge.setRoom(room);
      const isKnown = problem === 'wildcard' || problem === 'too-long';
      return this.bridge.status.report(isKnown ? `room.${problem}` : 'room.control-character');
    });
  }

  /** publish [MESSAGE] to topic [TOPIC] – kept while there is no connection. @param {Arguments} args */
  publish({ MESSAGE, TOPIC }) {
    this.send(TOPIC, MESSAGE, '0', 'no');
  }

  /** publish [MESSAGE] to topic [TOPIC] QoS [QOS] keep [KEEP] @param {Arguments} args */
  publishWith({ MESSAGE, TOPIC, QOS, KEEP }) {
    this.send(TOPIC, MESSAGE, QOS, KEEP);
  }

  /** subscribe to topic [TOPIC] @param {Arguments} args */
  subscribe({ TOPIC }) {
    this.run(() => this.bridge.subscriptions.add(OWNER.block, this.cast.toString(TOPIC)));
  }

  /** unsubscribe from topic [TOPIC] – for the hats too. @param {Arguments} args */
  unsubscribe({ TOPIC }) {
    this.run(() => this.bridge.subscriptions.mute(this.cast.toString(TOPIC)));
  }

  /** when message on topic [TOPIC] @param {Arguments} args @param {BlockUtility} [util] */
  whenMessage({ TOPIC }, util) {
    const { delivery, subscriptions } = this.bridge;
    const isTrue = this.attempt(() => {
      const topic = this.cast.toString(TOPIC);
      return delivery.isHatTrue(subscriptions.full(topic), util, topic);
    });
    return isTrue === true;
  }

  /** message payload @param {Arguments} _args @param {BlockUtility} [util] */
  messagePayload(_args, util) {
    return this.message(util)?.payload ?? '';
  }

  /** message topic – without the room. @param {Arguments} _args @param {BlockUtility} [util] */
  messageTopic(_args, util) {
    return this.message(util)?.shownTopic ?? '';
  }

  /** connected? */
  isConnected() {
    return this.attempt(() => this.bridge.connection.isConnected) === true;
  }

  /** connection status */
  status() {
    return this.attempt(() => this.bridge.status.toString()) ?? '';
  }

  /** disconnect */
  disconnect() {
    this.run(() => this.bridge.connection.disconnect());
  }

  /** log in as [USER] with password [PASSWORD] – for the next connect. @param {Arguments} args */
  login({ USER, PASSWORD }) {
    this.run(() =>
      this.bridge.connection.setLogin(this.cast.toString(USER), this.cast.toString(PASSWORD)),
    );
  }

  /** last message on topic [TOPIC] – subscribes to it. @param {Arguments} args */
  lastMessage({ TOPIC }) {
    const { core, lastMessages, subscriptions } = this.bridge;
    const last = this.attempt(() => {
      const topic = this.cast.toString(TOPIC);
      this.bridge.run(() => subscriptions.add(OWNER.last, topic));
      return core && lastMessages.find(subscriptions.full(topic), core.matches);
    });
    return last?.payload ?? '';
  }

  /**
   * @private
   * @param {unknown} typedTopic
   * @param {unknown} message
   * @param {unknown} typedQos
   * @param {unknown} keep
   */
  send(typedTopic, message, typedQos, keep) {
    const { bridge } = this;
    this.run((core) => {
      const topic = bridge.subscriptions.full(this.cast.toString(typedTopic));
      const problem = core.topicProblem(topic);
      if (problem) return bridge.status.report(`topic.${problem}`, { topic });
      const { toQos, toString, toYes } = this.cast;
      bridge.connection.sent(topic);
      return bridge.client?.publish(topic, toString(message), toQos(typedQos), toYes(keep));
    });
  }

  /** @private @param {BlockUtility} [util] */
  message(util) {
    return this.bridge.delivery.messageFor(util) || this.bridge.lastMessages.newest;
  }

  /** @private @param {(core: import('./types.js').Core) => void} call */
  run(call) {
    this.attempt(() => this.bridge.run((core) => this.attempt(() => call(core))));
  }

  /**
   * A block never throws: Scratch would end the script, and say nothing.
   *
   * @private
   * @template T
   * @param {() => T} call
   * @returns {T | undefined}
   */
  attempt(call) {
    try {
      return call();
    } catch (error) {
      const key = `publish.${/** @type {{ code?: unknown }} */ (error)?.code}`;
      this.bridge.status.report(isTextKey(key) ? key : 'publish.bad-argument');
      return undefined;
    }
  }

  /** @private @param {Block} block */
  blockInfo({ opcode, blockType, arguments: args = {} }) {
    return {
      opcode,
      blockType,
      text: this.text(/** @type {TextKey} */ (`block.${opcode}`)),
      arguments: Object.fromEntries(
        Object.entries(args).map(([name, argument]) => [name, this.argumentInfo(name, argument)]),
      ),
      ...(blockType === 'hat' && {
        // A sandbox sees only the host's questions; elsewhere this starts the scripts.
        isEdgeActivated: this.bridge.status.isSandboxed,
        shouldRestartExistingThreads: false,
      }),
    };
  }

  /** @private @param {string} name @param {Argument} argument */
  argumentInfo(name, { menu, text: key, value = '' }) {
    const translated = key ? this.text(/** @type {TextKey} */ (key)) : value;
    return {
      type: 'string',
      defaultValue: name === 'BROKER' ? this.bridge.environment.defaultBroker : translated,
      ...(menu && { menu }),
    };
  }

  /** @private @param {keyof typeof MENUS} name */
  menuInfo(name) {
    return {
      acceptReporters: true,
      items: MENUS[name].map((value) => ({
        text: this.text(/** @type {TextKey} */ (`menu.${name}.${value}`)),
        value,
      })),
    };
  }

  /** @private @param {TextKey} key */
  text(key) {
    return text(this.bridge.environment.locale(), key);
  }
}
