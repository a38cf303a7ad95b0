// @ts-check
// Which scripts wait for messages, and on which topics: read from the project's blocks.
import { HAT_OPCODE } from '../blocks.js';

/** @typedef {import('../types.js').ProjectBlocks} ProjectBlocks */
/** @typedef {import('../types.js').Runtime} Runtime */
/** @typedef {import('../types.js').Target} Target */

/** Joined texts may be nested; a project made by hand may nest them in a circle. */
const DEEPEST = 20;

/**
 * Visits every script that starts with our hat, in the order in which Scratch starts scripts. A
 * clone has the scripts of its sprite.
 *
 * @param {Runtime} runtime
 * @param {(blockId: string, target: Target) => void} visit
 */
export function eachHat(runtime, visit) {
  if (runtime.allScriptsByOpcodeDo) {
    runtime.allScriptsByOpcodeDo(HAT_OPCODE, (script, target) => visit(script.blockId, target));
    return;
  }
  for (const target of [...runtime.targets].reverse()) {
    for (const blockId of target.blocks.getScripts()) {
      if (target.blocks.getBlock(blockId)?.opcode === HAT_OPCODE) visit(blockId, target);
    }
  }
}

/**
 * The topic in a hat's slot, without running the project: a text, a variable, or texts and
 * variables that are joined.
 *
 * @param {string} blockId
 * @param {Target} target
 * @returns {string | null} `null`: only running the script can tell
 */
export function topicOf(blockId, target) {
  return valueOf(target.blocks.getBlock(blockId)?.inputs.TOPIC?.block, target, DEEPEST);
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
