// @ts-check
/** The button that begins a new lesson: it asks first, because nothing of the last one comes back. */
import { element } from '../dom.js';
import { text } from '../texts.js';
import { post } from './post.js';
import { forgetGroups } from './groups.js';

/** @param {(sentence: string) => void} say how it ended */
export function offerNewLesson(say) {
  const dialog = element('new-lesson', HTMLDialogElement);
  element('begin').addEventListener('click', () => dialog.showModal());
  element('stay').addEventListener('click', () => dialog.close());
  element('begin-now').addEventListener('click', async () => {
    dialog.close();
    const answer = await post('class/new-lesson');
    if (answer?.ok === true) forgetGroups();
    say(answer?.ok === true ? text('class.new.done', await answer.json()) : text('class.lost'));
  });
}
