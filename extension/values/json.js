// @ts-check
// Values in JSON texts, by paths such as `list[0].name`. Names keep their order, and numbers their
// digits, which `JSON.parse` alone would change.

/** A name, or a place in a list counted from 0. @typedef {string | number} Step */

/** A tree whose leaves are JSON texts. @typedef {Map<string, Tree> | Tree[] | string} Tree */

/** How long a JSON text may be, in characters: more would stop the project for a moment that is seen. */
export const MOST_JSON = 1 << 18;

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** A number or a word that is JSON by itself. */
const PLAIN = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** How JSON ends that begins so. @type {Readonly<Record<string, string>>} */
const ENDS = { '"': '"', '[': ']', '{': '}' };

const STEP = /\[(\d+)\]|\.?([^.[\]]+)/y;

/**
 * A value in a JSON text.
 *
 * @param {string} json
 * @param {string} path empty: all of it
 * @returns {string | number | boolean} objects and lists as JSON texts; empty: there is none
 */
export function jsonGet(json, path) {
  const found = withoutThrowing(() => stepsOf(path).reduce(child, treeOf(json)));
  return found === undefined ? '' : valueOf(found);
}

/**
 * The items of a JSON list.
 *
 * @param {string} json
 * @returns {(string | number | boolean)[] | null} `null`: it is no list
 */
export function jsonItems(json) {
  const tree = withoutThrowing(() => treeOf(json));
  return Array.isArray(tree) ? tree.map(valueOf) : null;
}

/**
 * A JSON list of values: of what is JSON itself, as numbers are, the same; of everything else, texts.
 *
 * @param {readonly unknown[]} items
 * @param {(value: unknown) => string} toString
 * @returns {string | null} `null`: it would be too long
 */
export function jsonOfItems(items, toString) {
  const parts = [];
  let length = 1;
  for (const item of items) {
    const text = toString(item);
    // Before something long is read.
    if (length + text.length > MOST_JSON) return null;
    const part = leafOf(text);
    length += part.length + 1;
    parts.push(part);
  }
  return length > MOST_JSON ? null : `[${parts.join(',')}]`;
}

/**
 * A JSON text with one value changed or added. Objects and lists on the way are made.
 *
 * @param {string} json
 * @param {string} path
 * @param {string} value JSON, or any other text, which becomes a string
 * @returns {string} empty: not JSON, or there can be no such path
 */
export function jsonSet(json, path, value) {
  return withoutThrowing(() => textOf(withLeaf(treeOf(json), stepsOf(path), leafOf(value)))) ?? '';
}

/** @param {Tree | undefined} tree @param {Step} step @returns {Tree | undefined} */
function child(tree, step) {
  if (tree instanceof Map) return typeof step === 'string' ? tree.get(step) : undefined;
  return Array.isArray(tree) ? tree[Number(step)] : undefined;
}

/** @param {Tree | undefined} tree @param {Step[]} steps @param {Tree} leaf @returns {Tree} */
function withLeaf(tree, [step, ...rest], leaf) {
  if (step === undefined) return leaf;
  const parent =
    tree && typeof tree !== 'string' ? tree : typeof step === 'string' ? new Map() : [];
  const changed = withLeaf(child(parent, step), rest, leaf);
  if (parent instanceof Map && typeof step === 'string') return parent.set(step, changed);
  const place = Number(step);
  // A place far beyond the end would make a list of any length.
  const isPlace = Array.isArray(parent) && Number.isInteger(place) && place >= 0;
  if (!isPlace || place > parent.length) throw new RangeError('no such place');
  parent[place] = changed;
  return parent;
}

/** @param {string} path @returns {Step[]} */
function stepsOf(path) {
  const steps = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path);
    if (!step) throw new SyntaxError('not a path');
    steps.push(step[1] === undefined ? String(step[2]) : Number(step[1]));
  }
  return steps;
}

/** Throws when it is no JSON. @param {string} json @returns {Tree} */
export function treeOf(json) {
  JSON.parse(json);
  const tokens = /** @type {string[]} */ (json.match(TOKEN)).values();
  const next = () => /** @type {string} */ (tokens.next().value);

  /** @param {string} token @returns {Tree} */
  const read = (token) => {
    if (token === '{') {
      const object = new Map();
      for (let name = next(); name !== '}'; name = next()) {
        if (name === ',') continue;
        next();
        object.set(JSON.parse(name), read(next()));
      }
      return object;
    }
    if (token !== '[') return token;
    const list = [];
    for (let item = next(); item !== ']'; item = next()) if (item !== ',') list.push(read(item));
    return list;
  };
  return read(next());
}

/** @param {Tree} tree @returns {string} */
function textOf(tree) {
  if (typeof tree === 'string') return tree;
  if (Array.isArray(tree)) return `[${tree.map(textOf).join(',')}]`;
  const members = Array.from(tree, ([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`);
  return `{${members.join(',')}}`;
}

/** As blocks have it: objects and lists as JSON texts. @param {Tree} tree @returns {string | number | boolean} */
function valueOf(tree) {
  return typeof tree === 'string' ? (JSON.parse(tree) ?? '') : textOf(tree);
}

/** JSON, or any other text, which becomes a string. @param {string} text @returns {string} */
function leafOf(text) {
  const plain = text.trim();
  if (PLAIN.test(plain)) return plain;
  // What is none fails slowly.
  const isLikely = plain !== '' && plain.at(-1) === ENDS[plain.charAt(0)];
  return (isLikely && withoutThrowing(() => textOf(treeOf(plain)))) || JSON.stringify(text);
}

/** What is not JSON, or nested too deeply, is nothing. @template T @param {() => T} call @returns {T | undefined} */
function withoutThrowing(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}
