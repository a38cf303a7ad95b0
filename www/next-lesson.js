// @ts-check
/**
 * Who is at work in the editor, or listens in the console, while a new lesson begins is asked for the new class word
 * there: to load the page again would cost what was made.
 */
import { element } from './dom.js';
import { isKeptOut, sayWord } from './say-word.js';
import { text } from './texts.js';

/** Between two looks at whether the class word has to be said, in milliseconds. */
const LOOK_MS = 3000;

export class NextLesson {
  /** Whether the class word has to be said. */
  isWordNeeded = false;
  #form = element('next-lesson', HTMLFormElement);
  #field = element('class-word', HTMLInputElement);
  #said = element('class-word-said');
  #goOn;
  #lookedAt = -Infinity;

  /** @param {() => unknown} goOn this browser is let in again */
  constructor(goOn) {
    this.#goOn = goOn;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#say();
    });
  }

  /** While the connection does not work. @returns {Promise<boolean>} whether the word is needed since now */
  async look() {
    if (performance.now() - this.#lookedAt < LOOK_MS) return false;
    this.#lookedAt = performance.now();
    const before = this.isWordNeeded;
    const isNeeded = await isKeptOut('pupil');
    this.#become(isNeeded);
    // It was said in another tab.
    if (before && !isNeeded) this.#goOn();
    return isNeeded && !before;
  }

  async #say() {
    const problem = await sayWord('pupil', this.#field.value);
    this.#said.textContent = problem === undefined ? '' : text(problem);
    this.#said.hidden = problem === undefined;
    if (problem !== undefined) return this.#field.select();
    this.#field.value = '';
    this.#become(false);
    return this.#goOn();
  }

  /** @param {boolean} isNeeded */
  #become(isNeeded) {
    this.isWordNeeded = isNeeded;
    this.#form.hidden = !isNeeded;
  }
}
