// @ts-check
/** A program for a board, with everything filled in that the class server knows. */
import { PROGRAMS, filledIn, nameIn } from './board-programs.js';
import { element } from './dom.js';
import { text } from './texts.js';

/** @param {{ host: string | null, tcpPort: number, groups: string[], login: import('./board-programs.js').Settings }} server
 *   `host`: where boards reach it, if they can; `login`: what they need, if it is not what the programs have */
export function offerPrograms({ host, tcpPort, groups, login }) {
  const choice = element('kit-board', HTMLSelectElement);
  const name = element('kit-name', HTMLInputElement);
  const room = element('kit-room', HTMLSelectElement);
  const shown = element('kit-program', HTMLTextAreaElement);
  const save = element('kit-save', HTMLAnchorElement);
  choice.append(...Object.entries(PROGRAMS).map(([title, file]) => new Option(title, file)));
  room.append(new Option(''), ...groups.map((one) => new Option(one)));
  element('kit-room-field').hidden = groups.length === 0;

  const show = async () => {
    const file = choice.value;
    const program = await programAt(file);
    // Another one was chosen meanwhile.
    if (file !== choice.value) return;
    const isHere = file.startsWith('python/');
    const own = nameIn(name.value) || 'board-1';
    const prefix = nameIn(room.value);
    const settings = {
      // Nothing but a program on this computer gets here yet.
      ...((host || isHere) && { BROKER: host ?? 'localhost' }),
      PORT: tcpPort,
      ...login,
      NAME: own,
      TOPIC: prefix ? `${prefix}/${own}` : own,
    };
    shown.value = program === undefined ? text('kit.missing') : filledIn(program, settings);
    URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(new Blob([shown.value], { type: 'text/plain' }));
    save.download = file.slice(file.lastIndexOf('/') + 1);
  };
  for (const field of [choice, name, room]) field.addEventListener('input', () => void show());
  void show();
  element('kit').hidden = false;
}

/** What was fetched, by its file: a letter of the name fetches nothing. @type {Map<string, string>} */
const fetched = new Map();

/** @param {string} file below `examples/` @returns {Promise<string | undefined>} */
async function programAt(file) {
  const known = fetched.get(file);
  if (known !== undefined) return known;
  const response = await fetch(`examples/${file}`).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const program = await response.text();
  fetched.set(file, program);
  return program;
}
