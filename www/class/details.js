// @ts-check
/** What one client sends, what it subscribed to, and what to do when something is wrong. */
import { element, make } from '../dom.js';
import { language, text } from '../texts.js';

/** @typedef {import('./tiles.js').Tile} Tile */
/** @typedef {{ at: number, topic: string, text?: string, size: number, retained: boolean }} Message */

/** Return codes of MQTT 3.1.1 and reason codes of 5.0 that are about the login. */
const LOGIN_CODES = [4, 5, 0x86, 0x87];

/** The dialog of the page. */
export class Details {
  constructor() {
    this.dialog = element('details', HTMLDialogElement);
    /** @private @type {string | null} */
    this.name = null;
    element('close').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => (this.name = null));
  }

  /** @param {Tile} tile */
  show(tile) {
    this.name = tile.name;
    element('filters').replaceChildren();
    element('messages').replaceChildren();
    this.update([tile]);
    this.dialog.showModal();
  }

  /** Looks again, if its client is among these. @param {Tile[]} all */
  update(all) {
    const tile = all.find(({ name }) => name === this.name);
    if (tile === undefined) return;
    element('name').textContent = tile.name;
    element('advice').textContent = adviceFor(tile);
    this.load(tile.name);
  }

  /** @private @param {string} name */
  async load(name) {
    const response = await fetch(`class/client.json?${encodeURIComponent(name)}`).catch(
      () => undefined,
    );
    if (response?.ok !== true) return;
    /** @type {{ filters: string[], messages: Message[] }} */
    const { filters, messages } = await response.json();
    // Another one may have been chosen meanwhile.
    if (name !== this.name) return;
    element('filters').replaceChildren(
      ...filters.map((filter) => make('li', { text: filter, dir: 'ltr' })),
    );
    element('messages').replaceChildren(...messages.reverse().map(rowOf));
  }
}

/** @param {Tile} tile */
function adviceFor({ state, reasonCode = 0 }) {
  if (state !== 'refused') return text(`class.advice.${state}`);
  if (LOGIN_CODES.includes(reasonCode)) return text('reason.login');
  return text('reason.refused', { code: reasonCode });
}

/** @param {Message} message */
function rowOf({ at, topic, text: payload, size }) {
  const row = document.createElement('tr');
  const shown = payload ?? text('class.bytes', { count: size });
  row.append(
    make('td', { text: new Date(at).toLocaleTimeString(language) }),
    make('td', { text: topic, dir: 'ltr' }),
    make('td', { text: shown, dir: 'auto' }),
  );
  return row;
}
