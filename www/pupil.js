// @ts-check
/** The form of the start page of a class server: a pupil's name and group go into the address of the editor. */
import { element } from './dom.js';
import { language } from './texts.js';

/** Where there are groups, one is chosen. */
export async function offerToJoin() {
  const response = await fetch('groups.json').catch(() => undefined);
  /** @type {string[]} */
  const groups = response?.ok === true ? await response.json() : [];
  const choice = element('group', HTMLSelectElement);
  choice.append(new Option(''), ...groups.map((name) => new Option(name)));
  choice.disabled = groups.length === 0;
  element('groups').hidden = choice.disabled;
  const form = element('pupil', HTMLFormElement);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    // A field that is disabled is left out.
    const who = [...new FormData(form)].map(([key, value]) => [key, String(value)]);
    location.assign(`editor?${new URLSearchParams([['lang', language], ...who])}`);
  });
  element('join').hidden = false;
}
