// @ts-check

/** @typedef {import('../extension/editors/support/environment.js').ConnectRequest} ConnectRequest */

/** How often a project may be refused in one run before nothing more is asked. */
const MOST_REFUSALS = 3;

/** Under which name this tab remembers what was allowed. */
const REMEMBERED = 'scratchmqtt.allowed';

/**
 * Where the project in the editor may connect. Somebody is asked once for each address, and for each
 * login of this computer that would go there; the answer holds until another project is opened. For a
 * project that has an address of this site, one without a login holds for the tab, so that a page may be
 * loaded again.
 */
export class Permissions {
  /**
   * @param {object} page
   * @param {string[]} page.own the places of the page's own broker, which needs no question
   * @param {(request: ConnectRequest, signal: AbortSignal) => Promise<boolean>} page.ask until it is of no use any more
   * @param {Pick<Storage, 'getItem' | 'setItem'>} [page.storage] of the tab
   */
  constructor({ own, ask, storage }) {
    this.own = own;
    this.ask = ask;
    /** @private */
    this.storage = storage;
    /** The address of the project, if it has one of this site. @private @type {string | null} */
    this.address = null;
    /** @private @type {Set<string>} */
    this.allowed = new Set();
    /** In this run of the project. @private @type {Set<string>} */
    this.refused = new Set();
    /** How often it was refused. @private */
    this.refusals = 0;
    /** One question after the other; of those that wait, the newest. @private @type {Promise<unknown> | null} */
    this.asking = null;
    /** @private */
    this.newest = 0;
    /** Ends with the project. @private */
    this.project = new AbortController();
  }

  /** @param {ConnectRequest} request @returns {Promise<string[]>} the places that may be opened */
  async mayConnect(request) {
    const { own, project } = this;
    const { places } = request;
    const ownPlaces = places.filter((place) => own.includes(place));
    // Of the places that were guessed the others are not this broker's; of a list they are other brokers.
    if (ownPlaces.length && new Set(places.map(hostOf)).size === 1) return ownPlaces;
    const number = (this.newest += 1);
    while (this.asking && !this.isAnswered(request)) await this.asking;
    if (project !== this.project) return [];
    if (!this.isAnswered(request)) {
      if (number !== this.newest) return [];
      await this.decide(request);
    }
    return project === this.project && this.isAllowed(request) ? places : [];
  }

  /** The green flag: what was refused may be asked for again. */
  startAgain() {
    this.refused.clear();
    this.refusals = 0;
  }

  /** Another project: nothing that was answered holds for it. */
  forget() {
    this.project.abort();
    this.project = new AbortController();
    this.address = null;
    this.allowed.clear();
    this.startAgain();
  }

  /** The project that is open comes from this site: what was allowed before, in this tab, is. @param {string} address */
  remember(address) {
    this.address = address;
    for (const key of this.remembered()[address] ?? []) this.allowed.add(key);
  }

  /** @private @param {ConnectRequest} request */
  async decide(request) {
    const { project } = this;
    const answer = this.ask(request, project.signal).catch(() => false);
    this.asking = answer;
    const isAllowed = await answer;
    this.asking = null;
    if (project !== this.project) return;
    if (!isAllowed) this.refusals += 1;
    const answers = isAllowed ? this.allowed : this.refused;
    for (const key of keysOf(request)) answers.add(key);
    if (isAllowed) this.keep();
  }

  /** @private @returns {Record<string, string[]>} what was allowed, by the address of the project */
  remembered() {
    try {
      return JSON.parse(this.storage?.getItem(REMEMBERED) ?? '{}');
    } catch {
      return {};
    }
  }

  /** @private */
  keep() {
    if (this.address === null) return;
    // Whoever chose to keep no login here finds no user name here either: those are asked about again.
    const nameless = [...this.allowed].filter((key) => JSON.parse(key)[1] === null);
    const all = { ...this.remembered(), [this.address]: nameless };
    try {
      this.storage?.setItem(REMEMBERED, JSON.stringify(all));
    } catch {
      // It is full or forbidden: the next page asks again.
    }
  }

  /** @private @param {ConnectRequest} request */
  isAllowed(request) {
    return keysOf(request).every((key) => this.allowed.has(key));
  }

  /** @private @param {ConnectRequest} request */
  isAnswered(request) {
    const { refused } = this;
    return (
      this.isAllowed(request) ||
      this.refusals >= MOST_REFUSALS ||
      keysOf(request).some((key) => refused.has(key))
    );
  }
}

/** @param {string} place */
const hostOf = (place) => place.replace(/:\d+$/, '');

/** @param {ConnectRequest} request */
const keysOf = ({ places, username }) => places.map((place) => JSON.stringify([place, username]));
