// @ts-check
import { element } from './dom.js';
import { text } from './texts.js';

/** A field that is copied by a button. @param {string} id of the field, and the start of the ids beside it */
export function copies(id) {
  const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (element(id));
  field.addEventListener('focus', () => field.select());
  element(`${id}-copy`, HTMLButtonElement).addEventListener('click', async () => {
    const copied = await navigator.clipboard?.writeText(field.value).then(
      () => true,
      () => false,
    );
    // Without https or localhost there is no clipboard: the text is selected instead.
    if (copied !== true) field.focus();
    const says = copied === true ? 'blocks.copied' : 'blocks.notCopied';
    element(`${id}-copied`).textContent = text(says);
  });
}
