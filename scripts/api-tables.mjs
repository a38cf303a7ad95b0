// @ts-check
/**
 * The tables of docs/reference/api.md, each between `<!-- Will: begin -->` and `<!-- Will: end -->`: what
 * `src/browser/` declares of that interface, those words or those events (see `schema.rs` there).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root } from './run.mjs';

const SOURCES = join(root, 'src', 'browser');

/** @typedef {{ name: string, isOptional: boolean, type: string, about: string, tags: Record<string, string> }} Member */
/** @typedef {{ word: string, about: string, members: Member[] }} Variant */

/** The page with its tables made anew. @param {string} page */
export function withTables(page) {
  const source = readdirSync(SOURCES)
    .filter((name) => name.endsWith('.rs'))
    .map((name) => readFileSync(join(SOURCES, name), 'utf8'))
    .join('\n');
  const tables = tablesOf(source);
  return page.replace(
    /(<!-- (\w+): begin -->\n)[^]*?(<!-- \2: end -->)/g,
    (_, begin, name, end) => {
      const made = tables[name];
      if (made === undefined) throw new Problem(`docs/reference/api.md: nothing declares ${name}`);
      return `${begin}${made}\n${end}`;
    },
  );
}

/** @param {string} source @returns {Record<string, string>} */
function tablesOf(source) {
  const words = Object.fromEntries(
    declarations(source, 'words').map(([name, body]) => [name, variantsOf(body)]),
  );
  const interfaces = [...declarations(source, 'given'), ...declarations(source, 'to_js')];
  const tables = [
    ...interfaces.map(([name, body]) => [name, memberTable(membersOf(body), words)]),
    ...Object.entries(words).map(([name, variants]) => [name, wordTable(variants)]),
    ...declarations(source, 'events').map(([name, body]) => [name, eventTable(variantsOf(body))]),
  ];
  return Object.fromEntries(tables);
}

/** Names and bodies. @param {string} source @param {string} macro @returns {[string, string][]} */
function declarations(source, macro) {
  const all = source.matchAll(new RegExp(`^${macro}! \\{\\n(?: {4}//.*\\n)*([^]*?)^\\}`, 'gm'));
  return [...all].map(([, text = '']) => [/\w+/.exec(text)?.[0] ?? '', text]);
}

/** @param {string} body @returns {Member[]} */
function membersOf(body) {
  const all = body.matchAll(/((?:^ *\/\/\/.*\n)*)^ *(\w+)(\??): "([^"]*)"/gm);
  return [...all].map(([, comment = '', name = '', optional, type = '']) => ({
    ...commentOf(comment),
    name,
    isOptional: optional === '?',
    type,
  }));
}

/** Words with what is said about each. @param {string} body @returns {Variant[]} */
function variantsOf(body) {
  const all = body.matchAll(
    /((?:^ {8}\/\/\/.*\n)*) {8}(?:"([^"]+)" =>|[^\n/]* => "([^"]+)"(,| \{[^]*?^ {8}\}))/gm,
  );
  return [...all].map(([, comment = '', read, named, members = '']) => ({
    about: commentOf(comment).about,
    word: read ?? named ?? '',
    members: membersOf(members),
  }));
}

/** @param {string} comment */
function commentOf(comment) {
  /** @type {Record<string, string>} */
  const tags = {};
  const lines = comment.split('\n').map((line) => line.replace(/^ *\/\/\/ ?/, ''));
  const words = lines.filter((line) => {
    const [, tag, text] = /^@(\w+) (.*)/.exec(line) ?? [];
    if (tag !== undefined && text !== undefined) tags[tag] = text;
    return tag === undefined;
  });
  return { about: words.join(' ').trim(), tags };
}

/** @param {Member[]} members @param {Record<string, Variant[]>} words */
function memberTable(members, words) {
  const hasDefaults = members.some(({ tags }) => tags.default !== undefined);
  const rows = members.map(({ name, isOptional, type, about, tags }) => {
    const isOf5 = about.startsWith('5.0: ');
    const choice = words[type]?.map(({ word }) => code(word)).join(', ');
    const hasUnit = type === 'number' && tags.unit !== undefined;
    const kind = choice ?? (hasUnit ? undefined : code(type));
    return [
      `${code(name)}${isOf5 ? ' ⁵' : ''}`,
      ...(hasDefaults ? [isOptional ? defaultCell(tags.default ?? '') : '*required*'] : []),
      [kind, tags.unit].filter((part) => part !== undefined).join(', '),
      sentence(isOf5 ? about.slice('5.0: '.length) : about),
    ];
  });
  const first = hasDefaults ? ['option', 'default'] : ['property'];
  return table([[...first, 'type, unit, range', 'what it is'], ...rows]);
}

/** @param {Variant[]} variants */
function wordTable(variants) {
  const rows = variants.map(({ word, about }) => [code(word), sentence(about)]);
  return table([['word', 'what it says'], ...rows]);
}

/** @param {Variant[]} variants */
function eventTable(variants) {
  const rows = variants.map(({ word, about, members }) => [
    code(word),
    members.map(({ name, isOptional }) => `${code(name)}${isOptional ? '?' : ''}`).join(', '),
    sentence(about),
  ]);
  return table([['`type`', 'properties', 'when'], ...rows]);
}

/** @param {string[][]} rows */
function table([head = [], ...rows]) {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** @param {string} text */
function defaultCell(text) {
  return text.replace(/^'(.*)'$|^(true|false)$/, (_, word, truth) => code(word ?? truth));
}

/** @param {string} text */
function code(text) {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll('|', '\\|');
}
