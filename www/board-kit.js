// @ts-check
/** A program for a board, with everything filled in that the class server knows. */
import {
  PROGRAMS,
  filledIn,
  nameIn,
  programAt,
  queryOf,
  roomIn,
  settingsOf,
} from './board-programs.js';
import { element } from './dom.js';
import { language, text } from './texts.js';

/** @param {import('./board-programs.js').Place & { groups: string[] }} server */
export function offerPrograms({ groups, ...place }) {
  const choice = element('kit-board', HTMLSelectElement);
  const name = element('kit-name', HTMLInputElement);
  const room = element('kit-room', HTMLSelectElement);
  choice.append(...programOptions());
  room.append(new Option(''), ...groups.map((one) => new Option(one)));
  element('kit-room-field').hidden = groups.length === 0;

  const show = async () => {
    const board = {
      file: choice.value,
      name: nameIn(name.value) || 'board-1',
      room: roomIn(room.value),
    };
    const program = await programAt(board.file);
    // Another one was chosen meanwhile.
    if (board.file !== choice.value) return;
    showProgram(board.file, program && filledIn(program, settingsOf(board, place)));
    const query = queryOf(board, language);
    element('kit-phone').hidden = !place.host;
    if (place.host) showCode(`board.svg${query}`);
  };
  for (const field of [choice, name, room]) field.addEventListener('input', () => void show());
  void show();
  element('kit').hidden = false;
}

/** To choose from. */
export const programOptions = () =>
  Object.entries(PROGRAMS).map(([title, file]) => new Option(title, file));

/** To copy and to save. @param {string} file @param {string | undefined} program */
export function showProgram(file, program) {
  const shown = element('kit-program', HTMLTextAreaElement);
  const save = element('kit-save', HTMLAnchorElement);
  shown.value = program ?? text('kit.missing');
  URL.revokeObjectURL(save.href);
  save.href = URL.createObjectURL(new Blob([shown.value], { type: 'text/plain' }));
  save.download = file.slice(file.lastIndexOf('/') + 1);
}

/** @param {string} address of the picture */
function showCode(address) {
  const code = element('kit-code', HTMLImageElement);
  code.src = address;
  code.alt = text('kit.code');
}
