// @ts-check
/** Reads the pages of the documentation as a server gives them, and follows every link. */

/** @typedef {{ ids: Set<string>, links: URL[] }} Read */

/**
 * @param {string} start the address of the start page, with a slash at the end
 * @returns {Promise<{ pages: string[], broken: string[] }>} the pages by their paths, and the links that lead nowhere
 */
export async function walkDocs(start) {
  const first = new URL('docs/', start);
  /** @type {Map<string, Promise<Read | undefined>>} */
  const read = new Map();
  /** @type {string[]} */
  const broken = [];
  const waiting = [first];
  for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) {
    const found = await readOnce(page, read);
    for (const link of found?.links ?? []) {
      if (link.origin !== first.origin) continue;
      const isNew = !read.has(link.pathname);
      const target = await readOnce(link, read);
      const id = decodeURIComponent(link.hash.slice(1));
      if (target === undefined || (id !== '' && !target.ids.has(id))) {
        broken.push(`${page.pathname}: ${link.pathname}${link.hash}`);
      }
      if (isNew && isPage(link)) waiting.push(link);
    }
  }
  const pages = [...read.keys()].filter((path) => isPage(new URL(path, first)));
  return { pages: pages.sort(), broken };
}

/** @param {URL} address */
const isPage = ({ pathname }) => pathname.startsWith('/docs/') && pathname.endsWith('.html');

/** @param {URL} address @param {Map<string, Promise<Read | undefined>>} read */
function readOnce(address, read) {
  const known = read.get(address.pathname) ?? readPage(address);
  read.set(address.pathname, known);
  return known;
}

/** @param {URL} address @returns {Promise<Read | undefined>} */
async function readPage(address) {
  const response = await fetch(address);
  if (!response.ok) return undefined;
  const isText = (response.headers.get('content-type') ?? '').startsWith('text/html');
  const text = isText ? await response.text() : '';
  const found = (/** @type {RegExp} */ pattern) => [...text.matchAll(pattern)].map(([, it]) => it);
  return {
    ids: new Set(found(/\sid="([^"]+)"/g)),
    links: found(/\s(?:href|src)="([^"]+)"/g).map(
      (link) => new URL(String(link).replaceAll('&amp;', '&'), address),
    ),
  };
}
