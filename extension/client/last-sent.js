// @ts-check

/** @typedef {import('./types.js').CloseReason} CloseReason */

/** A loss this soon after something was sent may be the broker's answer to it, in milliseconds. */
const ANSWER_MS = 300;

/** What a broker says of something that was sent arrives this soon, in milliseconds. */
const SPOKEN_ANSWER_MS = 10_000;

/** What was sent last: the end of a connection may be the broker's answer to it. */
export class LastSent {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.now = now;
    this.forget();
  }

  forget() {
    /** @private @type {{ topic: string, at: number } | null} */
    this.last = null;
    /** What may have made the broker hang up the last time. @private @type {string | null} */
    this.suspect = null;
  }

  /** Something is sent. @param {string} topic */
  note(topic) {
    this.last = { topic, at: this.now() };
  }

  /**
   * The topic of what an end may be the answer to.
   *
   * @param {CloseReason} reason
   * @returns {string | null}
   */
  topicFor({ code }) {
    if (code === 'lost') return this.suspected();
    return code === 'disconnected' ? this.within(SPOKEN_ANSWER_MS) : null;
  }

  /** The topic of what was sent right before two losses in a row. @private @returns {string | null} */
  suspected() {
    const before = this.suspect;
    this.suspect = this.within(ANSWER_MS);
    return this.suspect === before ? before : null;
  }

  /** @private @param {number} limitMs @returns {string | null} */
  within(limitMs) {
    const { last } = this;
    return last !== null && this.now() - last.at < limitMs ? last.topic : null;
  }
}
