// @ts-check
/** Others' code in what is shipped: what is known of a piece of it, and lists of such pieces. */

/**
 * @typedef {object} Component
 * @property {'cargo' | 'npm' | 'generic'} kind Who publishes it, as package URLs have it.
 * @property {string} name
 * @property {string} version
 * @property {string} license As SPDX writes it.
 * @property {readonly string[]} texts What the license asks to be passed on.
 * @property {{ algorithm: 'SHA-256' | 'SHA-512', hex: string }} [sum] Of what was published.
 * @property {string} [source] Where it is developed.
 * @property {boolean} [isOnlyForBuilding] It wrote a part of the code, and is not itself there.
 * @property {readonly string[]} [uses] Others, as {@link nameOf} writes them.
 */

/** @param {Pick<Component, 'name' | 'version'>} component */
export const nameOf = ({ name, version }) => `${name}@${version}`;

/** The package URL, by which lists of faults know it. @param {Component} component */
export const addressOf = ({ kind, name, version }) =>
  `pkg:${kind}/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;

/** Each once, in the order of their addresses. @param {readonly Component[]} components */
export function merged(components) {
  /** @type {Map<string, Component>} */
  const all = new Map();
  for (const one of components) {
    const address = addressOf(one);
    const other = all.get(address) ?? one;
    all.set(address, {
      ...one,
      isOnlyForBuilding: one.isOnlyForBuilding === true && other.isOnlyForBuilding === true,
      uses: [...new Set([...(one.uses ?? []), ...(other.uses ?? [])])].sort(),
    });
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
