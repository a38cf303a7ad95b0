// @ts-check
/** A page of `docs/` as HTML, with the anchors that GitHub gives its headings. Nothing in it can run. */
import GitHubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

/** @typedef {ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number]} Token */

/**
 * @typedef {object} Surroundings
 * @property {(target: string) => string | undefined} linkTo The address for a link; `undefined`: it leads nowhere here.
 * @property {(text: string) => string[] | undefined} blockIn The parts of a block that code names: text, argument, text….
 * @property {string} table What a table is called for who does not see it, when no heading is above it.
 */

/**
 * @typedef {object} Page
 * @property {string} title
 * @property {string} html
 * @property {string[]} ids
 * @property {string[]} images As the page names them.
 */

/** The HTML that pages may hold: a picture of a size, an anchor, a new line; comments are left out. */
const IMAGE = /^<img\s[^<>]*>$/;
const ANCHOR = /^<a id="([\w-]+)">$/;
const SILENT = /^(<\/a>|<!--[\s\S]*-->)\s*$/;
const LINE = /^<br ?\/?>$/;
const IMAGE_ATTRIBUTES = ['src', 'width', 'alt'];

/**
 * @param {string} source
 * @param {Surroundings} around
 * @returns {Page}
 */
export function pageOf(source, around) {
  const markdown = new MarkdownIt({ html: true, typographer: false });
  const tokens = markdown.parse(source, {});
  /** @type {Page} */
  const page = { title: '', html: '', ids: [], images: [] };
  dropLanguages(tokens);
  nameHeadings(tokens, page);
  for (const token of tokens) {
    for (const part of token.children ?? []) visit(part, around, page);
  }
  setRules(markdown, around, page);
  const html = markdown.renderer.render(tokens, markdown.options, {});
  // Over the names of rows there is often nothing.
  page.html = html.replace(/<th([^>]*)><\/th>/g, '<td$1></td>');
  return page;
}

/** The line of other languages under the title: the head of the page has them. @param {Token[]} tokens */
function dropLanguages(tokens) {
  const at = tokens.findIndex(({ type }) => type === 'paragraph_open');
  const parts = tokens[at + 1]?.children ?? [];
  const texts = parts.filter(({ type }) => type === 'text');
  let isInLink = false;
  const isList = parts.every(({ type, content }) => {
    if (type === 'link_open' || type === 'link_close') isInLink = type === 'link_open';
    else if (!isInLink) return type === 'text' && content.trim() === '·';
    return true;
  });
  const links = parts.filter(({ type }) => type === 'link_open');
  const isTranslations =
    isList &&
    texts.length > 0 &&
    links.every((link) =>
      /^(\.\.\/)*(?:[\w-]+\/)*[\w-]+\.md$/.test(String(link.attrGet('href') ?? '')),
    );
  if (at === 3 && isTranslations) tokens.splice(at, 3);
}

/** @param {Token[]} tokens @param {Page} page */
function nameHeadings(tokens, page) {
  const slugger = new GitHubSlugger();
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return;
    const text = textOf(tokens[index + 1]);
    page.title ||= text;
    const id = slugger.slug(text);
    token.attrSet('id', id);
    page.ids.push(id);
  });
}

/** @param {Token | undefined} token */
const textOf = (token) =>
  (token?.children ?? [])
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');

/** @param {Token} part @param {Surroundings} around @param {Page} page */
function visit(part, { linkTo }, page) {
  if (part.type === 'image') page.images.push(String(part.attrGet('src')));
  if (part.type !== 'link_open') return;
  const address = linkTo(String(part.attrGet('href')));
  if (address === undefined) part.attrs = null;
  else part.attrSet('href', address);
}

/** @param {InstanceType<typeof MarkdownIt>} markdown @param {Surroundings} around @param {Page} page */
function setRules(markdown, around, page) {
  const { rules } = markdown.renderer;
  const { escapeHtml } = markdown.utils;
  const html = (/** @type {string} */ content) => allowed(content, escapeHtml, page);
  rules.html_inline = (tokens, index) => html(tokens[index]?.content ?? '');
  rules.html_block = (tokens, index) =>
    (tokens[index]?.content ?? '')
      .split(/(?=<(?!\/))/)
      .map((one) => html(one.trim()))
      .join('');
  const code = rules.code_inline;
  rules.code_inline = (tokens, index, options, env, self) => {
    const parts = around.blockIn(tokens[index]?.content ?? '');
    if (parts === undefined) return code?.(tokens, index, options, env, self) ?? '';
    const shown = parts.map((part, place) =>
      place % 2 ? `<span>${escapeHtml(part)}</span>` : escapeHtml(part),
    );
    return `<code class="block">${shown.join('')}</code>`;
  };
  // Wider than a phone: it scrolls, also by keys.
  let heading = around.table;
  rules.heading_open = (tokens, index, options, _env, self) => {
    heading = textOf(tokens[index + 1]);
    return self.renderToken(tokens, index, options);
  };
  rules.table_open = () =>
    `<div class="wide" tabindex="0" role="group" aria-label="${escapeHtml(heading)}"><table>`;
  rules.table_close = () => '</table></div>';
  for (const name of /** @type {const} */ (['fence', 'code_block'])) {
    const rule = rules[name];
    rules[name] = (tokens, index, options, env, self) =>
      (rule?.(tokens, index, options, env, self) ?? '').replace('<pre', '<pre tabindex="0"');
  }
}

/**
 * HTML of the page itself, when it is of the few kinds that pages may hold; else it is shown and not run.
 *
 * @param {string} content
 * @param {(text: string) => string} escapeHtml
 * @param {Page} page
 */
function allowed(content, escapeHtml, page) {
  if (SILENT.test(content)) return '';
  if (LINE.test(content)) return '<br>';
  const id = ANCHOR.exec(content)?.[1];
  if (id !== undefined) {
    page.ids.push(id);
    return `<span id="${id}"></span>`;
  }
  if (!IMAGE.test(content)) return escapeHtml(content);
  const attributes = IMAGE_ATTRIBUTES.flatMap((name) => {
    const value = new RegExp(`\\s${name}="([^"]*)"`).exec(content)?.[1];
    if (value === undefined) return [];
    if (name === 'src') page.images.push(value);
    return [`${name}="${escapeHtml(value.replaceAll('&quot;', '"').replaceAll('&amp;', '&'))}"`];
  });
  return `<img ${attributes.join(' ')}>`;
}
