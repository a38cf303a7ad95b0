// @ts-check
/** The Markdown pages of the repository: their headings, links and code blocks. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from '../../../scripts/run.mjs';

/**
 * @typedef {object} Page
 * @property {string} path from the root of the repository
 * @property {string} text
 */
/**
 * @typedef {object} Block a fenced code block
 * @property {string} page
 * @property {number} line
 * @property {string} language
 * @property {string} code
 * @property {string} run how the comment above it says that it is run, or why not
 * @property {string} how one of `run`, `run by`, `not run`; empty: nothing is said
 */

/** In the order of the paths. @returns {Page[]} */
export function allPages() {
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
    { cwd: root, encoding: 'utf8' },
  );
  return files
    .split('\n')
    .filter((path) => path && existsSync(join(root, path)))
    .sort()
    .map(pageAt);
}

/** @param {string} path @returns {Page} */
export const pageAt = (path) => ({ path, text: readFileSync(join(root, path), 'utf8') });

/** A page without its code blocks. @param {Page} page */
export const proseOf = ({ text }) => text.replace(/^( *)```[^]*?^\1```$/gm, '');

/** The anchors that a viewer makes of the headings. @param {Page} page */
export function anchorsOf(page) {
  /** @type {Set<string>} */
  const anchors = new Set();
  for (const [, heading = ''] of proseOf(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  for (const [, id = ''] of page.text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/**
 * Where the links and images of a page lead: a path from the root of the repository, and an anchor.
 *
 * @param {Page} page
 * @returns {{ written: string, path: string, anchor: string }[]}
 */
export function linksOf(page) {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, '``');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|<img src="([^"]+)"/g)];
  return targets
    .map(([, link, image]) => link ?? image ?? '')
    .filter((written) => !/^(?:https?|mailto|wss?|mqtts?):/.test(written))
    .map((written) => {
      const [path = '', anchor = ''] = written.split('#');
      const whole = path === '' ? page.path : normalize(join(dirname(page.path), path));
      return { written, path: whole, anchor: decodeURIComponent(anchor) };
    });
}

/** @param {Page} page @returns {Block[]} */
export function blocksOf({ path, text }) {
  const lines = text.split('\n');
  /** @type {Block[]} */
  const blocks = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', language = ''] = /^( *)```(\w*)/.exec(lines[at] ?? '') ?? [];
    if (!/^ *```/.test(lines[at] ?? '')) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`${path}:${at + 1}: this code block does not end`);
    const above = lines
      .slice(0, at)
      .reverse()
      .find((line) => line.trim() !== '');
    const [, how = '', run = ''] =
      /^ *<!-- (run|run by|not run): (.+) -->$/.exec(above ?? '') ?? [];
    const code = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ page: path, line: at + 1, language, code: `${code.join('\n')}\n`, run, how });
    at = end;
  }
  return blocks;
}

/** All blocks that are run in one way. @param {string} how for example `node` */
export function blocksRunAs(how) {
  return allPages()
    .flatMap(blocksOf)
    .filter((block) => block.how === 'run' && block.run.split(/\W/)[0] === how);
}
