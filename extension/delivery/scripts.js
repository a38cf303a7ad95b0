// @ts-check
// Which scripts wait for something, and for what: read from the project's blocks.
import { EXTENSION_ID } from '../blocks/ids.js';

/** @typedef {import('../editors/support/scratch.js').ProjectBlocks} ProjectBlocks */
/** @typedef {import('../editors/support/scratch.js').Runtime} Runtime */
/** @typedef {import('../editors/support/scratch.js').Target} Target */

/** Joined texts may be nested; a project made by hand may nest them in a circle. */
const DEEPEST = 20;

/** The shadow block in a slot with a menu. */
const MENU_OPCODE = `${EXTENSION_ID}_menu_`;

/**
 * Visits every script that starts with a hat of ours, in the order in which Scratch starts scripts. A
 * clone has the scripts of its sprite.
 *
 * @param {Runtime} runtime
 * @param {string} opcode of the hat
 * @param {(blockId: string, target: Target) => void} visit
 */
export function eachHat(runtime, opcode, visit) {
  if (runtime.allScriptsByOpcodeDo) {
    runtime.allScriptsByOpcodeDo(opcode, (script, target) => visit(script.blockId, target));
    return;
  }
  for (const target of [...runtime.targets].reverse()) {
    for (const blockId of target.blocks.getScripts()) {
      if (target.blocks.getBlock(blockId)?.opcode === opcode) visit(blockId, target);
    }
  }
}

/**
 * The text in a hat's slot, without running the project: a text, the value of a menu, a variable, or
 * texts and variables that are joined.
 *
 * @param {string} slot its name
 * @param {string} blockId
 * @param {Target} target
 * @returns {string | null} `null`: only running the script can tell
 */
export function textIn(slot, blockId, target) {
  return valueOf(target.blocks.getBlock(blockId)?.inputs[slot]?.block, target, DEEPEST);
}

/**
 * The text in a slot of any block of a project, the first that can be known.
 *
 * @param {Runtime} runtime
 * @param {string} opcode
 * @param {string} slot
 * @returns {string | null}
 */
export function firstText({ targets }, opcode, slot) {
  for (const target of targets) {
    for (const [id, block] of Object.entries(target.blocks._blocks || {})) {
      const text = block.opcode === opcode ? textIn(slot, id, target) : null;
      if (text) return text;
    }
  }
  return null;
}

/**
 * @param {string | null | undefined} blockId
 * @param {Target} target
 * @param {number} depth
 * @returns {string | null}
 */
function valueOf(blockId, target, depth) {
  const block = target.blocks.getBlock(blockId);
  if (!block || depth === 0) return null;
  const { fields, inputs, opcode } = block;
  if (opcode === 'text') return String(fields.TEXT?.value ?? '');
  if (opcode.startsWith(MENU_OPCODE)) {
    return String(fields[opcode.slice(MENU_OPCODE.length)]?.value ?? '');
  }
  if (opcode === 'data_variable') {
    const variable = target.lookupVariableById?.(String(fields.VARIABLE?.id));
    return variable ? String(variable.value) : null;
  }
  if (opcode === 'operator_join') {
    const first = valueOf(inputs.STRING1?.block, target, depth - 1);
    const second = valueOf(inputs.STRING2?.block, target, depth - 1);
    return first === null || second === null ? null : first + second;
  }
  return null;
}
