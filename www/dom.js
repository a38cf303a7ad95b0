// @ts-check

/**
 * The element with this id; it is in the page, or the page is wrong.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} [type]
 * @returns {T}
 */
export function element(id, type = /** @type {any} */ (HTMLElement)) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`there is no ${type.name} #${id}`);
}
