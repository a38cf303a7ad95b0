// @ts-check
/** All of one message: the newest of a topic, or one from the list. */
import { element, make, say } from '../../dom.js';
import { text } from '../../texts.js';
import { fieldsOf } from '../model/json-fields.js';
import { contentOf } from '../model/payload.js';
import { countText, notesOf, timeText, topicText } from './words.js';

/** @typedef {import('../model/message-log.js').Kept} Kept */
/** @typedef {import('../model/json-fields.js').Field} Field */
/** @typedef {import('../model/payload.js').Format} Format */
/** @typedef {import('../model/topic-tree.js').TopicNode} TopicNode */
/** @typedef {import('../../../extension/values/json.js').Step} Step */

/** What is shown of a text, in bytes: a page with megabytes of text stands still. */
const SHOWN_BYTES = 2_000;

/**
 * @typedef {object} Actions
 * @property {(topic: string, path: readonly Step[]) => void} plot shows a series, or takes it away
 * @property {(topic: string, path: readonly Step[]) => boolean} isPlotted
 * @property {(topic: string) => void} answer
 * @property {(node: TopicNode) => void} clearKept
 * @property {() => void} newest
 */

/** What is chosen: a level of the tree, or a message that stays the same. @typedef {{ node: TopicNode | null, message: Kept | null }} Choice */

export class DetailView {
  /** @param {Actions} actions */
  constructor(actions) {
    /** @private */
    this.actions = actions;
    /** @private @type {Choice} */
    this.choice = { node: null, message: null };
    /** The message whose content is in the page: reading JSON again for each frame would be slow. @private @type {Kept | null} */
    this.drawn = null;
    /** @private @type {FieldTable} */
    this.fields = new FieldTable(actions);
    element('format').addEventListener('change', () => this.redraw());
    onClick('detail-answer', () => actions.answer(this.topic));
    onClick('detail-plot', () => actions.plot(this.topic, []));
    onClick('detail-newest', () => actions.newest());
    onClick('detail-clear', () => {
      if (this.choice.node !== null) actions.clearKept(this.choice.node);
    });
  }

  /** @param {Choice} choice */
  show(choice) {
    this.choice = choice;
    this.redraw();
  }

  /** Something else changed than the message: how it is shown, or what is plotted. */
  redraw() {
    this.drawn = null;
    this.draw();
  }

  draw() {
    const { node, message } = this.choice;
    const shown = message ?? node?.last ?? null;
    element('detail-none').hidden = node !== null || shown !== null;
    element('detail-body').hidden = node === null && shown === null;
    say(element('detail-title'), topicText(this.topic) || text('detail.title'));
    element('detail-message').hidden = shown === null;
    element('detail-newest').hidden = message === null || node === null || node.last === message;
    this.drawKept(node);
    say(element('detail-notes'), shown === null ? branchNotes(node) : messageNotes(shown, node));
    if (shown !== null && shown !== this.drawn) this.drawContent(shown);
    this.drawn = shown;
  }

  /** @private */
  get topic() {
    return this.choice.message?.topic ?? this.choice.node?.topic ?? '';
  }

  /** @private @param {TopicNode | null} node */
  drawKept(node) {
    const button = element('detail-clear');
    const count = node === null ? 0 : node.topicsKept;
    button.hidden = count === 0;
    const isOne = count === 1 && node?.isKept;
    say(
      button,
      isOne ? text('detail.clearKept') : text('detail.clearBelow', { count: countText(count) }),
    );
  }

  /** @private @param {Kept} message */
  drawContent(message) {
    const format = /** @type {Format | 'auto'} */ (element('format', HTMLSelectElement).value);
    const content = contentOf(message, format, SHOWN_BYTES);
    const isJson = content?.as === 'json';
    const isNumber = content?.as === 'number';
    const [plain, plot] = [element('detail-text'), element('detail-plot')];
    plain.hidden = isJson;
    plot.hidden = !isNumber;
    this.fields.element.hidden = !isJson;
    plain.classList.toggle('number', isNumber);
    plain.classList.toggle('problem', content === null);
    if (isNumber)
      plot.setAttribute('aria-pressed', String(this.actions.isPlotted(message.topic, [])));
    if (isJson) this.fields.draw(message.topic, content.tree);
    else
      say(
        plain,
        content === null
          ? text(`format.not.${/** @type {'text' | 'number' | 'json'} */ (format)}`)
          : wordsOf(content),
      );
  }
}

/** The fields of JSON, each with its value, and a button for what can be plotted. */
class FieldTable {
  /** @param {Actions} actions */
  constructor(actions) {
    /** @private */
    this.actions = actions;
    this.element = element('detail-fields');
    /** @private */
    this.body = element('fields-body', HTMLTableSectionElement);
    /** Which rows there are. @private */
    this.shape = '';
    /** @private @type {Field[]} */
    this.fields = [];
    /** @private */
    this.topic = '';
    this.body.addEventListener('click', (event) => this.clicked(event));
  }

  /** @param {string} topic @param {import('../../../extension/values/json.js').Tree} tree */
  draw(topic, tree) {
    const { fields, more } = fieldsOf(tree);
    this.topic = topic;
    this.fields = fields;
    const shape = JSON.stringify([topic, ...fields.map(({ name, isNumber }) => [name, isNumber])]);
    // Rows that stay keep the focus of whoever is about to press a button in them.
    if (shape !== this.shape) this.body.replaceChildren(...fields.map(fieldRow));
    this.shape = shape;
    fields.forEach(({ path, text: value }, place) => {
      const row = /** @type {HTMLTableRowElement} */ (this.body.rows[place]);
      say(/** @type {HTMLElement} */ (row.cells[1]), value);
      const isPlotted = this.actions.isPlotted(topic, path);
      row.querySelector('button')?.setAttribute('aria-pressed', String(isPlotted));
    });
    say(
      element('fields-more'),
      more > 0 ? text('detail.moreFields', { count: countText(more) }) : '',
    );
  }

  /** @private @param {Event} event */
  clicked({ target }) {
    const row = target instanceof Element && target.closest('button') ? target.closest('tr') : null;
    const field = this.fields[row?.rowIndex === undefined ? -1 : row.rowIndex - 1];
    if (row === null || field === undefined) return;
    this.actions.plot(this.topic, field.path);
  }
}

/** @param {Field} field */
function fieldRow({ path, name, level, isNumber }) {
  const step = path.at(-1);
  const head = make('th', {
    text: typeof step === 'number' ? `[${step}]` : String(step),
    dir: 'auto',
  });
  head.scope = 'row';
  head.style.setProperty('--indent', String(Math.min(level - 1, 8)));
  head.title = name;
  const last = make('td');
  if (isNumber) {
    const button = make('button', { class: 'quiet small', text: text('plot.plot') });
    button.type = 'button';
    button.setAttribute('aria-label', text('plot.named', { name }));
    last.append(button);
  }
  return make('tr', {}, head, make('td', { class: 'value', dir: 'auto' }), last);
}

/** @param {Exclude<import('../model/payload.js').Content, { as: 'json' }>} content */
function wordsOf(content) {
  if (content.as === 'number') return content.text;
  const words = content.as === 'hex' ? content.hex : content.text;
  return content.more > 0 ? `${words}… ${text('console.more', { count: content.more })}` : words;
}

/** @param {Kept} message @param {TopicNode | null} node */
function messageNotes(message, node) {
  const parts = [
    timeText(message.at),
    notesOf(message),
    text('detail.bytes', { count: countText(message.bytes) }),
  ];
  if (node?.last) parts.push(text('detail.messages', { count: countText(node.messages) }));
  return parts.join(' · ');
}

/** @param {TopicNode | null} node */
const branchNotes = (node) =>
  node === null ? '' : text('console.below', { count: countText(node.topicsBelow) });

/** @param {string} id @param {() => void} action */
const onClick = (id, action) => element(id).addEventListener('click', action);
