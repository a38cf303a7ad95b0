// @ts-check
/** Results as tables, for the terminal and for `docs/explanation/performance.md` alike. */
import { LABELS } from './clients.js';

/** @typedef {import('./summary.js').Result} Result */

/** @typedef {{ title: string, head: string[], rows: string[][] }} Table */

/**
 * One row for each work, one column for each client.
 *
 * @param {string} title
 * @param {Result[]} results
 * @param {(summary: import('./summary.js').Result['clients'][string]) => number | undefined} value
 * @param {(value: number) => string} show
 * @returns {Table}
 */
export function sideBySide(title, results, value, show) {
  const names = Object.keys(LABELS).filter((name) =>
    results.some(({ clients }) => clients[name] !== undefined),
  );
  return {
    title,
    head: ['work', ...names.map((name) => LABELS[name] ?? name)],
    rows: results.map(({ work, clients }) => [
      describe(work),
      ...names.map((name) => {
        const summary = clients[name];
        const found = summary && value(summary);
        return found === undefined ? '–' : show(found);
      }),
    ]),
  };
}

/** @param {import('./works.js').Work} work */
export function describe({ kind, place, payloadBytes, qos, packetsPerFrame }) {
  const where = place === 'null' ? 'null broker' : 'mosquitto';
  if (kind === 'start') return 'start in a new page';
  if (kind === 'memory') return 'memory';
  if (kind === 'connect') return `${where}: connect`;
  if (kind === 'round-trip') return `${where}: round trip ${bytes(payloadBytes)}`;
  if (kind === 'publish') return `${where}: publish QoS ${qos} ${bytes(payloadBytes)}`;
  const frames = place === 'null' ? `, ${packetsPerFrame} per WebSocket message` : '';
  return `${where}: receive ${bytes(payloadBytes)}${frames}`;
}

/** @param {number} count */
export function bytes(count) {
  if (count >= 1 << 20) return `${digits(count / (1 << 20))} MiB`;
  return count >= 1024 ? `${digits(count / 1024)} KiB` : `${count} B`;
}

/** Three digits that count: 1.23 M, 45.6 k, 789. @param {number} value */
export function short(value) {
  if (value >= 1e6) return `${digits(value / 1e6)} M`;
  return value >= 1000 ? `${digits(value / 1000)} k` : digits(value);
}

/** @param {number} value */
export function digits(value) {
  if (!Number.isFinite(value)) return '–';
  const rounded = Number(value.toPrecision(value >= 1000 ? 4 : 3));
  return String(rounded);
}

/** @param {Table} table @returns {string} aligned, as Markdown that is read as it stands */
export function markdown({ title, head, rows }) {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [`**${title}**`, '', line(head), line(rule), ...rows.map(line)].join('\n');
}

/** @param {string} cell @param {number} column @param {number} width */
const pad = (cell, column, width) => (column === 0 ? cell.padEnd(width) : cell.padStart(width));
