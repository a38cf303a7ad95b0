// @ts-check
/** A project that is opened, and perhaps changed, beside the page, which goes on meanwhile and can end it. */
import { CannotConvert } from './convert/sb3.mjs';

/** @typedef {import('./convert/worker.js').Answer} Answer */
/** @typedef {import('./convert/worker.js').Options} Options */
/** @typedef {import('./convert/worker.js').Question} Question */

/** No real project takes a tenth of it. */
const LONGEST_MS = 20_000;

export class ProjectWork {
  #worker = new Worker(new URL('convert/worker.js', import.meta.url));
  /** What was asked and not answered yet; answers come in order. @type {((answer: Answer | Error) => void)[]} */
  #asked = [];
  /** Why nothing will be answered. @type {Error | undefined} */
  #failure;

  /** Loads what it takes, so that nothing is asked of a server when a project is there. */
  constructor() {
    this.#worker.onmessage = ({ data }) => this.#asked.shift()?.(data);
    this.#worker.onerror = () => {
      this.#failure = new Error('the worker ended');
      for (const answer of this.#asked.splice(0)) answer(this.#failure);
    };
  }

  /**
   * What is in a project file.
   *
   * @param {ArrayBuffer} bytes given away
   */
  async open(bytes) {
    const { found } = await this.#ask({ bytes }, [bytes]);
    if (!found) throw new CannotConvert('broken');
    return found;
  }

  /**
   * How many blocks for MQTT are in a project file that stays as it is.
   *
   * @param {ArrayBuffer} bytes given away
   */
  async count(bytes) {
    const { count } = await this.#ask({ counted: bytes }, [bytes]);
    if (count === undefined) throw new CannotConvert('broken');
    return count;
  }

  /** The file with our blocks. @param {Options} options */
  async convert(options) {
    const { bytes } = await this.#ask({ options });
    if (!bytes) throw new CannotConvert('broken');
    return bytes;
  }

  /** Stops at once; what was asked is never answered. */
  end() {
    this.#worker.terminate();
  }

  /**
   * @param {Question} question
   * @param {Transferable[]} given
   * @returns {Promise<Answer>}
   */
  #ask(question, given = []) {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.end();
        reject(new CannotConvert('too-long'));
      }, LONGEST_MS);
      this.#asked.push((answer) => {
        clearTimeout(limit);
        if (answer instanceof Error) reject(answer);
        else if (answer.problem) reject(new CannotConvert(answer.problem));
        else resolve(answer);
      });
      this.#worker.postMessage(question, given);
    });
  }
}
