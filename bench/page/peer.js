// @ts-check
/** What the page says to the peer, and what it hears from there: see `bench/peer/src/control.rs`. */
import { Arrivals } from './arrivals.js';

/** @typedef {{ count: number, payloadBytes: number, packetsPerFrame: number, framesPerSecond?: number, topic: string }} Burst */

export class Peer {
  /** What has arrived there. */
  arrivals = new Arrivals();
  #socket;
  /** @type {(word: string) => void} */
  #answered = () => {};

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const [word = '', number] = data.split(' ');
      if (word === 'arrived') this.arrivals.add(Number(number) - this.arrivals.count);
      else if (word === 'problem') throw new Error(`the peer: ${data}`);
      else this.#answered(word);
    };
  }

  /** @param {string} url @returns {Promise<Peer>} */
  static connect(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve(new Peer(socket));
      socket.onerror = () => reject(new Error('the peer does not answer'));
    });
  }

  /** Counts from 0, and reports at each step and at the end. @param {number} step @param {number} count */
  async await(step, count) {
    await this.#ask(`await ${Math.max(1, Math.floor(step))} ${count}`);
    this.arrivals.clear();
  }

  /** Connects the client behind the real broker. */
  behind() {
    return this.#ask('behind');
  }

  /**
   * Sends messages to the client under test.
   *
   * @param {'null' | 'behind'} place
   * @param {Burst} burst
   */
  send(place, { count, payloadBytes, packetsPerFrame, framesPerSecond = 0, topic }) {
    const burst = [count, payloadBytes, packetsPerFrame, framesPerSecond, topic];
    this.#socket.send(`send ${place} ${burst.join(' ')}`);
  }

  close() {
    this.#socket.close();
  }

  /** @param {string} command @returns {Promise<string>} */
  #ask(command) {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.send(command);
    });
  }
}
