// @ts-check
/** How the others get here: what they type or, where nobody else is let in, how to change that. */
import { element } from '../dom.js';
import { jsonAt } from '../json.js';
import { text } from '../texts.js';
import { placeCards } from './cards.js';
import { post } from './post.js';

/**
 * @typedef {object} Place as `server/src/class/routes.rs` answers
 * @property {string[]} addresses
 * @property {number} boards the port
 * @property {boolean} boardsAreGuests
 * @property {'open' | 'closed' | null} desk
 * @property {boolean} reached
 * @property {string | null} teacher their word, on the computer itself only
 * @property {string | null} word of the class
 */

/** The class word that is shown. @type {string | null | undefined} */
let shownWord;

/** How often it is asked whether anybody else got here, until somebody did. */
const ASK_AGAIN_MS = 3000;

/** Shows it; where a person started the server, with what that person decides. */
export async function showEntrance() {
  if (!(await showPlace())) return;
  element('guests').addEventListener('change', async () => {
    const { checked } = element('guests', HTMLInputElement);
    await post(checked ? 'class/boards-are-guests' : 'class/boards-need-word');
    await showPlace();
  });
  element('full').addEventListener('click', () => element('wall').requestFullscreen());
  element('open').addEventListener('click', async () => {
    await post('class/open');
    await showPlace();
  });
  element('end').addEventListener('click', async () => {
    const answer = await post('class/end');
    if (answer?.ok === true) element('lesson').textContent = text('class.ended');
  });
}

/** A new lesson has another one. @param {string | null} word */
export function showWord(word) {
  // The first is shown while the page still asks where it is.
  if (shownWord !== undefined && word !== shownWord) showPlace();
}

async function showPlace() {
  const place = await whereWeAre();
  if (place === undefined) return false;
  const { addresses, desk, word } = place;
  shownWord = word;
  const [first, ...others] = addresses;
  element('wall').hidden = first === undefined;
  element('closed').hidden = first !== undefined || desk !== null;
  element('closed-desk').hidden = desk !== 'closed';
  element('end').hidden = desk === null;
  element('open-what').textContent = text(word === null ? 'class.open.what' : 'class.open.word');
  showBoards(place);
  placeCards(place);
  element('help').hidden = first === undefined;
  if (first === undefined) return true;
  const ports = `${new URL(first).port || 80},${place.boards}`;
  element('ports').textContent = `Linux: sudo ufw allow proto tcp to any port ${ports}`;
  element('address').textContent = first;
  const qr = element('qr', HTMLImageElement);
  qr.alt = first;
  // There was none while the class was not let in, and it has the word in it.
  qr.src = `class/qr.svg?${encodeURIComponent(word ?? 'open')}`;
  element('wall-word').hidden = word === null;
  element('wall-word').textContent = word && text('class.word', { word });
  element('others').textContent = others.join('  ');
  showReached(place);
  return true;
}

/** How boards log in, and what the teacher says on another device. @param {Place} place */
function showBoards({ addresses, boards, boardsAreGuests, teacher, word }) {
  const isClosed = word === null || addresses.length === 0;
  element('boards').textContent = text(
    isClosed || boardsAreGuests ? 'class.boards' : 'class.boards.word',
    { port: boards },
  );
  element('guests-row').hidden = isClosed;
  element('guests', HTMLInputElement).checked = boardsAreGuests;
  element('teacher').hidden = teacher === null || addresses.length === 0;
  element('teacher-word').textContent = teacher && text('class.teacher', { word: teacher });
}

/** Whether the network lets anybody through, until it did. @param {Pick<Place, 'reached'>} place */
function showReached({ reached }) {
  const said = element('reached');
  said.textContent = text(reached ? 'class.reached' : 'class.unreached');
  said.dataset.state = reached ? 'connected' : 'waiting';
  if (reached) return;
  setTimeout(async () => showReached((await whereWeAre()) ?? { reached }), ASK_AGAIN_MS);
}

/** @returns {Promise<Place | undefined>} */
const whereWeAre = () => jsonAt('class/where.json');
