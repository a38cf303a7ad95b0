// @ts-check
/** Clears kept messages by their topics, for everybody. */
import { element } from '../dom.js';
import { text } from '../texts.js';
import { post } from './post.js';

/** Takes what is typed as a filter; nothing stands for all. */
export function offerClearing() {
  const field = element('kept', HTMLInputElement);
  const said = element('kept-said');
  element('clear-kept').addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = field.value.trim();
    const answer = await post('class/clear-kept', body);
    if (answer?.ok === true) {
      const { cleared } = await answer.json();
      said.textContent = text('class.kept.done', { count: cleared });
    } else {
      said.textContent = text(answer ? 'class.kept.wrong' : 'class.lost');
    }
  });
}
