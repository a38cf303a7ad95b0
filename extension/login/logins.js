// @ts-check

/** @typedef {import('../connection.js').Login} Login */

/** The name under which a browser keeps them. */
const KEY = 'scratchmqtt.logins';

/**
 * Logins that somebody entered on this computer, one for each broker. They are kept by the browser,
 * for this tab or for longer, and never come into a project.
 */
export class Logins {
  /** @param {any} page the global object; where it keeps nothing, nothing is found */
  constructor(page) {
    /** @private @type {Storage | undefined} */
    this.tab = storageOf(page, 'sessionStorage');
    /** @private @type {Storage | undefined} */
    this.computer = storageOf(page, 'localStorage');
  }

  /** @param {string} host @returns {Login | null} */
  find(host) {
    return read(this.tab).get(host) || read(this.computer).get(host) || null;
  }

  /**
   * @param {string} host
   * @param {Login} login
   * @param {boolean} isForComputer else until the tab is closed
   * @returns {boolean} whether the browser keeps it
   */
  keep(host, login, isForComputer) {
    const [storage, other] = isForComputer ? [this.computer, this.tab] : [this.tab, this.computer];
    if (!change(storage, (logins) => logins.set(host, login))) return false;
    // Only now: what a browser cannot store must not cost what it has.
    return forgetIn(other, host);
  }

  /** @param {string} host */
  forget(host) {
    for (const storage of [this.tab, this.computer]) forgetIn(storage, host);
  }
}

/** A sandboxed page throws when it is asked. @param {any} page @param {string} name */
function storageOf(page, name) {
  try {
    return page[name] || undefined;
  } catch {
    return undefined;
  }
}

/** @param {Storage | undefined} storage @returns {Map<string, Login>} empty when there is nothing of ours */
function read(storage) {
  try {
    return new Map(JSON.parse(storage?.getItem(KEY) || '[]'));
  } catch {
    return new Map();
  }
}

/**
 * @param {Storage | undefined} storage
 * @param {string} host
 * @returns {boolean} whether there is none now
 */
const forgetIn = (storage, host) =>
  !read(storage).has(host) || change(storage, (logins) => logins.delete(host));

/**
 * @param {Storage | undefined} storage
 * @param {(logins: Map<string, Login>) => unknown} edit
 * @returns {boolean} whether the browser has it: some store nothing, and do not say so
 */
function change(storage, edit) {
  if (!storage) return false;
  const logins = read(storage);
  edit(logins);
  const wanted = logins.size ? JSON.stringify([...logins]) : null;
  try {
    if (wanted === null) storage.removeItem(KEY);
    else storage.setItem(KEY, wanted);
    return storage.getItem(KEY) === wanted;
  } catch {
    return false;
  }
}
