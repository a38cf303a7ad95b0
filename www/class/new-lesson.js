// @ts-check
/** The button that begins a new lesson: it asks first, because nothing of the last one comes back. */
import { element } from '../dom.js';
import { text } from '../texts.js';
import { post } from './post.js';
import { forgetGroups } from './groups.js';
import { showProject } from './project.js';

/** @param {(sentence: string) => void} say how it ended */
export function offerNewLesson(say) {
  const dialog = element('new-lesson', HTMLDialogElement);
  element('begin').addEventListener('click', () => {
    // Whoever is on another computer says the next one.
    element('new-word').hidden = element('wall-word').hidden;
    dialog.showModal();
  });
  element('stay').addEventListener('click', () => dialog.close());
  element('begin-now').addEventListener('click', async () => {
    dialog.close();
    const answer = await post('class/new-lesson');
    if (answer?.ok !== true) return say(text('class.lost'));
    const { project, ...counts } = await answer.json();
    forgetGroups();
    showProject(null);
    const done = [text('class.new.done', counts)];
    if (project) done.push(text('class.new.project'));
    return say(done.join(' '));
  });
}
