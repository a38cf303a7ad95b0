// @ts-check
/** The button that begins a new lesson: it asks first, because nothing of the last one comes back. */
import { element } from '../dom.js';

/** @typedef {'class.new.done' | 'class.lost'} End */

/** @param {(end: End) => void} say how it ended */
export function offerNewLesson(say) {
  const dialog = element('new-lesson', HTMLDialogElement);
  element('begin').addEventListener('click', () => dialog.showModal());
  element('stay').addEventListener('click', () => dialog.close());
  element('begin-now').addEventListener('click', async () => {
    dialog.close();
    const answer = await fetch('class/new-lesson', { method: 'POST' }).catch(() => undefined);
    say(answer?.ok === true ? 'class.new.done' : 'class.lost');
  });
}
