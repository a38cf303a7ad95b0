// @ts-check
/** A card for each board, to print: what it has to know, and a code that opens its program on a phone. */
import { cardToPrint } from '../board-card.js';
import { programOptions } from '../board-kit.js';
import { loginWith } from '../board-login.js';
import { queryOf, roomIn } from '../board-programs.js';
import { element } from '../dom.js';
import { jsonAt } from '../json.js';
import { language, text } from '../texts.js';
import { MOST_BOARDS, namesIn } from './board-names.js';

/** @type {import('../board-programs.js').Place | undefined} */
let place;

/** Cards are shown as they were asked for last. @type {import('../board-programs.js').Board[]} */
let boards = [];

export function offerCards() {
  const which = element('cards-which', HTMLInputElement);
  which.value = text('cards.example');
  element('cards-board', HTMLSelectElement).append(...programOptions());
  element('make-cards').addEventListener('submit', (event) => {
    event.preventDefault();
    const names = namesIn(which.value);
    const isWrong = names.length === 0 || names.length > MOST_BOARDS;
    element('cards-said').textContent = isWrong ? text('cards.wrong', { most: MOST_BOARDS }) : '';
    const file = element('cards-board', HTMLSelectElement).value;
    const room = roomIn(element('cards-room', HTMLSelectElement).value);
    boards = isWrong ? [] : names.map((name) => ({ file, name, room }));
    showCards();
  });
  element('cards-print').addEventListener('click', () => print());
}

/** Where boards find this computer now, and with which word. @param {import('./entrance.js').Place} found */
export function placeCards({ addresses, boards: tcpPort, boardsAreGuests, word }) {
  const [first] = addresses;
  element('cards-section').hidden = first === undefined;
  if (first === undefined) return;
  const login = word === null || boardsAreGuests ? {} : loginWith(word);
  place = { host: new URL(first).hostname, tcpPort, login };
  showCards();
}

/** The groups that there are now. */
export async function offerRooms() {
  const groups = (await jsonAt('groups.json')) ?? [];
  const room = element('cards-room', HTMLSelectElement);
  const chosen = room.value;
  room.replaceChildren(
    new Option(''),
    ...groups.map((/** @type {string} */ group) => new Option(group)),
  );
  room.value = groups.includes(chosen) ? chosen : '';
  element('cards-room-field').hidden = groups.length === 0;
}

function showCards() {
  if (place === undefined) return;
  const here = place;
  const cards = boards.map((board) =>
    cardToPrint(board, here, `board.svg${queryOf(board, language)}`),
  );
  element('cards').replaceChildren(...cards);
  element('cards-print').hidden = cards.length === 0;
}
