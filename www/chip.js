// @ts-check
/** The chip in the editor's bar says how the connection is; a click shows all that is known, and what helps. */
import { element, say } from './dom.js';
import { helpAddress } from './help.js';
import { NextLesson } from './next-lesson.js';
import { shownLanguage, text } from './texts.js';
import { helpFor } from './trouble.js';

/**
 * What our extension answers to its blocks.
 *
 * @typedef {object} Blocks
 * @property {() => string} status
 * @property {() => string[]} sentenceKeys
 * @property {() => string} certificatePage
 * @property {() => string} lastError
 * @property {() => boolean} isConnected
 * @property {() => boolean} isOwnBrokerWanted
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
      own === undefined || state !== 'problem' || isKeptOut || blocks.isOwnBrokerWanted();
    login.hidden = isKeptOut;
    linkCertificate(blocks.certificatePage());
    linkHelp(blocks.sentenceKeys());
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

/** @param {string} address empty where nothing is to be seen there */
function linkCertificate(address) {
  const link = element('certificate', HTMLAnchorElement);
  link.hidden = address === '';
  if (!link.hidden) link.href = address;
}

/** Leads to what helps with what is said now. @param {string[]} keys */
function linkHelp(keys) {
  const link = element('chip-help', HTMLAnchorElement);
  const language = shownLanguage();
  const part = helpFor(keys, language);
  link.href = part ?? helpAddress('trouble', language);
  say(link, text(part === undefined ? 'docs.trouble' : 'chip.help'));
}

/** @param {Blocks} blocks */
function stateOf(blocks) {
  if (blocks.lastError() !== '') return 'problem';
  return blocks.isConnected() ? 'connected' : 'closed';
}
