// @ts-check
import { AdvancedBlocks } from './advanced-blocks.js';
import { isOnlyShown } from './block-support.js';
import { CONNECT_OPCODE } from './blocks.js';
import { CONNECT_LIMIT_MS } from '../client/connection.js';
import { firstText } from '../delivery/scripts.js';
import { showLoginDialog } from '../login/dialog.js';
import { paletteOf } from './palette.js';
import { OWNER } from '../client/subscriptions.js';
import { text } from '../texts/texts.js';

/** @typedef {import('../hosts/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {Record<string, unknown>} Arguments */

/**
 * The blocks: one method for each opcode, here those that a first lesson needs. None throws, none
 * rejects, and none waits but `connect`, which has a limit. What goes wrong is told by the block
 * "connection status".
 */
export class ScratchMqtt extends AdvancedBlocks {
  /** What the host asks: the category, its blocks and their texts in the language of the page. */
  getInfo() {
    return paletteOf(this.bridge.environment);
  }

  /** The button: asks for a login that this browser keeps, and no project. */
  showLogin() {
    const { environment, status } = this.bridge;
    const { defaultBroker, document, locale, logins, runtime } = environment;
    if (!document) return;
    this.run(({ parseAddress }) => {
      /** @param {string} typed */
      const parse = (typed) => parseAddress(typed, false);
      const wanted = runtime && firstText(runtime, CONNECT_OPCODE, 'BROKER');
      showLoginDialog({
        document,
        logins,
        broker: status.broker.shown || parse(wanted || defaultBroker).shown,
        parse,
        text: (key, values) => text(locale(), key, values),
      });
    });
  }

  /** connect to broker [BROKER] – waits until connected or failed. @param {Arguments} args @param {BlockUtility} [util] */
  connect({ BROKER }, util) {
    const { bridge } = this;
    if (isOnlyShown(util)) return undefined;
    return this.attempt(() => {
      if (!bridge.mayConnect(util)) {
        bridge.status.report('connect.not-started');
        return undefined;
      }
      const broker = this.cast.toString(BROKER);
      return bridge.runAndWait(() => bridge.connection.connect(broker), CONNECT_LIMIT_MS);
    });
  }

  /** use room [ROOM] – empty: none. @param {Arguments} args @param {BlockUtility} [util] */
  setRoom({ ROOM }, util) {
    this.act(util, (core) => {
      const room = this.cast.toString(ROOM).trim().replace(/\/+$/, '');
      const problem = room === '' ? null : core.topicProblem(room);
      if (!problem) return this.bridge.setRoom(room);
      const isKnown = problem === 'wildcard' || problem === 'too-long';
      return this.bridge.status.report(isKnown ? `room.${problem}` : 'room.control-character');
    });
  }

  /** publish [MESSAGE] to topic [TOPIC] – kept while there is no connection. @param {Arguments} args @param {BlockUtility} [util] */
  publish({ MESSAGE, TOPIC }, util) {
    this.actToPublish(util, () => this.send(TOPIC, this.cast.toString(MESSAGE)));
  }

  /** subscribe to topic [TOPIC] @param {Arguments} args @param {BlockUtility} [util] */
  subscribe({ TOPIC }, util) {
    this.act(util, () => this.bridge.subscribe(OWNER.block, this.cast.toString(TOPIC)));
  }

  /** unsubscribe from topic [TOPIC] – for the hats too. @param {Arguments} args @param {BlockUtility} [util] */
  unsubscribe({ TOPIC }, util) {
    this.act(util, () => this.bridge.unsubscribe(this.cast.toString(TOPIC)));
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

  /** disconnect @param {Arguments} [_args] @param {BlockUtility} [util] */
  disconnect(_args, util) {
    this.act(util, () => this.bridge.connection.disconnect());
  }

  /** log in as [USER] with password [PASSWORD] – for the next connect. @param {Arguments} args @param {BlockUtility} [util] */
  login({ USER, PASSWORD }, util) {
    this.act(util, () =>
      this.bridge.connection.setLogin(this.cast.toString(USER), this.cast.toString(PASSWORD)),
    );
  }

  /** last message on topic [TOPIC] – subscribes to it. @param {Arguments} args @param {BlockUtility} [util] */
  lastMessage({ TOPIC }, util) {
    const { core, lastMessages, subscriptions } = this.bridge;
    const last = this.attempt(() => {
      const topic = this.cast.toString(TOPIC);
      if (!isOnlyShown(util)) this.bridge.run(() => subscriptions.add(OWNER.last, topic));
      return core && lastMessages.find(subscriptions.full(topic), core.matches);
    });
    return last?.payload ?? '';
  }
}
