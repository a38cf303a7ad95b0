// @ts-check
/** Numbers over time. The library that draws is loaded with the first series; a table says the same. */
import { element, make, say } from '../../dom.js';
import { text } from '../../texts.js';
import { onFingers } from './fingers.js';
import { countText, meanText, numberText, timeText } from './words.js';

/** @typedef {import('../model/plotted.js').Plotted} Plotted */
/** @typedef {import('../model/plotted.js').Series} Series */
/** @typedef {{ from: number, to: number }} Range in seconds since 1970 */

/**
 * What is used of uPlot.
 *
 * @typedef {object} Chart
 * @property {HTMLElement} over where the pointer is
 * @property {{ left?: number, idx?: number | null }} cursor
 * @property {{ left: number, width: number }} select
 * @property {(position: number, scale: 'x') => number} posToVal
 * @property {(data: unknown[], resets: boolean) => void} setData
 * @property {(scale: 'x', range: { min: number, max: number }) => void} setScale
 * @property {(size: { width: number, height: number }) => void} setSize
 * @property {(box: object, tells: boolean) => void} setSelect
 * @property {() => void} destroy
 */

const LIBRARY = new URL('../../plot/uplot.mjs', import.meta.url).href;

/** Between two drawings, in milliseconds: a line that moves more often is not read better. */
const PAUSE_MS = 100;
const HEIGHT = 260;
/** Lines are told apart without their colors too. */
const DASHES = [[], [10, 5], [2, 4], [14, 4, 2, 4], [], [10, 5]];
/** How much closer a press of the button goes. */
const STEP = 2;
/** What is shown at least, in seconds. */
const SHORTEST = 0.01;

export class PlotView {
  /** @param {Plotted} plotted @param {() => void} onchange a series was taken away */
  constructor(plotted, onchange) {
    /** @private */
    this.plotted = plotted;
    /** @private */
    this.onchange = onchange;
    /** @private @type {Chart | null} */
    this.chart = null;
    /** @private @type {(new (options: object, data: unknown[], place: HTMLElement) => Chart) | null} */
    this.Library = null;
    /** What a person chose to see; `null`: everything, also what comes. @private @type {Range | null} */
    this.range = null;
    /** @private */
    this.drawnAt = 0;
    /** @private */
    this.place = element('plot-chart');
    onClick('plot-in', () => this.scale(1 / STEP));
    onClick('plot-out', () => this.scale(STEP));
    onClick('plot-earlier', () => this.move(-0.5));
    onClick('plot-later', () => this.move(0.5));
    onClick('plot-all', () => this.zoom(null));
    element('plot-body').addEventListener('click', (event) => this.clicked(event));
    new ResizeObserver(() => this.resize()).observe(this.place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
  }

  /** Series came or went. */
  async changed() {
    const { series } = this.plotted;
    element('plot').hidden = series.length === 0;
    if (series.length === 0) this.range = null;
    const names = series.map(({ name }) => name).join(', ');
    this.place.setAttribute('aria-label', text('plot.alt', { names }));
    this.fillTable();
    try {
      this.Library ??= (await import(LIBRARY)).default;
    } catch {
      say(element('plot-pointer'), text('plot.notLoaded'));
    }
    this.rebuild();
  }

  /** @returns {boolean} whether it has to be called again for what is new */
  draw() {
    if (this.chart === null) return false;
    const now = performance.now();
    if (now - this.drawnAt < PAUSE_MS) return true;
    this.drawnAt = now;
    this.chart.setData(this.data, this.range === null);
    if (this.range !== null) this.show(this.range);
    this.fillTable();
    return false;
  }

  /** @private */
  get data() {
    return [this.plotted.times, ...this.plotted.series.map(({ values }) => values)];
  }

  /** What is seen. @private @returns {Range} */
  get seen() {
    const { times } = this.plotted;
    return this.range ?? { from: times[0] ?? 0, to: times.at(-1) ?? 0 };
  }

  /** @private @param {number} factor */
  scale(factor) {
    const { from, to } = this.seen;
    const [middle, half] = [(from + to) / 2, ((to - from) / 2) * factor];
    this.zoom({ from: middle - half, to: middle + half });
  }

  /** @private @param {number} share of what is seen */
  move(share) {
    const { from, to } = this.seen;
    const by = (to - from) * share;
    this.zoom({ from: from + by, to: to + by });
  }

  /** @private @param {Range | null} range */
  zoom(range) {
    if (range !== null && range.to - range.from < SHORTEST) return;
    const { times } = this.plotted;
    const isAll =
      range !== null && range.from <= (times[0] ?? 0) && range.to >= (times.at(-1) ?? 0);
    this.range = isAll ? null : range;
    this.drawnAt = 0;
    this.draw();
  }

  /** @private @param {Range} range */
  show({ from, to }) {
    this.chart?.setScale('x', { min: from, max: to });
  }

  /** @private */
  rebuild() {
    this.chart?.destroy();
    this.chart = null;
    const { Library, plotted, place } = this;
    if (Library === null || plotted.series.length === 0) return;
    this.chart = new Library(this.options, this.data, place);
    this.chart.over.tabIndex = -1;
    onFingers(
      this.chart.over,
      () => this.seen,
      (range) => this.zoom(range),
    );
    if (this.range !== null) this.show(this.range);
  }

  /** @private */
  get options() {
    const color = colors();
    const line = { stroke: color('--line'), width: 1 };
    const axis = { stroke: color('--dim'), grid: line, ticks: line };
    const times = (/** @type {unknown} */ _, /** @type {number[]} */ splits) =>
      splits.map((one) => timeText(one * 1000));
    const values = (/** @type {unknown} */ _, /** @type {number[]} */ splits) =>
      splits.map(numberText);
    return {
      width: this.place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      scales: { x: { time: true } },
      axes: [
        { ...axis, values: times, space: 80 },
        { ...axis, values, size: 62 },
      ],
      series: [
        {},
        ...this.plotted.series.map((one) => ({
          label: one.name,
          stroke: color(`--series-${one.color}`),
          width: 2,
          dash: DASHES[one.color],
          points: { fill: color('--card') },
          spanGaps: true,
        })),
      ],
      cursor: {
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => this.zoom(null) },
      },
      hooks: {
        setSelect: [(/** @type {Chart} */ chart) => this.selected(chart)],
        setCursor: [(/** @type {Chart} */ chart) => this.pointed(chart)],
      },
    };
  }

  /** A person drew the pointer across a part of the plot. @private @param {Chart} chart */
  selected(chart) {
    const { left, width } = chart.select;
    if (width <= 0) return;
    this.zoom({ from: chart.posToVal(left, 'x'), to: chart.posToVal(left + width, 'x') });
    chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  }

  /** The values where the pointer is. @private @param {Chart} chart */
  pointed({ cursor }) {
    const { idx } = cursor;
    const { times, series } = this.plotted;
    const at = idx == null || (cursor.left ?? -1) < 0 ? undefined : times[idx];
    const values = series.map(
      ({ name, values: all }) => `${name} ${numberText(all[idx ?? -1] ?? null)}`,
    );
    const words =
      at === undefined ? text('plot.hint') : [timeText(at * 1000), ...values].join(' · ');
    say(element('plot-pointer'), words);
  }

  /** @private */
  resize() {
    const { clientWidth: width } = this.place;
    if (width > 0) this.chart?.setSize({ width, height: HEIGHT });
  }

  /** @private */
  fillTable() {
    const body = element('plot-body', HTMLTableSectionElement);
    const { from, to } = this.range ?? { from: -Infinity, to: Infinity };
    const all = this.plotted.summaries(from, to);
    const isSame = all.every(({ name }, place) => body.rows[place]?.dataset.name === name);
    if (!isSame || all.length !== body.rows.length) body.replaceChildren(...all.map(seriesRow));
    all.forEach(({ last, least, most, mean, points }, place) => {
      const values = [last, least, most].map(numberText);
      const words = [...values, meanText(mean), countText(points)];
      const { cells } = /** @type {HTMLTableRowElement} */ (body.rows[place]);
      words.forEach((word, column) => say(/** @type {HTMLElement} */ (cells[column + 1]), word));
    });
  }

  /** @private @param {Event} event */
  clicked({ target }) {
    const row = target instanceof Element && target.closest('button') ? target.closest('tr') : null;
    const series = this.plotted.series.find(({ name }) => name === row?.dataset.name);
    if (series === undefined) return;
    this.plotted.remove(series);
    element('plot-title').focus();
    this.onchange();
  }
}

/** @param {import('../model/plotted.js').Summary} summary */
function seriesRow({ name, color }) {
  const swatch = make('span', { class: `swatch series-${color}` });
  const head = make('th', {}, swatch, make('bdi', { text: name, dir: 'ltr' }));
  head.scope = 'row';
  const button = make('button', { class: 'quiet small', text: '✕' });
  button.type = 'button';
  button.setAttribute('aria-label', text('plot.remove', { name }));
  const cells = Array.from({ length: 5 }, () => make('td'));
  const row = make('tr', {}, head, ...cells, make('td', {}, button));
  row.dataset.name = name;
  return row;
}

/** The colors of the page, which a canvas cannot name. */
function colors() {
  const style = getComputedStyle(document.documentElement);
  return (/** @type {string} */ name) => style.getPropertyValue(name).trim();
}

/** @param {string} id @param {() => void} action */
const onClick = (id, action) => element(id).addEventListener('click', action);
