// @ts-check
/** The names of the groups, which pupils choose from on the start page. */
import { element } from '../dom.js';
import { jsonAt } from '../json.js';
import { text } from '../texts.js';
import { SEPARATORS } from './board-names.js';
import { offerRooms } from './cards.js';
import { post } from './post.js';

/** Takes what is typed instead of those that are. */
export function offerGroups() {
  const field = element('groups', HTMLInputElement);
  const said = element('groups-said');
  element('set-groups').addEventListener('submit', async (event) => {
    event.preventDefault();
    const typed = field.value.split(SEPARATORS).map((name) => name.trim());
    const names = [...new Set(typed.filter(Boolean))];
    const body = JSON.stringify(names);
    const answer = await post('class/groups', body);
    const isSaved = answer?.ok === true;
    if (isSaved) field.value = names.join(', ');
    if (isSaved) await offerRooms();
    said.textContent = text(
      isSaved ? 'class.groups.saved' : answer ? 'class.groups.wrong' : 'class.lost',
    );
  });
}

/** Shows those that are, unless somebody types already. */
export async function showGroups() {
  const groups = await jsonAt('groups.json');
  if (groups === undefined) return;
  const field = element('groups', HTMLInputElement);
  if (field.value === '') field.value = groups.join(', ');
}

/** There are none in a new lesson. */
export function forgetGroups() {
  element('groups', HTMLInputElement).value = '';
  element('groups-said').textContent = text('class.groups.hint');
  void offerRooms();
}
