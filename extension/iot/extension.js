// @ts-check
import { COLORS, ICON } from '../blocks/icon.js';
import { BLOCKS, hatsOf, nameOf } from '../blocks/palette.js';
import { runBlock } from '../blocks/run.js';
import { IOT_BLOCKS, IOT_ID } from './blocks.js';

/** @typedef {import('../blocks/extension.js').Method} Method */
/** @typedef {import('../blocks/record.js').Block} Block */
/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../texts/languages.js').Language} Language */
/** @typedef {import('./blocks.js').IotBlock} IotBlock */

/** The opcode of the hat, as the runtime knows it. */
export const IOT_HAT = Object.freeze({ opcode: `${IOT_ID}_whenMessage`, slot: 'topic' });

/**
 * CodeLab's IoT blocks, done by ours. Better than they were: what is subscribed to or published before
 * there is a connection is kept, each message starts every script of its topic, and "received message"
 * is the message of the script that asks.
 */
class Extension {
  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    bridge.addHat(IOT_HAT);
  }

  /** What the editor asks: the category, its blocks and their texts in the language of the page. */
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
}

for (const [opcode, { arguments: args, blockType, ours }] of Object.entries(IOT_BLOCKS)) {
  const block = ourBlock(ours);
  /** @this {Extension} @param {Parameters<Method>} given */
  const method = function runOurs(...given) {
    const [typed = {}, util] = given;
    const named = Object.entries(args).map(([name, one]) => [one.ours, typed[name]]);
    const answer = runBlock(block, this.bridge, Object.fromEntries(named), util);
    // No command waits, not even connect: projects ask "is connected?".
    return blockType === 'command' ? undefined : answer;
  };
  Object.defineProperty(Extension.prototype, opcode, { value: method, writable: true });
}

/** @type {new (bridge: Bridge) => Extension & Record<keyof typeof IOT_BLOCKS, Method>} */
export const IotBlocks = /** @type {any} */ (Extension);

/** @param {string} wanted @returns {Block} */
function ourBlock(wanted) {
  const found = BLOCKS.find((block) => typeof block === 'object' && block.opcode === wanted);
  return /** @type {Block} */ (found);
}

/** The text as it was; in other languages that of our block. @param {IotBlock} block @param {Language} language */
function textOf({ arguments: args, ours, text: original }, language) {
  if (language === 'en') return original;
  return Object.entries(args).reduce(
    (translated, [name, argument]) => translated.replace(`[${argument.ours}]`, `[${name}]`),
    nameOf(ourBlock(ours), language),
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
