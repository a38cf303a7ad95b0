// @ts-check
import { ScratchMqtt } from '../blocks/extension.js';
import { COLORS, ICON } from '../blocks/icon.js';
import { hatsOf } from '../blocks/palette.js';
import { text } from '../texts/texts.js';
import { IOT_BLOCKS, IOT_ID } from './blocks.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../texts/languages.js').Language} Language */
/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {import('../hosts/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('./blocks.js').IotBlock} IotBlock */
/** @typedef {Record<string, unknown>} Arguments */

/** The opcode of the hat, as the runtime knows it. */
export const IOT_HAT = Object.freeze({ opcode: `${IOT_ID}_whenMessage`, slot: 'topic' });

/**
 * CodeLab's IoT blocks, done by ours. Better than they were: what is subscribed to or published before
 * there is a connection is kept, each message starts every script of its topic, and "received message"
 * is the message of the script that asks.
 */
export class IotBlocks {
  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    this.ours = new ScratchMqtt(bridge);
    bridge.addHat(IOT_HAT);
  }

  /** What the host asks: the category, its blocks and their texts in the language of the page. */
  getInfo() {
    const { environment } = this.bridge;
    const language = environment.locale();
    const { hat, notes } = hatsOf(environment);
    return {
      id: IOT_ID,
      name: 'IoT',
      ...COLORS,
      menuIconURI: ICON,
      blockIconURI: ICON,
      blocks: [
        // That hats do not run; what follows is said of our own blocks.
        .../** @type {any[]} */ (notes.slice(0, 1)),
        ...Object.entries(IOT_BLOCKS).map(([opcode, block]) => ({
          opcode,
          blockType: block.blockType,
          text: textOf(block, language),
          arguments: argumentsOf(block),
          ...(block.blockType === 'hat' && hat),
        })),
      ],
      menus: {},
    };
  }

  /** Connect To [mqtt_uri] – does not wait: projects ask "is connected?". @param {Arguments} args @param {BlockUtility} [util] */
  connect_to_mqtt({ mqtt_uri }, util) {
    this.ours.connect({ BROKER: mqtt_uri }, util);
  }

  /** is connected? */
  mqtt_is_connected() {
    return this.ours.isConnected();
  }

  /** subscribe Topic[topic] @param {Arguments} args @param {BlockUtility} [util] */
  subTopic({ topic }, util) {
    this.ours.subscribe({ TOPIC: topic }, util);
  }

  /** When Topic[topic] Message Receive @param {Arguments} args @param {BlockUtility} [util] */
  whenMessage({ topic }, util) {
    return this.ours.whenMessage({ TOPIC: topic }, util);
  }

  /** received message @param {Arguments} args @param {BlockUtility} [util] */
  getComingMessage(args, util) {
    return this.ours.messagePayload(args, util);
  }

  /** publish Topic[topic] Message[message] @param {Arguments} args @param {BlockUtility} [util] */
  pubMessage({ topic, message }, util) {
    this.ours.publish({ TOPIC: topic, MESSAGE: message }, util);
  }
}

/** The text as it was; in other languages that of our block. @param {IotBlock} block @param {Language} language */
function textOf({ arguments: args, ours, text: original }, language) {
  if (language === 'en') return original;
  return Object.entries(args).reduce(
    (translated, [name, argument]) => translated.replace(`[${argument.ours}]`, `[${name}]`),
    text(language, /** @type {TextKey} */ (`block.${ours}`)),
  );
}

/** @param {IotBlock} block */
const argumentsOf = ({ arguments: args }) =>
  Object.fromEntries(
    Object.entries(args).map(([name, { value }]) => [
      name,
      { type: 'string', defaultValue: value },
    ]),
  );
