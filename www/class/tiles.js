// @ts-check
/** A tile for each client of the broker: who it is, and how it is, in a colour and a word. */
import { text } from '../texts.js';

/** @typedef {'refused' | 'nameInUse' | 'tooFast' | 'here' | 'gone' | 'left'} State */
/**
 * As `server/src/class/member.rs` sends it.
 *
 * @typedef {object} Tile
 * @property {string} name
 * @property {State} state
 * @property {'page' | 'program'} way
 * @property {number} version the protocol level of MQTT
 * @property {number} rate messages that it published in a second
 * @property {number} published
 * @property {number} lost messages that were dropped
 * @property {number} since milliseconds since 1970
 * @property {number} [reasonCode]
 */

/** Who needs the teacher comes first. @type {readonly State[]} */
const ORDER = Object.freeze(['refused', 'nameInUse', 'tooFast', 'gone', 'here', 'left']);
/** @type {readonly State[]} */
const HERE = Object.freeze(['here', 'tooFast', 'nameInUse']);

/** The end of the client identifier of a pupil's project: two pupils may have one name. */
const END = / #[0-9a-f]{4}$/;

/** The list of tiles on the page. */
export class Tiles {
  /** @param {HTMLElement} list @param {(tile: Tile) => void} onchoose */
  constructor(list, onchoose) {
    this.list = list;
    this.onchoose = onchoose;
    /** @private @type {Map<string, { item: HTMLLIElement, tile: Tile }>} */
    this.shown = new Map();
  }

  /** Whether a client is connected. @param {Tile} tile */
  isHere({ state }) {
    return HERE.includes(state);
  }

  /** Shows these and no others; a tile that stays keeps its element, and so the focus. @param {Tile[]} everybody */
  update(everybody) {
    const all = this.withoutEarlierPages(everybody);
    const names = new Set(all.map(({ name }) => name));
    for (const [name, { item }] of this.shown) {
      if (names.has(name)) continue;
      item.remove();
      this.shown.delete(name);
    }
    all.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    for (const [index, tile] of all.entries()) {
      const item = this.itemOf(tile);
      if (this.list.children[index] !== item)
        this.list.insertBefore(item, this.list.children[index] ?? null);
    }
  }

  /** A pupil whose page was loaded again is here once. @private @param {Tile[]} all */
  withoutEarlierPages(all) {
    const here = new Set(all.filter((tile) => this.isHere(tile)).map(({ name }) => shown(name)));
    return all.filter(
      (tile) => !END.test(tile.name) || this.isHere(tile) || !here.has(shown(tile.name)),
    );
  }

  /** @private @param {Tile} tile */
  itemOf(tile) {
    const known = this.shown.get(tile.name);
    const item = known?.item ?? this.newItem(tile.name);
    this.shown.set(tile.name, { item, tile });
    const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
    button.dataset.state = tile.state;
    write(button, 'b', shown(tile.name));
    write(button, 'span', text(`class.state.${tile.state}`));
    const rate = tile.rate > 0 ? [text('class.rate', { count: tile.rate })] : [];
    const lost = tile.lost > 0 ? [text('class.dropped', { count: tile.lost })] : [];
    write(button, 'small', [text(`class.way.${tile.way}`), ...rate, ...lost].join(' · '));
    return item;
  }

  /** @private @param {string} name */
  newItem(name) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    const state = document.createElement('span');
    state.className = 'state';
    const who = document.createElement('b');
    who.dir = 'auto';
    button.append(who, state, document.createElement('small'));
    button.addEventListener('click', () => {
      const shown = this.shown.get(name);
      if (shown !== undefined) this.onchoose(shown.tile);
    });
    item.append(button);
    return item;
  }
}

/** What a teacher reads of a client identifier. @param {string} name */
const shown = (name) => name.replace(END, '');

/** @param {Tile} tile */
const rank = ({ state }) => ORDER.indexOf(state);

/**
 * Only what changed: a screen reader reads what is written.
 *
 * @param {HTMLElement} inside
 * @param {'b' | 'span' | 'small'} tag
 * @param {string} words
 */
function write(inside, tag, words) {
  const place = inside.querySelector(tag);
  if (place !== null && place.textContent !== words) place.textContent = words;
}
