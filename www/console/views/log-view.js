// @ts-check
/** The messages, the newest on top. */
import { element, make, say } from '../../dom.js';
import { text } from '../../texts.js';
import { Grid } from './grid.js';
import { lineOf, notesOf, timeText, topicText } from './words.js';

/** @typedef {import('../model/console-model.js').ConsoleModel} ConsoleModel */

export class LogView {
  /**
   * @param {ConsoleModel} model
   * @param {(number: number) => void} onselect with the number of a message in the log
   */
  constructor({ log, found }, onselect) {
    /** @private */
    this.found = found;
    /** The newest that was drawn. @private */
    this.newest = -1;
    const rows = {
      size: () => found.size,
      at: (/** @type {number} */ index) => (index < found.size ? found.at(index) : undefined),
      indexOf: (/** @type {number} */ number) => found.indexOf(number),
    };
    /** @private @type {Grid<number>} */
    this.grid = new Grid(element('messages'), rows, {
      columns: [
        text('console.time'),
        text('console.topic'),
        text('console.message'),
        text('console.notes'),
      ],
      makeRow,
      fill: (row, number) => {
        const message = log.get(number);
        if (message && row.dataset.number !== String(number)) fill(row, message);
        row.dataset.number = String(number);
      },
      onactive: onselect,
    });
  }

  draw() {
    const before = this.found.indexOf(this.newest);
    if (before > 0) this.grid.shift(before);
    this.newest = this.found.size > 0 ? (this.found.at(0) ?? -1) : -1;
    this.grid.draw();
  }

  /** @param {number | null} number */
  mark(number) {
    this.grid.activate(number);
  }
}

function makeRow() {
  const role = 'gridcell';
  return make(
    'div',
    {},
    make('span', { class: 'cell-time', role }),
    make('span', { class: 'cell-topic', role, dir: 'ltr' }),
    make('span', { class: 'cell-value', role, dir: 'auto' }),
    make('span', { class: 'cell-notes', role }),
  );
}

/** @param {HTMLElement} row @param {import('../model/message-log.js').Kept} message */
function fill(row, message) {
  const words = [timeText(message.at), topicText(message.topic), lineOf(message), notesOf(message)];
  [...row.children].forEach((cell, place) =>
    say(/** @type {HTMLElement} */ (cell), String(words[place])),
  );
}
