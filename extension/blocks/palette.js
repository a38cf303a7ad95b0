// @ts-check
// What the editor shows: the blocks in their order, in the language of the page.
import { text, textOr } from '../texts/texts.js';
import { BEGINNER_BLOCKS } from './beginner-blocks.js';
import { CLASS_BLOCKS } from './class-blocks.js';
import { CONNECTION_BLOCKS } from './connection-blocks.js';
import { COLORS, ICON } from './icon.js';
import { EXTENSION_ID } from './ids.js';
import { LIST_BLOCKS } from './list-blocks.js';
import { MENUS } from './menus.js';
import { MESSAGE_BLOCKS } from './message-blocks.js';

/** @typedef {import('../editors/support/environment.js').Environment} Environment */
/** @typedef {import('../texts/languages.js').Language} Language */
/** @typedef {import('./record.js').Argument} Argument */
/** @typedef {import('./record.js').Block} Block */

/**
 * @typedef {(typeof BEGINNER_BLOCKS | typeof MESSAGE_BLOCKS | typeof LIST_BLOCKS | typeof CLASS_BLOCKS
 *   | typeof CONNECTION_BLOCKS)[number]['opcode']} Opcode
 */

/** A line between groups of blocks. */
export const SEPARATOR = '---';

/** All but those for a first lesson. @type {(Block | typeof SEPARATOR)[]} */
const MORE = [
  SEPARATOR,
  ...MESSAGE_BLOCKS,
  SEPARATOR,
  ...LIST_BLOCKS,
  SEPARATOR,
  ...CLASS_BLOCKS,
  SEPARATOR,
  ...CONNECTION_BLOCKS,
];

/** @type {(Block | typeof SEPARATOR)[]} */
const blocks = [...BEGINNER_BLOCKS, ...MORE];

/**
 * The blocks in the order of the palette. Frozen for ever once released: ids, opcodes, types, argument
 * names and types, menu values. A new need is a new block; an old block is hidden, never removed.
 */
export const BLOCKS = Object.freeze(blocks);

/**
 * @param {Environment} environment
 * @param {import('./more-blocks.js').MoreBlocks} more
 */
export function paletteOf(environment, more) {
  const { defaultBroker, docs, hasButtons, locale } = environment;
  const language = locale();
  const { hat, notes } = hatsOf(environment);

  /** @param {Block} block */
  const blockInfo = (block) => ({
    opcode: block.opcode,
    blockType: block.blockType,
    text: nameOf(block, language),
    arguments: mapValues(block.arguments ?? {}, (argument, name) => ({
      ...argumentInfo(argument, language),
      ...(name === 'BROKER' && { defaultValue: defaultBroker }),
    })),
    ...(block.blockType === 'hat' && hat),
  });
  /** Still there for the projects that have one. @param {Block} block */
  const moreInfo = (block) => ({
    ...blockInfo(block),
    ...(!more.areShown && { hideFromPalette: true }),
  });

  /** @param {string} func a method of the extension @param {import('../texts/texts.js').TextKey} key */
  const button = (func, key) => ({ blockType: 'button', func, text: text(language, key) });
  const loginButton = hasButtons && more.areShown ? [button('showLogin', 'login.button')] : [];
  const moreButton = more.canSwitch
    ? [button('switchMore', more.areShown ? 'palette.fewer' : 'palette.more')]
    : [];

  return {
    id: EXTENSION_ID,
    name: text(language, 'extension.name'),
    ...COLORS,
    menuIconURI: ICON,
    blockIconURI: ICON,
    // TurboWarp and its kin open it by a button.
    ...(docs !== null && { docsURI: docs }),
    blocks: [
      ...notes,
      ...BEGINNER_BLOCKS.map(blockInfo),
      ...moreButton,
      ...MORE.flatMap((block) => {
        if (block === SEPARATOR)
          return /** @type {(object | string)[]} */ (more.areShown ? [block] : []);
        return [...(block.opcode === 'login' ? loginButton : []), moreInfo(block)];
      }),
    ],
    menus: mapValues(MENUS, ({ values }, name) => ({
      acceptReporters: true,
      items: values.map((value) => ({
        text: textOr(value, language, `menu.${name}.${value}`),
        value,
      })),
    })),
  };
}

/** What blocks and choices are called in English, by the keys of their texts. @returns {Record<string, string>} */
export function englishNames() {
  const named = BLOCKS.flatMap((block) => (block === SEPARATOR ? [] : [block]));
  return Object.fromEntries([
    ...named.map(({ opcode, text: english }) => [`block.${opcode}`, english]),
    ...Object.entries(MENUS).flatMap(([menu, { values }]) =>
      values.map((value) => [`menu.${menu}.${value}`, value]),
    ),
  ]);
}

/** What a block is called. @param {Block} block @param {Language} language */
export const nameOf = ({ opcode, text: english }, language) =>
  textOr(english, language, `block.${opcode}`);

/**
 * What is said of hats to the editor, and, where none runs, to the pupil.
 *
 * @param {Environment} environment
 */
export function hatsOf({ locale, runtime, takesLateAnswers }) {
  // With a runtime we start the scripts ourselves.
  const areHatsAsked = !runtime;
  const isHatless = areHatsAsked && !takesLateAnswers;
  // Buttons that do nothing: the only texts between blocks that such editors know.
  const notes = isHatless ? text(locale(), 'palette.hatless').split('\n') : [];
  return {
    hat: {
      isEdgeActivated: areHatsAsked,
      shouldRestartExistingThreads: false,
      // Still there for the projects that have one.
      ...(isHatless && { hideFromPalette: true }),
    },
    notes: notes.map((note) => ({ blockType: 'button', text: note })),
  };
}

/** @param {Argument} argument @param {Language} language */
const argumentInfo = ({ type, menu, text: key, value }, language) => ({
  type,
  defaultValue: key ? text(language, key) : value,
  ...(menu && { menu }),
});

/**
 * @template T, U
 * @template {string} K
 * @param {Readonly<Record<K, T>>} object
 * @param {(value: T, name: K) => U} change
 * @returns {Record<K, U>}
 */
function mapValues(object, change) {
  const entries = /** @type {[K, T][]} */ (Object.entries(object));
  return /** @type {Record<K, U>} */ (
    Object.fromEntries(entries.map(([name, value]) => [name, change(value, name)]))
  );
}
