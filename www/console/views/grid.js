// @ts-check
/**
 * A list of any length, of which only the rows in sight are in the page. One row is the active one: the
 * keyboard moves it, and a screen reader follows it.
 */
import { make } from '../../dom.js';

/** Rows above and below those in sight: they are there when a finger moves the list. */
const MARGIN = 4;

/**
 * @template T
 * @typedef {object} Rows
 * @property {() => number} size
 * @property {(index: number) => T | undefined} at
 * @property {(item: T) => number} indexOf -1 when it is not there any more
 */

/**
 * @template T
 * @typedef {object} Look
 * @property {string[]} columns their names
 * @property {() => HTMLElement} makeRow
 * @property {(row: HTMLElement, item: T) => void} fill
 * @property {(item: T) => void} onactive a person chose it
 * @property {(key: string, item: T) => boolean} [onkey] whether something was done
 */

/** @template T */
export class Grid {
  /**
   * @param {HTMLElement} element with the role `grid` or `treegrid`
   * @param {Rows<T>} rows
   * @param {Look<T>} look
   */
  constructor(element, rows, look) {
    this.element = element;
    /** @private */
    this.rows = rows;
    /** @private */
    this.look = look;
    /** @type {T | null} */
    this.active = null;
    /** @private @type {HTMLElement[]} */
    this.pool = [];
    /** @private */
    this.height = 1;
    /** @private */
    this.body = make('div', { class: 'grid-body', role: 'rowgroup' });
    const header = make('div', { class: 'grid-row grid-head', role: 'row' });
    header.append(...look.columns.map((text) => make('span', { role: 'columnheader', text })));
    header.setAttribute('aria-rowindex', '1');
    /** @private */
    this.head = make('div', { class: 'grid-header', role: 'rowgroup' }, header);
    element.append(this.head, this.body);
    element.addEventListener('scroll', () => this.draw(), { passive: true });
    element.addEventListener('keydown', (event) => this.pressed(event));
    element.addEventListener('click', (event) => this.clicked(event));
    new ResizeObserver(() => this.measure()).observe(element);
    this.measure();
  }

  /** Draws what is in sight. */
  draw() {
    const { rows, element, body, height } = this;
    const size = rows.size();
    element.setAttribute('aria-rowcount', String(size + 1));
    body.style.height = `${size * height}px`;
    const first = Math.max(0, Math.floor(element.scrollTop / height) - MARGIN);
    const last = Math.min(
      size,
      Math.ceil((element.scrollTop + element.clientHeight) / height) + MARGIN,
    );
    let place = 0;
    let active = '';
    for (let index = first; index < last; index++) {
      const item = rows.at(index);
      if (item === undefined) continue;
      const row = this.rowAt(place++);
      row.style.transform = `translateY(${index * height}px)`;
      row.setAttribute('aria-rowindex', String(index + 2));
      const isActive = item === this.active;
      row.setAttribute('aria-selected', String(isActive));
      if (isActive) active = row.id;
      this.look.fill(row, item);
    }
    for (; place < this.pool.length; place++)
      /** @type {HTMLElement} */ (this.pool[place]).hidden = true;
    if (active) element.setAttribute('aria-activedescendant', active);
    else element.removeAttribute('aria-activedescendant');
  }

  /** Rows came above: what is read stays where it is. @param {number} count */
  shift(count) {
    if (this.element.scrollTop > 0) this.element.scrollTop += count * this.height;
  }

  /** @param {T | null} item */
  activate(item) {
    this.active = item;
    this.draw();
  }

  /** @private */
  measure() {
    const height = this.rowAt(0).offsetHeight;
    if (height > 0) this.height = height;
    this.draw();
  }

  /** @private @param {number} place @returns {HTMLElement} */
  rowAt(place) {
    let row = this.pool[place];
    if (row === undefined) {
      row = this.look.makeRow();
      row.id = `${this.element.id}-row-${place}`;
      row.setAttribute('role', 'row');
      row.classList.add('grid-row');
      this.pool[place] = row;
      this.body.append(row);
    }
    row.hidden = false;
    return row;
  }

  /** @private @param {Event} event */
  clicked({ target }) {
    const row = target instanceof Element ? target.closest('.grid-body > .grid-row') : null;
    if (row === null) return;
    const item = this.rows.at(Number(row.getAttribute('aria-rowindex')) - 2);
    if (item !== undefined) this.choose(item);
  }

  /** @private @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { key } = event;
    const index = this.active === null ? -1 : this.rows.indexOf(this.active);
    const item = this.rows.at(index);
    const target = this.targetOf(key, index);
    if (target !== undefined) this.reveal(target);
    else if (index < 0 || item === undefined || !this.look.onkey?.(key, item)) return;
    event.preventDefault();
  }

  /** @private @param {string} key @param {number} index */
  targetOf(key, index) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 2);
    switch (key) {
      case 'ArrowDown':
        return index + 1;
      case 'ArrowUp':
        return index - 1;
      case 'PageDown':
        return index + page;
      case 'PageUp':
        return index - page;
      case 'Home':
        return 0;
      case 'End':
        return this.rows.size() - 1;
      default:
        return undefined;
    }
  }

  /** The row becomes the active one, in sight. @param {number} wanted */
  reveal(wanted) {
    const index = Math.min(Math.max(0, wanted), this.rows.size() - 1);
    const item = this.rows.at(index);
    if (index < 0 || item === undefined) return;
    const { element, height } = this;
    const top = index * height;
    const bottom = top + height - (element.clientHeight - this.head.offsetHeight);
    element.scrollTop = Math.max(bottom, Math.min(element.scrollTop, top));
    this.choose(item);
  }

  /** @private @param {T} item */
  choose(item) {
    this.look.onactive(item);
    this.activate(item);
  }
}
