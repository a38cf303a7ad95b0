// @ts-check
/**
 * Makes the pages of `dist/docs` of those of `docs/`: for who learns, teaches, programs or runs a broker. What is in
 * `docs/contributing` is for who has the repository.
 */
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { englishNames } from '../extension/blocks/palette.js';
import { LOCALES } from '../extension/locales/index.js';
import {
  PAGE_LANGUAGES,
  directionOf,
  fallbacksOf,
  ownNameOf,
} from '../extension/texts/languages.js';
import { blockFinder } from './block-names.mjs';
import { pageOf } from './markdown.mjs';
import { Problem, root } from './run.mjs';

/** What the server has of the repository, below its start page. */
const SERVED = ['examples'];
const CONTRIBUTING = 'contributing/';
/** Code in them that is named as a block is one. */
const WITH_BLOCKS = /^(learn|teachers|boards)\//;
const HOME = 'README.md';
/** The start page of this computer, as pages name it for who reads them elsewhere. */
const OWN = 'http://localhost:8000';

/**
 * What the pages are made for: the class server, or the website, which has none of its pages but has the tools on a page of
 * their own.
 *
 * @typedef {'class server' | 'website'} Site
 */

/** @typedef {import('../extension/texts/languages.js').Language} Language */
/** @typedef {{ path: string, language: string, title: string, ids: string[], images: string[], content: string }} Made */

/** Every page that is made, by its path below `docs/`. */
export function docsPages() {
  return readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && !path.startsWith(CONTRIBUTING))
    .sort();
}

/**
 * Writes all of them, and takes away what is no page any more: who reads meanwhile sees the old or the new one.
 *
 * @param {string} folder
 * @param {(file: string, content: string | Buffer) => void} write
 */
export function makeDocs(folder, write) {
  const files = docsFiles('class server');
  for (const [path, content] of files) write(join(folder, path), content);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const isMade = files.has(path.replaceAll('\\', '/').replace(/\.gz$/, ''));
    if (!isMade && statSync(join(folder, path)).isFile()) rmSync(join(folder, path));
  }
}

/** By their paths in the folder. @param {Site} site */
export function docsFiles(site) {
  const pages = docsPages();
  /** @type {Map<string, string | Buffer>} */
  const files = new Map();
  for (const path of pages) {
    const made = madeOf(path, pages, site);
    files.set(addressOf(path), made.content);
    for (const image of made.images) {
      const place = posix.join(posix.dirname(path), image);
      if (!existsSync(join(root, 'docs', place))) {
        throw new Problem(`docs/${path} shows docs/${place}, which is not there.`);
      }
      files.set(place, readFileSync(join(root, 'docs', place)));
    }
  }
  for (const [from, to] of Object.entries(moved())) {
    if (!pages.includes(to) || files.has(addressOf(from))) continue;
    files.set(addressOf(from), movedPage(wayTo(from, `docs/${addressOf(to)}`)));
  }
  return files;
}

/** Old addresses of pages, and where they are now. @returns {Record<string, string>} */
function moved() {
  const table = join(root, 'docs', 'moved.json');
  return existsSync(table) ? JSON.parse(readFileSync(table, 'utf8')) : {};
}

/** The file of a page. @param {string} path */
export const addressOf = (path) =>
  path.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html');

/** @param {string} path */
export function languageOfPage(path) {
  const known = /** @type {readonly string[]} */ (PAGE_LANGUAGES);
  return path.split('/').find((part) => known.includes(part)) ?? 'en';
}

/** The page in each of its languages, English first. @param {string} path @param {string[]} pages */
function translationsOf(path, pages) {
  const language = languageOfPage(path);
  const parts = path.split('/').filter((part) => part !== language);
  const name = parts.pop() ?? '';
  return PAGE_LANGUAGES.map((one) => ({
    language: one,
    path: [...parts, ...(one === 'en' ? [] : [one]), name].join('/'),
  })).filter((one) => pages.includes(one.path));
}

/** @param {string} path @param {string[]} [pages] @param {Site} [site] @returns {Made} */
export function madeOf(path, pages = docsPages(), site = 'class server') {
  const language = languageOfPage(path);
  const text = textsIn(language);
  const source = readFileSync(join(root, 'docs', path), 'utf8');
  const page = pageOf(source, {
    linkTo: (target) => linkTo(target, path, pages, site),
    blockIn: WITH_BLOCKS.test(path) ? blockFinder(tableOf(language)) : () => undefined,
    table: text('docs.table'),
  });
  const { html, ...more } = page;
  return { path, language, ...more, content: wholePage(html, page.title, path, pages, site) };
}

/** The language, after those that have what it lacks. @param {string} language */
const kindsOf = (language) => fallbacksOf(/** @type {Language} */ (language)).reverse();

/** The names of blocks. @param {string} language @returns {Record<string, string>} */
export const tableOf = (language) =>
  Object.assign({ ...englishNames() }, ...kindsOf(language).map((one) => LOCALES[one]));

/** @param {string} language @returns {(key: string) => string} */
export function textsIn(language) {
  const tables = kindsOf(language).map((one) =>
    JSON.parse(readFileSync(join(root, 'www', 'texts', `${one}.json`), 'utf8')),
  );
  const table = Object.assign({}, ...tables);
  return (key) => String(table[key] ?? key);
}

/** The way from a page to a file of the site. @param {string} from @param {string} to */
const wayTo = (from, to) => posix.relative(posix.dirname(`docs/${addressOf(from)}`), to) || '.';

/**
 * Where a link of a page leads: to a page, to what the server has besides, or out.
 *
 * @param {string} target
 * @param {string} path Of the page.
 * @param {string[]} pages
 * @param {Site} [site]
 * @returns {string | undefined}
 */
export function linkTo(target, path, pages, site = 'class server') {
  if (target === OWN || target.startsWith(`${OWN}/`)) {
    // Whoever reads the website has no class server, or one of their own.
    if (site === 'website') return undefined;
    return `${wayTo(path, '')}/${target.slice(OWN.length + 1)}`;
  }
  if (/^[a-z]+:/i.test(target)) return target;
  const [file = '', anchor] = target.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (file === '') return hash;
  let place = posix.join('docs', posix.dirname(path), file).replace(/\/$/, '');
  if (pages.includes(`${place.slice('docs/'.length)}/${HOME}`)) place += `/${HOME}`;
  if (place === 'docs') place = `docs/${HOME}`;
  const page = place.startsWith('docs/') ? place.slice('docs/'.length) : undefined;
  if (page !== undefined && pages.includes(page)) {
    return `${wayTo(path, `docs/${addressOf(page)}`)}${hash}`;
  }
  const isServed = SERVED.includes(place.split('/')[0] ?? '') && /\.\w+$/.test(place);
  return isServed && existsSync(join(root, place)) ? wayTo(path, place) : undefined;
}

/** @param {string} html @param {string} title @param {string} path @param {string[]} pages @param {Site} site */
function wholePage(html, title, path, pages, site) {
  const language = languageOfPage(path);
  const text = textsIn(language);
  const top = wayTo(path, '');
  const homes = [...(language === 'en' ? [] : [`${language}/${HOME}`]), HOME];
  const home = homes.find((one) => pages.includes(one)) ?? HOME;
  const others = translationsOf(path, pages);
  const tools =
    site === 'website'
      ? `        <a href="${top}/tools.html?lang=${language}">${escaped(text('site.tools'))}</a>\n`
      : '';
  const languages = others.length < 2 ? '' : languageLinks(others, path, text('language'));
  return `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)} · Scratch MQTT</title>
    <link rel="icon" href="${top}/icon.svg" />
    <link rel="stylesheet" href="${top}/style.css" />
    <link rel="stylesheet" href="${top}/docs.css" />
  </head>
  <body class="docs">
    <header>
      <img src="${top}/icon.svg" alt="" width="36" height="36" />
      <nav aria-label="${escaped(text('docs.title'))}">
        <a href="${top}/?lang=${language}">${escaped(text('docs.start'))}</a>
${tools}        <a href="${wayTo(path, `docs/${addressOf(home)}`)}"${path === home ? ' aria-current="page"' : ''}>${escaped(text('docs.title'))}</a>
      </nav>
${languages}    </header>
    <main>
      <section>
${html}      </section>
    </main>
  </body>
</html>
`;
}

/** @param {{ language: string, path: string }[]} others @param {string} path @param {string} label */
function languageLinks(others, path, label) {
  const links = others.map((one) => {
    const shown = escaped(ownNameOf(one.language));
    const isThis = one.path === path ? ' aria-current="true"' : '';
    const way = wayTo(path, `docs/${addressOf(one.path)}`);
    return `        <a href="${way}" lang="${one.language}" hreflang="${one.language}"${isThis}>${shown}</a>\n`;
  });
  return `      <nav aria-label="${escaped(label)}" class="languages">\n${links.join('')}      </nav>\n`;
}

/** A page that leads to another. @param {string} way to it */
export function movedPage(way) {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Scratch MQTT</title>
    <meta http-equiv="refresh" content="0; url=${way}" />
    <link rel="canonical" href="${way}" />
  </head>
  <body>
    <main>
      <h1>Scratch MQTT</h1>
      <p><a href="${way}">${escaped(way.replace(/^(\.\.\/)+/, ''))}</a></p>
    </main>
  </body>
</html>
`;
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${String(sign.codePointAt(0))};`);
