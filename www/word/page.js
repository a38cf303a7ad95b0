// @ts-check
/**
 * Asks for the class word, in the place of a page that needs it, or for the teacher's, in the place of the class page.
 * A QR code brings the class word along, behind `#`.
 */
import { element } from '../dom.js';
import { sayWord } from '../say-word.js';
import { fillTexts, text } from '../texts.js';
import { wordInAddress } from './in-address.js';

/** @typedef {import('../texts.js').TextKey} TextKey */

const isForTeacher = location.pathname === '/class';
const field = element('word', HTMLInputElement);

fillTexts();
for (const id of /** @type {const} */ (['title', 'explanation', 'label'])) {
  element(id).textContent = text(`${isForTeacher ? 'teacher' : 'word'}.${id}`);
}
element('say').addEventListener('submit', (event) => {
  event.preventDefault();
  say(field.value);
});
const brought = wordInAddress();
if (brought && !isForTeacher) {
  field.value = brought;
  await say(brought);
}
field.focus();

/** @param {string} word */
async function say(word) {
  const problem = await sayWord(isForTeacher ? 'teacher' : 'pupil', word);
  if (problem === undefined) return open(word);
  field.select();
  return complain(problem);
}

/** The page that this one stands in the place of; the word is left to the one that fills it in. @param {string} word */
function open(word) {
  const left = location.pathname === '/board' ? `#${encodeURIComponent(word)}` : '';
  history.replaceState(null, '', location.pathname + location.search + left);
  location.reload();
}

/** @param {TextKey} key */
function complain(key) {
  const said = element('said');
  said.textContent = text(key);
  said.hidden = false;
}
