// @ts-check
/** The button that holds what everybody publishes, until it is pressed again. */
import { element } from '../dom.js';
import { text } from '../texts.js';
import { post } from './post.js';

let isPaused = false;

/** @param {() => void} fail said when the server does not answer */
export function offerPause(fail) {
  element('pause').addEventListener('click', async () => {
    const answer = await post(isPaused ? 'class/resume' : 'class/pause');
    if (answer?.ok === true) showPause((await answer.json()).paused);
    else fail();
  });
  showPause(false);
}

/** @param {boolean} now whether the class is paused */
export function showPause(now) {
  isPaused = now;
  element('pause').textContent = text(now ? 'class.resume' : 'class.pause');
  const sentence = now ? text('class.paused') : '';
  const place = element('paused');
  place.hidden = !now;
  // Only what changed: a screen reader reads what is written.
  if (place.textContent !== sentence) place.textContent = sentence;
}
