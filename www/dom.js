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

/**
 * A new element.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<{ class: string, dir: 'auto' | 'ltr', id: string, role: string, text: string }>} [what]
 * @param {Node[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, what = {}, ...children) {
  const { class: name = '', dir = '', id = '', role = '', text = '' } = what;
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (dir) made.dir = dir;
  if (id) made.id = id;
  if (role) made.setAttribute('role', role);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** Writes only what changed: browsers lay out again whatever is written. @param {HTMLElement} place @param {string} words */
export function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
