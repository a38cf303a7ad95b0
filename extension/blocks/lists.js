// @ts-check
// Lists of the project, by their names: editors differ in how they offer lists to choose from, and what is typed stays as it is.

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('../editors/support/scratch.js').List} List */

/**
 * The items of a list; nothing, and a sentence in the status, when there is no such list.
 *
 * @param {string} name
 * @param {Bridge} bridge
 * @param {BlockUtility} [util]
 * @returns {readonly unknown[] | undefined}
 */
export function readList(name, bridge, util) {
  const items = listNamed(name, bridge, util)?.value;
  return Array.isArray(items) ? items : undefined;
}

/**
 * Gives a list new items in the place of all that it has. Nothing that a block writes is as long as Scratch's longest list.
 *
 * @param {string} name
 * @param {readonly (string | number | boolean)[]} items
 * @param {Bridge} bridge
 * @param {BlockUtility} [util]
 */
export function writeList(name, items, bridge, util) {
  const list = listNamed(name, bridge, util);
  if (!list) return;
  list.value = [...items];
  // Else the stage would go on showing the old ones.
  list._monitorUpToDate = false;
}

/**
 * The one of the sprite goes before that for all sprites.
 *
 * @param {string} name
 * @param {Bridge} bridge
 * @param {BlockUtility} [util]
 * @returns {List | undefined}
 */
function listNamed(name, { status }, util) {
  const target = util?.thread?.target;
  const list = target?.lookupVariableByNameAndType?.(name, 'list');
  if (!list) status.report(target ? 'list.missing' : 'list.hidden', { list: name });
  return list ?? undefined;
}
