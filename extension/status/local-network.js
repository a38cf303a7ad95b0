// @ts-check
// Whether the browser keeps this page from the local network. A refusal looks exactly like a broker
// that is not there; only the permission tells them apart.

/** @typedef {'here' | 'room' | 'far'} Where this computer, the same building, or anywhere */

/** The permission for each place, and what an older browser calls it. */
const NAMES = Object.freeze({
  here: ['loopback-network', 'local-network-access'],
  room: ['local-network', 'local-network-access'],
  far: [],
});

/**
 * Nobody is asked by this: browsers ask when the first such address is opened.
 *
 * @param {any} page the global object
 * @param {() => boolean} isSecurePage other pages have nothing that could be allowed
 * @returns {(where: Where) => boolean}
 */
export function watchLocalNetwork(page, isSecurePage) {
  /** They go on being true. @type {Partial<Record<Where, PermissionStatus>>} */
  const answers = {};
  if (isSecurePage()) {
    for (const where of /** @type {Where[]} */ (Object.keys(NAMES))) {
      permissionOf(page, NAMES[where]).then((answer) => {
        if (answer) answers[where] = answer;
      });
    }
  }
  return (where) => answers[where]?.state === 'denied';
}

/** @param {any} page @param {readonly string[]} names @returns {Promise<PermissionStatus | null>} */
async function permissionOf(page, names) {
  for (const name of names) {
    try {
      return await page.navigator.permissions.query({ name });
    } catch {
      // Another browser, or an older one, has no such permission.
    }
  }
  return null;
}
