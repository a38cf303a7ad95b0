// @ts-check

/** @typedef {import('../client/connection.js').Login} Login */

/** The name under which a browser keeps them. */
const KEY = 'scratchmqtt.logins';

/**
 * Logins that somebody entered on this computer, each for the places that it may go to: scheme, host
 * and port. They are kept by the browser, for this tab or for longer, and never come into a project.
 *
 * Those of before were kept for a host. They go nowhere until the dialog gives them a place.
 */
export class Logins {
  /** @param {any} page the global object; where it keeps nothing, nothing is found */
  constructor(page) {
    /** @private @type {Storage | undefined} */
    this.tab = storageOf(page, 'sessionStorage');
    /** @private @type {Storage | undefined} */
    this.computer = storageOf(page, 'localStorage');
  }

  /** @param {string} place as `placeOf` says it @returns {Login | null} */
  find(place) {
    return isPlace(place) ? this.entry(place) : null;
  }

  /** A login of before, which no address gets. @param {string} host @returns {Login | null} */
  findOlder(host) {
    return isPlace(host) ? null : this.entry(host);
  }

  /**
   * @param {string[]} places
   * @param {Login} login
   * @param {boolean} isForComputer else until the tab is closed
   * @returns {boolean} whether the browser keeps it
   */
  keep(places, login, isForComputer) {
    const [storage, other] = isForComputer ? [this.computer, this.tab] : [this.tab, this.computer];
    const isKept = change(storage, (logins) => {
      for (const place of places) logins.set(place, login);
    });
    // Only now: what a browser cannot store must not cost what it has.
    return isKept && forgetIn(other, places);
  }

  /**
   * Leaves nothing of a login behind: what was entered for a host stands for several of its ports.
   *
   * @param {string[]} names places, or hosts of before
   */
  forget(names) {
    const hosts = names.map(hostOf);
    for (const storage of [this.tab, this.computer]) {
      const kept = read(storage);
      const gone = names.map((name) => kept.get(name));
      const alike = [...kept]
        .filter(([name, login]) => hosts.includes(hostOf(name)) && gone.some(isSameAs(login)))
        .map(([name]) => name);
      forgetIn(storage, [...names, ...alike]);
    }
  }

  /** @param {string} host */
  forgetOlder(host) {
    for (const storage of [this.tab, this.computer]) forgetIn(storage, [host]);
  }

  /** @private @param {string} name @returns {Login | null} */
  entry(name) {
    return read(this.tab).get(name) || read(this.computer).get(name) || null;
  }
}

/** @param {Login} login @returns {(other: Login | null | undefined) => boolean} */
export const isSameAs = (login) => (other) =>
  other?.username === login.username && other.password === login.password;

/** @param {string} name */
const hostOf = (name) => name.replace(/^wss?:\/\//, '').replace(/:\d+$/, '');

/** @param {string} name */
const isPlace = (name) => name.includes('://');

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
    return new Map(JSON.parse(storage?.getItem(KEY) || '[]').filter(isEntry));
  } catch {
    return new Map();
  }
}

/** @param {any} entry what another hand may have written */
const isEntry = (entry) =>
  Array.isArray(entry) &&
  [entry[0], entry[1]?.username, entry[1]?.password].every((part) => typeof part === 'string');

/**
 * @param {Storage | undefined} storage
 * @param {string[]} names
 * @returns {boolean} whether there is none now
 */
function forgetIn(storage, names) {
  const kept = read(storage);
  if (!names.some((name) => kept.has(name))) return true;
  return change(storage, (logins) => {
    for (const name of names) logins.delete(name);
  });
}

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
