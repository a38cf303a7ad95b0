// @ts-check
/** The chip in the editor's bar says how the connection is; a click shows all that is known, and what helps. */
import { element, say } from './dom.js';
import { NextLesson } from './next-lesson.js';
import { text } from './texts.js';

/**
 * What our extension answers to its blocks.
 *
 * @typedef {object} Blocks
 * @property {() => string} status
 * @property {() => string} lastError
 * @property {() => boolean} isConnected
 * @property {() => boolean} isOwnBrokerAway
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
  const login = element('login', HTMLButtonElement);
  const panel = element('connection');
  const connectToOwn = () => {
    panel.hidePopover();
    blocks.connect({ BROKER: own ?? '' });
    look();
  };
  const nextLesson = own === undefined ? undefined : new NextLesson(connectToOwn);
  const look = () => {
    const state = stateOf(blocks);
    const isKeptOut = state === 'problem' && nextLesson?.isWordNeeded === true;
    const sentences = isKeptOut ? text('chip.nextLesson') : blocks.status();
    say(element('chip-text'), sentences);
    say(element('connection-status'), sentences);
    chip.dataset.state = state;
    ownBroker.hidden =
      own === undefined || state !== 'problem' || isKeptOut || blocks.isOwnBrokerAway();
    login.hidden = isKeptOut;
    if (state === 'problem') void askForWord();
  };
  const askForWord = async () => {
    if ((await nextLesson?.look()) !== true) return;
    look();
    panel.showPopover();
  };
  ownBroker.addEventListener('click', connectToOwn);
  login.addEventListener('click', () => {
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
