// @ts-check
import { STYLE } from './style.js';

/** @typedef {import('../texts/texts.js').TextKey} TextKey */

/** Keys that are typed here are none of the project's, and none of the editor's. */
const EVENTS = ['keydown', 'keyup', 'keypress', 'copy', 'cut', 'paste'];

/**
 * A dialog on the page of any editor, whose styles end at its shadow. It is gone when it is closed.
 *
 * @param {object} page
 * @param {Document} page.document
 * @param {string} page.form the `<dialog>`
 * @param {readonly (readonly [string, readonly TextKey[]])[]} page.texts in the order of the elements that show them
 * @param {(key: TextKey) => string} page.text
 */
export function makeModal({ document, form, texts, text }) {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  root.innerHTML = `<style>${STYLE}</style>${form}`;
  for (const [selector, keys] of texts) {
    root.querySelectorAll(selector).forEach((element, index) => {
      const key = keys[index];
      if (key) element.textContent = text(key);
    });
  }
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector('dialog'));
  dialog.addEventListener('close', () => host.remove());
  for (const type of EVENTS) host.addEventListener(type, (event) => event.stopPropagation());
  document.body.append(host);
  /** @param {string} id @returns {any} */
  const element = (id) => root.getElementById(id);
  return { root, dialog, element };
}
