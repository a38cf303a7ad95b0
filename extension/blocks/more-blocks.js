// @ts-check
// The button of the palette that shows all blocks, and not only those for a first lesson.
import { EXTENSION_ID } from './ids.js';
import { BEGINNER_BLOCKS } from './beginner-blocks.js';

/** @typedef {import('../editors/support/environment.js').Environment} Environment */

const FIRST = new Set(BEGINNER_BLOCKS.map(({ opcode }) => `${EXTENSION_ID}_${opcode}`));

/** Whether the palette shows all blocks. */
export class MoreBlocks {
  /** @private */
  isOpen = false;

  /** @param {Environment} environment */
  constructor({ hasButtons, refreshPalette, runtime }) {
    /** Where an editor has no buttons that work, all blocks are there. @readonly */
    this.canSwitch = hasButtons && refreshPalette !== null;
    /** @private */
    this.refresh = refreshPalette ?? (() => {});
    if (!runtime || !this.canSwitch) return;
    runtime.on?.('PROJECT_LOADED', () => {
      if (!this.areShown && runtime.targets.some(usesMore)) this.switch();
    });
  }

  get areShown() {
    return this.isOpen || !this.canSwitch;
  }

  /** The button was pressed. */
  switch() {
    this.isOpen = !this.isOpen;
    this.refresh();
  }
}

/** @param {import('../editors/support/scratch.js').Target} target */
function usesMore({ blocks }) {
  return Object.values(blocks._blocks ?? {}).some(
    ({ opcode }) => opcode.startsWith(`${EXTENSION_ID}_`) && !FIRST.has(opcode) && !isMenu(opcode),
  );
}

/** The menu in the slot of a block is a block too. @param {string} opcode */
const isMenu = (opcode) => opcode.startsWith(`${EXTENSION_ID}_menu_`);
