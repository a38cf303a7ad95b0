// @ts-check
/** What a board has to know, and what it says: for the one who holds it. */
import { PROGRAMS, settingsOf } from './board-programs.js';
import { make } from './dom.js';
import { text } from './texts.js';

/** What boards do, as the last part of their topics. */
const ENDS = /** @type {const} */ (['led', 'button', 'sensor', 'status']);

/** @param {import('./board-programs.js').Board} board @param {import('./board-programs.js').Place} place */
export function cardOf(board, place) {
  const { BROKER, PORT, USER, PASSWORD, TOPIC } = settingsOf(board, place);
  const [library] = Object.entries(PROGRAMS).find(([, file]) => file === board.file) ?? [];
  const card = make('article', { class: 'card' });
  card.append(
    make('p', { class: 'hint', text: library, dir: 'ltr' }),
    listOf('dd', [
      [text('console.address'), BROKER],
      [text('card.port'), PORT],
      [text('console.username'), USER],
      [text('console.password'), PASSWORD],
    ]),
  );
  if (PASSWORD === undefined) card.append(make('p', { text: text('card.noLogin') }));
  card.append(
    listOf(
      'dt',
      ENDS.map((end) => [`${TOPIC}/${end}`, text(`card.${end}`)]),
    ),
    make('p', { text: text('card.works', { topic: `${TOPIC}/status` }) }),
  );
  return card;
}

/**
 * To print: with its name, and a code beside what it says.
 *
 * @param {import('./board-programs.js').Board} board
 * @param {import('./board-programs.js').Place} place
 * @param {string} address of the code
 */
export function cardToPrint(board, place, address) {
  const card = cardOf(board, place);
  const code = new Image();
  code.src = address;
  code.alt = text('kit.code');
  const caption = make('figcaption', { text: text('card.code') });
  card.prepend(make('figure', {}, code, caption), make('h3', { text: board.name, dir: 'auto' }));
  return card;
}

/**
 * @param {'dd' | 'dt'} typed what machines read too
 * @param {[string, string | number | undefined][]} facts what is not known is left out
 */
function listOf(typed, facts) {
  /** @param {'dd' | 'dt'} tag @param {string | number | undefined} words */
  const cell = (tag, words) =>
    make(tag, { text: `${words}`, ...(tag === typed && { dir: 'ltr' }) });
  const known = facts.filter(([, fact]) => fact !== undefined);
  const rows = known.flatMap(([term, fact]) => [cell('dt', term), cell('dd', fact)]);
  return make('dl', {}, ...rows);
}
