// @ts-check

/** @typedef {import('../extension/hosts/support/environment.js').Wish} Wish */

/** How often a project may be refused in one run before nothing more is asked. */
const MOST_REFUSALS = 3;

/**
 * Where the project in the editor may connect. Somebody is asked once for each address, and for each
 * login of this computer that would go there; the answer holds until another project is opened.
 */
export class Permissions {
  /**
   * @param {object} page
   * @param {string[]} page.own the places of the page's own broker, which needs no question
   * @param {(wish: Wish, signal: AbortSignal) => Promise<boolean>} page.ask until it is of no use any more
   */
  constructor({ own, ask }) {
    this.own = own;
    this.ask = ask;
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

  /** @param {Wish} wish @returns {Promise<string[]>} the places that may be opened */
  async mayConnect(wish) {
    const { own, project } = this;
    const { places } = wish;
    const ownPlaces = places.filter((place) => own.includes(place));
    if (ownPlaces.length) return ownPlaces;
    const number = (this.newest += 1);
    while (this.asking && !this.isAnswered(wish)) await this.asking;
    if (project !== this.project) return [];
    if (!this.isAnswered(wish)) {
      if (number !== this.newest) return [];
      await this.decide(wish);
    }
    return project === this.project && this.isAllowed(wish) ? places : [];
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
    this.allowed.clear();
    this.startAgain();
  }

  /** @private @param {Wish} wish */
  async decide(wish) {
    const { project } = this;
    const answer = this.ask(wish, project.signal).catch(() => false);
    this.asking = answer;
    const isAllowed = await answer;
    this.asking = null;
    if (project !== this.project) return;
    if (!isAllowed) this.refusals += 1;
    const answers = isAllowed ? this.allowed : this.refused;
    for (const key of keysOf(wish)) answers.add(key);
  }

  /** @private @param {Wish} wish */
  isAllowed(wish) {
    return keysOf(wish).every((key) => this.allowed.has(key));
  }

  /** @private @param {Wish} wish */
  isAnswered(wish) {
    const { refused } = this;
    return (
      this.isAllowed(wish) ||
      this.refusals >= MOST_REFUSALS ||
      keysOf(wish).some((key) => refused.has(key))
    );
  }
}

/** @param {Wish} wish */
const keysOf = ({ places, username }) => places.map((place) => JSON.stringify([place, username]));
