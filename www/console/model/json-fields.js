// @ts-check
/** The fields of a JSON text, as lines; their paths are those of the blocks: `list[0].name`. */

/** @typedef {import('../../../extension/values/json.js').Tree} Tree */
/** @typedef {import('../../../extension/values/json.js').Step} Step */

/** How many fields are shown of one message. */
export const MOST_FIELDS = 200;

/**
 * @typedef {object} Field
 * @property {Step[]} path
 * @property {string} name how it is written in a block
 * @property {number} level 1 is the outermost
 * @property {string} text its value as JSON; empty: it has fields of its own
 * @property {boolean} isNumber
 */

/** @param {Tree} tree @returns {{ fields: Field[], more: number }} `more`: those that are not shown */
export function fieldsOf(tree) {
  /** @type {Field[]} */
  const fields = [];
  let more = 0;
  /** @param {Tree} value @param {Step[]} path */
  const visit = (value, path) => {
    if (path.length > 0) {
      if (fields.length < MOST_FIELDS) fields.push(fieldOf(value, path));
      else more += 1;
    }
    if (typeof value === 'string') return;
    for (const [step, one] of value.entries()) visit(one, [...path, step]);
  };
  visit(tree, []);
  return { fields, more };
}

/** @param {readonly Step[]} path @returns {string} */
export const nameOf = (path) =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');

/**
 * The number in a JSON text.
 *
 * @param {string} json
 * @param {readonly Step[]} path
 * @returns {number | null}
 */
export function numberAt(json, path) {
  try {
    const found = path.reduce(memberOf, JSON.parse(json));
    return typeof found === 'number' && Number.isFinite(found) ? found : null;
  } catch {
    return null;
  }
}

/** Only what the text itself says. @param {any} value @param {Step} step */
const memberOf = (value, step) =>
  typeof value === 'object' && Object.hasOwn(value, step) ? value[step] : undefined;

/** @param {Tree} value @param {Step[]} path @returns {Field} */
function fieldOf(value, path) {
  const isLeaf = typeof value === 'string';
  return {
    path,
    name: nameOf(path),
    level: path.length,
    text: isLeaf ? value : emptyText(value),
    isNumber: isLeaf && /^[-\d]/.test(value),
  };
}

/** What has fields is shown by them. @param {Exclude<Tree, string>} value */
function emptyText(value) {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '';
  return value.size === 0 ? '{}' : '';
}
