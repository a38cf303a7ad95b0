// @ts-check
// Whether a script provably ends in the turn in which it starts, and neither starts nor stops other
// scripts. Only then may several of its messages be handled in one frame: a script that waits would
// overtake itself, and a broadcast would restart its receiver before it has had its turn.
import { EXTENSION_ID } from '../blocks/ids.js';

/** @typedef {import('../editors/support/scratch.js').ProjectBlocks} ProjectBlocks */

/** Of ours, and of CodeLab's, whose connect block does not wait. */
const OURS = new RegExp(`^(${EXTENSION_ID}|iot)_(?!connect$|whenMessage$)`);

const FAMILIES = /^(data|operator|motion|looks|sound|sensing|pen)_/;

const ENDS_ITS_TURN = new Set([
  'motion_glideto',
  'motion_glidesecstoxy',
  'looks_sayforsecs',
  'looks_thinkforsecs',
  'looks_switchbackdroptoandwait',
  'sound_playuntildone',
  'sensing_askandwait',
]);

/** A new backdrop starts the scripts under "when backdrop switches". */
const STARTS_OTHERS = new Set(['looks_switchbackdropto', 'looks_nextbackdrop']);

const BRANCHES = new Set(['control_if', 'control_if_else']);

/**
 * @param {ProjectBlocks} blocks
 * @param {string} hatId
 * @returns {boolean} `false` when in doubt
 */
export function endsInOneTurn(blocks, hatId) {
  const seen = new Set();
  const waiting = [blocks.getBlock(hatId)?.next];
  while (waiting.length) {
    const id = waiting.pop();
    if (!id || seen.has(id)) continue;
    seen.add(id);
    const block = blocks.getBlock(id);
    if (!block || !(block.shadow || isShort(block.opcode))) return false;
    waiting.push(block.next);
    for (const input of Object.values(block.inputs)) waiting.push(input.block);
  }
  return true;
}

/** @param {string} opcode */
function isShort(opcode) {
  if (OURS.test(opcode)) return true;
  if (ENDS_ITS_TURN.has(opcode) || STARTS_OTHERS.has(opcode)) return false;
  return BRANCHES.has(opcode) || FAMILIES.test(opcode);
}
