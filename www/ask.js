// @ts-check
import { STYLE } from '../extension/login/style.js';
import { make } from './dom.js';
import { text } from './texts.js';

/** @typedef {import('../extension/editors/support/environment.js').ConnectRequest} ConnectRequest */

/** A click that was meant for what was there before is no answer, in milliseconds. */
const TOO_SOON_MS = 500;

/** The most characters of a project's name: whoever made the project chose it. */
const LONGEST_NAME = 60;

/** Keys that are typed here are none of the project's. */
const EVENTS = ['keydown', 'keyup', 'keypress'];

const OWN_STYLE = `ul{list-style:none;margin:0 0 .9em;max-height:30vh;overflow:auto;padding:0}
li,b{font-weight:600;overflow-wrap:anywhere}`;

const DIALOG = `<dialog aria-labelledby="title" aria-describedby="who places login">
  <h2 id="title"></h2><p id="who"></p><ul id="places"></ul><p id="login"></p><p id="hint"></p>
  <p class="row"><button type="button" id="refuse" autofocus></button><button id="allow"></button></p>
</dialog>`;

/**
 * Asks whoever sits here whether the project may connect. Esc means no.
 *
 * @param {ConnectRequest & { project: string }} request `project`: its name, perhaps none
 * @param {AbortSignal} signal when the question is of no use any more
 * @returns {Promise<boolean>}
 */
export function askToConnect({ places, username, project }, signal) {
  // The styles of the editor end at the shadow.
  const host = document.createElement('div');
  host.id = 'ask';
  const root = host.attachShadow({ mode: 'open' });
  root.innerHTML = `<style>${STYLE}${OWN_STYLE}</style>${DIALOG}`;
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector('dialog'));
  /** @param {string} id @param {string} words */
  const say = (id, words) => {
    const element = /** @type {HTMLElement} */ (root.getElementById(id));
    element.textContent = words;
    return element;
  };
  say('title', text('ask.title'));
  const name = shortened(project);
  say('who', name ? text('ask.who', { project: name }) : text('ask.someone'));
  say('places', '').append(...places.map(listItem));
  say('login', text(username === null ? 'ask.nobody' : 'ask.login', { user: username ?? '' }));
  say('hint', text('ask.hint'));

  return new Promise((resolve) => {
    let isAllowed = false;
    const shownAt = performance.now();
    say('allow', text('ask.allow')).addEventListener('click', () => {
      if (performance.now() - shownAt < TOO_SOON_MS) return;
      isAllowed = true;
      dialog.close();
    });
    say('refuse', text('ask.refuse')).addEventListener('click', () => dialog.close());
    signal.addEventListener('abort', () => dialog.close());
    dialog.addEventListener('close', () => {
      host.remove();
      resolve(isAllowed && !signal.aborted);
    });
    for (const type of EVENTS) host.addEventListener(type, (event) => event.stopPropagation());
    document.body.append(host);
    dialog.showModal();
  });
}

/** @param {string} words */
function listItem(words) {
  return make('li', {}, make('bdi', { text: words, dir: 'ltr' }));
}

/** Without what turns or hides letters. @param {string} name */
const shortened = (name) =>
  [...name.replace(/[\p{Cc}\p{Cf}]/gu, '').trim()].slice(0, LONGEST_NAME).join('');
