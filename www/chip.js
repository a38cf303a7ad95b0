// @ts-check
/** The chip in the editor's bar says how the connection is; a click shows all that is known, and what helps. */
import { element, say } from './dom.js';

/**
 * What our extension answers to its blocks.
 *
 * @typedef {object} Blocks
 * @property {() => string} status
 * @property {() => string} lastError
 * @property {() => boolean} isConnected
 * @property {(values: { BROKER: string }) => unknown} connect
 * @property {() => void} showLogin
 */

/** Between two looks at the connection, in milliseconds. */
const LOOK_MS = 500;

/**
 * @param {Blocks} blocks
 * @param {string | undefined} own the name of this page's own broker
 */
export function showChip(blocks, own) {
  const chip = element('chip', HTMLButtonElement);
  const ownBroker = element('own-broker', HTMLButtonElement);
  const panel = element('connection');
  const look = () => {
    const sentences = blocks.status();
    const state = stateOf(blocks);
    say(element('chip-text'), sentences);
    say(element('connection-status'), sentences);
    chip.dataset.state = state;
    ownBroker.hidden = own === undefined || state !== 'problem';
  };
  ownBroker.addEventListener('click', () => {
    panel.hidePopover();
    blocks.connect({ BROKER: own ?? '' });
    look();
  });
  element('login').addEventListener('click', () => {
    panel.hidePopover();
    blocks.showLogin();
  });
  setInterval(look, LOOK_MS);
  look();
  chip.hidden = false;
}

/** @param {Blocks} blocks */
function stateOf(blocks) {
  if (blocks.lastError() !== '') return 'problem';
  return blocks.isConnected() ? 'connected' : 'closed';
}
