// @ts-check
/** The program for one board, which a QR code leads to: all that it needs is in the address. */
import { cardOf } from '../board-card.js';
import { showProgram } from '../board-kit.js';
import { loginOfBoards, loginWith } from '../board-login.js';
import { PROGRAMS, filledIn, nameIn, programAt, roomIn, settingsOf } from '../board-programs.js';
import { copies } from '../copying.js';
import { element } from '../dom.js';
import { jsonAt } from '../json.js';
import { sayWord } from '../say-word.js';
import { fillTexts } from '../texts.js';
import { wordInAddress } from '../word/in-address.js';

const word = await wordOfPage();
history.replaceState({ word }, '', location.pathname + location.search);
fillTexts();
copies('kit-program');
await show(boardInAddress());

/** What a code brought along or, when the page is loaded again, what it brought before, if it is still the word. */
async function wordOfPage() {
  const brought = wordInAddress();
  const before = history.state?.word;
  if (brought || !before) return brought;
  return (await sayWord('pupil', before)) === undefined ? before : '';
}

/** @param {import('../board-programs.js').Board} board */
async function show(board) {
  document.title = board.name;
  element('title').textContent = board.name;
  const local = await jsonAt('local.json');
  const program = await programAt(board.file);
  if (local === undefined || program === undefined) return showProgram(board.file, undefined);
  const { host, tcpPort, needsWord } = local;
  const asked = word ? loginWith(word) : await loginOfBoards();
  const place = { host, tcpPort, login: needsWord ? asked : {} };
  element('facts').replaceChildren(cardOf(board, place));
  showProgram(board.file, filledIn(program, settingsOf(board, place)));
}

/** Somebody may have typed it. @returns {import('../board-programs.js').Board} */
function boardInAddress() {
  const asked = new URLSearchParams(location.search);
  const [first = ''] = Object.values(PROGRAMS);
  return {
    file: Object.values(PROGRAMS).find((file) => file === asked.get('program')) ?? first,
    name: nameIn(asked.get('name') ?? '') || 'board-1',
    room: roomIn(asked.get('room') ?? ''),
  };
}
