// @ts-check
/** Everything that came: the tree, the plot, the list, one message in full; drawn once per frame. */
import { element, say } from '../dom.js';
import { text } from '../texts.js';
import { ConsoleModel } from './model/console-model.js';
import { TYPES, piecesOf } from './model/export.js';
import { MOST_SERIES } from './model/plotted.js';
import { searchFor } from './model/search.js';
import { DetailView } from './views/detail-view.js';
import { LogView } from './views/log-view.js';
import { PlotView } from './views/plot-view.js';
import { TreeView } from './views/tree-view.js';
import { countText, lineOf, topicText } from './views/words.js';

/** @typedef {import('../../dist/pkg/mqtt.js').MqttMessage} MqttMessage */
/** @typedef {import('./model/message-log.js').Kept} Kept */
/** @typedef {import('./model/topic-tree.js').TopicNode} TopicNode */

/** Ages and rates change when nothing comes, too. */
const REFRESH_MS = 1_000;
/** Between two messages that are read out, in milliseconds: more could not be listened to. */
const READ_OUT_MS = 3_000;

export class MessagesView {
  /**
   * @param {object} actions
   * @param {(filter: string, topic: string) => boolean} actions.matches
   * @param {(topic: string) => void} actions.answer
   * @param {(topics: string[]) => string[]} actions.clearKept gives back those that were cleared
   */
  constructor(actions) {
    this.model = new ConsoleModel();
    /** @private */
    this.actions = actions;
    /** What is shown in full. @private @type {import('./views/detail-view.js').Choice} */
    this.choice = { node: null, message: null };
    /** @private */
    this.frame = 0;
    /** @private */
    this.readAt = 0;
    /** The newest that was read out. @private @type {Kept | null} */
    this.read = null;
    const { model } = this;
    /** @private */
    this.tree = new TreeView(model.tree, (node) => this.chooseNode(node));
    /** @private */
    this.log = new LogView(model, (number) => this.chooseMessage(number));
    /** @private */
    this.plot = new PlotView(model.plotted, () => this.replot());
    /** @private */
    this.detail = new DetailView({
      plot: (topic, path) => this.togglePlot(topic, path),
      isPlotted: (topic, path) => model.plotted.find(topic, path) !== undefined,
      answer: actions.answer,
      clearKept: (node) => this.clearKept(node),
      newest: () => this.newest(),
    });
    this.wire();
    this.draw();
    setInterval(() => this.refresh(), REFRESH_MS);
  }

  /** @param {MqttMessage} message */
  receive(message) {
    this.model.receive(message, Date.now());
    // A hidden tab has no frames.
    if (document.hidden) this.model.take();
    else this.schedule();
  }

  /** @private */
  wire() {
    const search = element('search', HTMLInputElement);
    search.addEventListener('input', () => {
      this.model.search(searchFor(search.value, this.actions.matches));
      this.schedule();
    });
    const pause = element('pause');
    pause.addEventListener('click', () => {
      this.model.isPaused = !this.model.isPaused;
      pause.setAttribute('aria-pressed', String(this.model.isPaused));
      this.schedule();
    });
    element('clear').addEventListener('click', () => this.clear());
    for (const kind of /** @type {const} */ (['csv', 'json'])) {
      element(`export-${kind}`).addEventListener('click', () => void this.save(kind));
    }
  }

  /** @private */
  schedule() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  /** @private */
  refresh() {
    this.readOut();
    if (!document.hidden) this.schedule();
  }

  /** @private */
  draw() {
    this.frame = 0;
    const { model } = this;
    const hasMore = model.take();
    const isScanning = model.found.scan();
    this.tree.draw();
    this.log.draw();
    this.detail.draw();
    const isPlotLate = this.plot.draw();
    this.count();
    if (hasMore || isScanning || isPlotLate) this.schedule();
  }

  /** @private */
  count() {
    const { log, found, tree, taken, waiting, isPaused } = this.model;
    element('no-messages').hidden = log.size > 0;
    const parts = [];
    if (isPaused) parts.push(text('console.waiting', { count: countText(waiting.size) }));
    if (tree.isSearched) parts.push(text('console.found', { count: countText(found.size) }));
    if (log.size > 0) {
      const values = { shown: countText(log.size), all: countText(taken) };
      const isAll = taken === log.size;
      parts.push(
        isAll ? text('detail.messages', { count: values.all }) : text('console.count', values),
      );
      parts.push(text('console.below', { count: countText(tree.topics) }));
    }
    say(element('count'), parts.join(' · '));
  }

  /** For a screen reader: the newest message now and then. @private */
  readOut() {
    const { log } = this.model;
    const message = log.get(log.next - 1) ?? null;
    const now = performance.now();
    if (message === null || message === this.read || now - this.readAt < READ_OUT_MS) return;
    this.read = message;
    this.readAt = now;
    say(element('read-out'), `${topicText(message.topic)}: ${lineOf(message)}`);
  }

  /** @private @param {TopicNode} node */
  chooseNode(node) {
    this.choice = { node, message: null };
    this.log.mark(null);
    this.detail.show(this.choice);
  }

  /** @private @param {number} number */
  chooseMessage(number) {
    const message = this.model.log.get(number) ?? null;
    const node = message === null ? null : (this.model.tree.get(message.topic) ?? null);
    this.choice = { node, message };
    this.tree.mark(node);
    this.detail.show(this.choice);
  }

  /** @private */
  newest() {
    this.choice = { ...this.choice, message: null };
    this.log.mark(null);
    this.detail.show(this.choice);
    element('topics').focus();
  }

  /** @private @param {string} topic @param {readonly import('./model/plotted.js').Step[]} path */
  togglePlot(topic, path) {
    const { plotted } = this.model;
    const series = plotted.find(topic, path);
    if (series !== undefined) plotted.remove(series);
    else if (plotted.isFull) this.sayFull(true);
    else this.model.plot(topic, path);
    this.replot();
  }

  /** @private */
  replot() {
    if (!this.model.plotted.isFull) this.sayFull(false);
    void this.plot.changed();
    this.detail.redraw();
    this.schedule();
  }

  /** @private @param {boolean} isFull */
  sayFull(isFull) {
    element('plot-full').hidden = !isFull;
    say(element('plot-full'), isFull ? text('plot.full', { most: MOST_SERIES }) : '');
  }

  /** @private @param {TopicNode} node */
  clearKept(node) {
    const nodes = this.model.tree.keptBelow(node);
    const question = text('detail.clearAsk', { count: countText(nodes.length) });
    if (nodes.length > 1 && !confirm(question)) return;
    const cleared = new Set(this.actions.clearKept(nodes.map(({ topic }) => topic)));
    for (const one of nodes) if (cleared.has(one.topic)) this.model.tree.keep(one, false);
    this.schedule();
  }

  /** @private */
  clear() {
    this.model.clear();
    this.choice = { node: null, message: null };
    this.tree.mark(null);
    this.log.mark(null);
    this.detail.show(this.choice);
    void this.plot.changed();
    this.schedule();
  }

  /** What is found is what is saved. @private @param {import('./model/export.js').Kind} kind */
  async save(kind) {
    const pieces = [];
    // As it is now, whatever comes meanwhile.
    for (const piece of piecesOf([...this.model.found.messages()], kind)) {
      pieces.push(piece);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(pieces, { type: TYPES[kind] }));
    link.download = `mqtt-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }
}
