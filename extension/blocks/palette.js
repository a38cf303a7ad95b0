// @ts-check
// What the host shows: the blocks of the table, in the language of the page.
import { BLOCKS, EXTENSION_ID, MENUS, SEPARATOR } from './blocks.js';
import { COLORS, ICON } from './icon.js';
import { text } from '../texts/texts.js';

/** @typedef {import('./blocks.js').Argument} Argument */
/** @typedef {import('./blocks.js').Block} Block */
/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {(key: string) => string} Translate */

/** @param {import('../hosts/support/environment.js').Environment} environment */
export function paletteOf(environment) {
  const { defaultBroker, document, locale, runtime } = environment;
  const language = locale();
  /** @type {Translate} */
  const translate = (key) => text(language, /** @type {TextKey} */ (key));
  const { hat, notes } = hatsOf(environment);

  /** @param {Block} block */
  const blockInfo = ({ opcode, blockType, arguments: args = {} }) => ({
    opcode,
    blockType,
    text: translate(`block.${opcode}`),
    arguments: mapValues(args, (argument, name) => ({
      ...argumentInfo(argument, translate),
      ...(name === 'BROKER' && { defaultValue: defaultBroker }),
    })),
    ...(blockType === 'hat' && hat),
  });

  // The official editor shows a button, and does nothing when it is pressed.
  const canAsk = document && runtime?.handleExtensionButtonPress;
  const loginButton = { blockType: 'button', func: 'showLogin', text: translate('login.button') };

  return {
    id: EXTENSION_ID,
    name: translate('extension.name'),
    ...COLORS,
    menuIconURI: ICON,
    blockIconURI: ICON,
    blocks: [
      ...notes,
      ...BLOCKS.flatMap((block) => {
        if (block === SEPARATOR) return /** @type {(object | string)[]} */ ([block]);
        return [...(block.opcode === 'login' && canAsk ? [loginButton] : []), blockInfo(block)];
      }),
    ],
    menus: mapValues(MENUS, (values, name) => ({
      acceptReporters: true,
      items: values.map((value) => ({ text: translate(`menu.${name}.${value}`), value })),
    })),
  };
}

/**
 * What is said of hats to the host, and, where none runs, to the pupil.
 *
 * @param {import('../hosts/support/environment.js').Environment} environment
 */
export function hatsOf({ locale, runtime, takesLateAnswers }) {
  // With a runtime we start the scripts ourselves.
  const areHatsAsked = !runtime;
  const isHatless = areHatsAsked && !takesLateAnswers;
  // Buttons that do nothing: the only texts between blocks that such hosts know.
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

/** @param {Argument} argument @param {Translate} translate */
const argumentInfo = ({ type = 'string', menu, text: key, value = '' }, translate) => ({
  type,
  defaultValue: key ? translate(key) : value,
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
