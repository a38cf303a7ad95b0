// @ts-check
/** What the files of a website ask for, read from the files themselves. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The editor is not ours, and its license is a text. */
const NOT_OURS = /^editor\/(?!index\.html$)/;
/** Pages that are shown at any address name no others. */
const ANYWHERE = ['404.html'];
const ANY = 'https://site.example/below/';

/** Every file of a folder, by its path. @param {string} folder */
export function pathsOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
}

/**
 * Links of pages, and modules that scripts import, which lead to no file.
 *
 * @param {string} folder
 * @returns {{ pages: number, scripts: number, links: number, broken: string[] }}
 */
export function brokenLinks(folder) {
  const all = pathsOf(folder).filter((path) => !NOT_OURS.test(path) && !ANYWHERE.includes(path));
  const pages = all.filter((path) => path.endsWith('.html'));
  /** @type {string[]} */
  const broken = [];
  let links = 0;
  for (const page of pages) {
    const html = readFileSync(join(folder, page), 'utf8');
    for (const [, link = ''] of html.matchAll(/\s(?:href|src)="([^"]+)"/g)) look(page, link);
  }
  // From the pages on: what no page loads may name what is not there.
  const scripts = new Set(
    pages.flatMap((page) =>
      [...readFileSync(join(folder, page), 'utf8').matchAll(/<script[^>]*? src="([^"]+)"/g)]
        .map(([, src = '']) => inSite(page, src))
        .filter((path) => path !== undefined && !NOT_OURS.test(path)),
    ),
  );
  for (const script of scripts) {
    if (script === undefined || !isFile(script)) continue;
    const source = withoutComments(readFileSync(join(folder, script), 'utf8'));
    for (const [, module = ''] of source.matchAll(/\b(?:from|import) ?\(?\s*'(\.[^']+)'/g)) {
      look(script, module);
      const path = inSite(script, module);
      if (path !== undefined) scripts.add(path);
    }
  }
  return { pages: pages.length, scripts: scripts.size, links, broken };

  /** @param {string} from @param {string} link */
  function look(from, link) {
    const address = new URL(link.replaceAll('&amp;', '&'), ANY + from);
    if (address.origin !== new URL(ANY).origin) return;
    links += 1;
    const path = inSite(from, link);
    const id = decodeURIComponent(address.hash.slice(1));
    if (path === undefined || !isFile(path)) broken.push(`${from}: ${link}`);
    else if (id !== '' && path.endsWith('.html') && !idsOf(path).has(id)) {
      broken.push(`${from}: ${link}: no such place`);
    }
  }

  /** @param {string} path */
  function isFile(path) {
    return statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true;
  }

  /** @param {string} page */
  function idsOf(page) {
    const html = readFileSync(join(folder, page), 'utf8');
    return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  }
}

/** The file behind a link; nothing for what is above the website. @param {string} from @param {string} link */
function inSite(from, link) {
  const { pathname } = new URL(link.replaceAll('&amp;', '&'), ANY + from);
  const base = new URL(ANY).pathname;
  if (!pathname.startsWith(base)) return undefined;
  const path = decodeURIComponent(pathname.slice(base.length));
  return path === '' || path.endsWith('/') ? `${path}index.html` : path;
}

/** Types are named in comments. @param {string} source */
const withoutComments = (source) => source.replace(/\/\*[^]*?\*\//g, '');
