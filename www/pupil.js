// @ts-check
/**
 * The form of the start page of a class server: a pupil's name and group, and where the project of the lesson is, go
 * into the address of the editor.
 */
import { element } from './dom.js';
import { jsonAt } from './json.js';
import { language, text } from './texts.js';

/** @typedef {{ project: { name: string, address: string } | null }} Lesson as `server/src/class/project.rs` answers */

/** Where there are groups, one is chosen. @returns {Promise<string[]>} the groups */
export async function offerToJoin() {
  /** @type {[string[] | undefined, Lesson | undefined]} */
  const [groups = [], lesson] = await Promise.all([jsonAt('groups.json'), jsonAt('lesson.json')]);
  const choice = element('group', HTMLSelectElement);
  choice.append(new Option(''), ...groups.map((name) => new Option(name)));
  choice.disabled = groups.length === 0;
  element('groups').hidden = choice.disabled;
  const form = element('pupil', HTMLFormElement);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    // A field that is disabled is left out.
    const who = [...new FormData(form)].map(([key, value]) => [key, String(value)]);
    // The teacher may have given one since this page was opened.
    const project = projectOf(await jsonAt('lesson.json'));
    const what = project ? [['project', project.address]] : [];
    location.assign(`editor?${new URLSearchParams([['lang', language], ...what, ...who])}`);
  });
  const project = projectOf(lesson);
  element('lesson-project').textContent = project && text('join.project', { name: project.name });
  element('lesson-project').hidden = project === null;
  element('join').hidden = false;
  return groups;
}

/** @param {Lesson | undefined} lesson */
const projectOf = (lesson) => lesson?.project ?? null;
