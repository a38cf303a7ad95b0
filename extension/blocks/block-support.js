// @ts-check
import { choiceOf } from './casting.js';
import { OWNER } from '../client/subscriptions.js';
import { isTextKey } from '../texts/texts.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../hosts/support/scratch.js').BlockUtility} BlockUtility */

/** What every block needs: casts, and that nothing is thrown. */
export class BlockSupport {
  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    this.cast = bridge.environment.cast;
  }

  /**
   * Publishes, if the topic can be.
   *
   * @protected
   * @param {unknown} typedTopic
   * @param {string | Uint8Array} payload
   * @param {0 | 1 | 2} [qos]
   * @param {boolean} [isKept]
   */
  send(typedTopic, payload, qos = 0, isKept = false) {
    const { client, connection, subscriptions } = this.bridge;
    const topic = this.topicFor(typedTopic);
    if (topic === null) return;
    subscriptions.note(this.cast.toString(typedTopic));
    connection.sent(topic);
    client?.publish(topic, payload, qos, isKept);
  }

  /**
   * The name on the broker of a topic to publish to; `null`, and a sentence in the status, when there
   * can be no such topic.
   *
   * @protected
   * @param {unknown} typed
   * @returns {string | null}
   */
  topicFor(typed) {
    const { core, status, subscriptions } = this.bridge;
    const topic = subscriptions.full(this.cast.toString(typed));
    const problem = core && core.topicProblem(topic);
    if (!problem) return topic;
    status.report(`topic.${problem}`, { topic });
    return null;
  }

  /**
   * Lets messages of a topic wait.
   *
   * @protected
   * @param {unknown} typed
   * @returns {string} the topic
   */
  listen(typed) {
    const topic = this.cast.toString(typed);
    this.bridge.run(() => this.bridge.subscribe(OWNER.last, topic));
    return topic;
  }

  /** The message that a script handles, else the last one. @protected @param {BlockUtility} [util] */
  message(util) {
    return this.bridge.delivery.messageFor(util) || this.bridge.lastMessages.newest;
  }

  /**
   * A line of a table, for a menu into which anything may be dropped.
   *
   * @protected
   * @template {object} T
   * @param {T} table
   * @param {unknown} typed
   * @returns {T[keyof T] | undefined}
   */
  lineOf(table, typed) {
    const key = choiceOf(Object.keys(table), this.cast.toString(typed));
    return key === undefined ? undefined : table[/** @type {keyof T} */ (key)];
  }

  /**
   * What a command does; nothing where a project shows the command on the stage as if it were a
   * value: such a block runs in every frame as soon as the project is opened.
   *
   * @protected
   * @param {BlockUtility | undefined} util
   * @param {(core: import('../client/types.js').Core) => void} call
   */
  act(util, call) {
    if (!isOnlyShown(util)) this.run(call);
  }

  /**
   * The same for what publishes: a call that still waits for the wasm module when the project starts
   * anew is for nothing.
   *
   * @protected
   * @param {BlockUtility | undefined} util
   * @param {() => void} call
   */
  actToPublish(util, call) {
    if (isOnlyShown(util)) return;
    this.attempt(() => this.bridge.runToPublish(() => this.attempt(call)));
  }

  /** Runs something with the wasm module. @protected @param {(core: import('../client/types.js').Core) => void} call */
  run(call) {
    this.attempt(() => this.bridge.run((core) => this.attempt(() => call(core))));
  }

  /**
   * A block never throws: Scratch would end the script, and say nothing.
   *
   * @protected
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
}

/** Whether a block only shows its value on the stage: then it may change nothing. @param {BlockUtility} [util] */
export const isOnlyShown = (util) => util?.thread?.updateMonitor === true;
