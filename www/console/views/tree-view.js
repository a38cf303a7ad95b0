// @ts-check
/** The topics as a tree: last value, kept mark, rate and age. */
import { directionOf } from '../../../extension/texts/languages.js';
import { element, make, say } from '../../dom.js';
import { language, text } from '../../texts.js';
import { Grid } from './grid.js';
import { ageText, countText, lineOf, rateText, topicText } from './words.js';

/** @typedef {import('../model/topic-tree.js').TopicNode} TopicNode */
/** @typedef {import('../model/topic-tree.js').TopicTree} TopicTree */

/** How many levels are moved in: a narrow screen has no room for more. */
const MOST_INDENTS = 8;

/** The keys that lead into a level and out of it. */
const [INWARD, OUTWARD] =
  directionOf(language) === 'rtl' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];

export class TreeView {
  /**
   * @param {TopicTree} tree
   * @param {(node: TopicNode) => void} onselect
   */
  constructor(tree, onselect) {
    /** @private */
    this.tree = tree;
    /** @private */
    this.onselect = onselect;
    const rows = {
      size: () => tree.rows.length,
      at: (/** @type {number} */ index) => tree.rows[index],
      indexOf: (/** @type {TopicNode} */ node) => tree.rows.indexOf(node),
    };
    /** @private @type {Grid<TopicNode>} */
    this.grid = new Grid(element('topics'), rows, {
      columns: ['console.topic', 'console.value', 'console.rate', 'console.age'].map((key) =>
        text(/** @type {import('../../texts.js').TextKey} */ (key)),
      ),
      makeRow,
      fill: (row, node) => fill(row, node, this.isOpen(node)),
      onactive: (node) => this.choose(node),
      onkey: (key, node) => this.pressed(key, node),
    });
    // Before the grid hears of it: a click on the mark opens, and chooses nothing.
    element('topics').addEventListener('click', (event) => this.clicked(event), { capture: true });
  }

  draw() {
    this.grid.draw();
  }

  /** @param {TopicNode | null} node */
  mark(node) {
    this.grid.activate(node);
  }

  /** What a search finds is shown, open or not. @private @param {TopicNode} node */
  isOpen(node) {
    return node.isOpen || this.tree.isSearched;
  }

  /** @private @param {TopicNode} node */
  choose(node) {
    this.onselect(node);
  }

  /** @private @param {Event} event */
  clicked(event) {
    const { target } = event;
    const row = target instanceof Element ? target.closest('.grid-body > .grid-row') : null;
    const node = this.tree.rows[Number(row?.getAttribute('aria-rowindex')) - 2];
    if (row === null || node === undefined || node.children.length === 0) return;
    const isMark = target instanceof Element && target.closest('.mark') !== null;
    if (!isMark && node.last !== null) return;
    this.toggle(node, !node.isOpen);
    if (isMark) event.stopPropagation();
  }

  /** @private @param {string} key @param {TopicNode} node */
  pressed(key, node) {
    const hasChildren = node.children.length > 0;
    const above = node.parent?.parent ? node.parent : null;
    if (key === INWARD && hasChildren) {
      if (this.isOpen(node)) this.grid.reveal(this.tree.rows.indexOf(node) + 1);
      else this.toggle(node, true);
    } else if (key === OUTWARD && hasChildren && this.isOpen(node)) this.toggle(node, false);
    else if (key === OUTWARD && above) this.grid.reveal(this.tree.rows.indexOf(above));
    else if ((key === 'Enter' || key === ' ') && hasChildren) this.toggle(node, !node.isOpen);
    else return key.startsWith('Arrow') || key === ' ';
    return true;
  }

  /** @private @param {TopicNode} node @param {boolean} isOpen */
  toggle(node, isOpen) {
    this.tree.open(node, isOpen);
    this.grid.draw();
  }
}

function makeRow() {
  const name = make(
    'span',
    { class: 'cell-name', role: 'gridcell' },
    make('span', { class: 'mark' }),
    make('span', { class: 'name', dir: 'ltr' }),
    make('small', { class: 'kept', text: text('console.retained') }),
  );
  const value = make('span', { class: 'cell-value', role: 'gridcell', dir: 'auto' });
  const cells = ['cell-rate', 'cell-age'].map((one) =>
    make('span', { class: one, role: 'gridcell' }),
  );
  return make('div', {}, name, value, ...cells);
}

/** @param {HTMLElement} row @param {TopicNode} node @param {boolean} isOpen */
function fill(row, node, isOpen) {
  const [name, value, rate, age] = /** @type {HTMLElement[]} */ ([...row.children]);
  const [mark, label, kept] = /** @type {HTMLElement[]} */ ([...(name?.children ?? [])]);
  if (!mark || !label || !kept || !value || !rate || !age) return;
  const isBranch = node.children.length > 0;
  row.setAttribute('aria-level', String(node.level));
  if (isBranch) row.setAttribute('aria-expanded', String(isOpen));
  else row.removeAttribute('aria-expanded');
  row.style.setProperty('--indent', String(Math.min(node.level - 1, MOST_INDENTS)));
  say(label, topicText(node.name) || '/');
  kept.hidden = !node.isKept;
  const { last } = node;
  value.classList.toggle('dim', last === null);
  const below = text('console.below', { count: countText(node.topicsBelow) });
  say(value, last === null ? below : lineOf(last));
  const now = Date.now();
  say(rate, last === null ? '' : rateText(node.rate.perSecond(now)));
  say(age, last === null ? '' : ageText(now - last.at));
}
