// @ts-check
// Who sits at this computer, as the start page of a class server asked.

/**
 * @typedef {object} Pupil
 * @property {string} clientId by which the class server knows the project; empty: none was chosen
 * @property {string} name as it was chosen; empty: none was
 * @property {string} room the first one of a project: the group
 */

/** The longest name, in characters. */
const LONGEST_NAME = 40;

/** How many different ends of a name there are: two pupils of a class may have one name. */
const ENDS = 0x10000;

/**
 * @param {object} typed
 * @param {unknown} [typed.name]
 * @param {unknown} [typed.room]
 * @returns {Pupil}
 */
export function pupilOf({ name, room }) {
  const [who, group] = [plain(name), plain(room)];
  const end = Math.floor(Math.random() * ENDS)
    .toString(16)
    .padStart(4, '0');
  const first = /[/+#$]/.test(group) ? '' : group;
  const words = [who, first].filter(Boolean).join(' · ');
  return { clientId: who && `${words} #${end}`, name: who, room: first };
}

/** Text that a client identifier and a topic can have. @param {unknown} typed */
function plain(typed) {
  const text = String(typed ?? '').replace(/[\p{Cc}\p{Cs}]/gu, '');
  return [...text.trim()].slice(0, LONGEST_NAME).join('').trim();
}
