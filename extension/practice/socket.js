// @ts-check
import { CLOSE } from './words.js';

/** @typedef {BroadcastChannel | MessagePort} Pipe */

/** `readyState` of a WebSocket. */
const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** The close code of a connection that nobody has closed properly. */
const LOST = 1006;

/** What the client takes for a WebSocket: the bytes go to the practice broker. */
export class PracticeSocket {
  /**
   * @param {object} connection
   * @param {string} connection.url
   * @param {string} connection.protocol
   * @param {Pipe} connection.pipe
   * @param {() => void} connection.onEnd both sides are done with it
   */
  constructor({ url, protocol, pipe, onEnd }) {
    this.url = url;
    this.protocol = protocol;
    this.binaryType = 'arraybuffer';
    this.readyState = CONNECTING;
    /** What the broker has not read yet. */
    this.bufferedAmount = 0;
    /** @type {(() => void) | null} */
    this.onopen = null;
    /** @type {((event: { data: ArrayBuffer }) => void) | null} */
    this.onmessage = null;
    /** @type {((event: { code: number, wasClean: boolean }) => void) | null} */
    this.onclose = null;
    this.onerror = null;
    /** Which broker answered. @private */
    this.broker = '';
    /** @private */
    this.pipe = pipe;
    /** @private */
    this.onEnd = onEnd;
    pipe.onmessage = ({ data }) => this.heard(data);
  }

  /** @param {Uint8Array} bytes */
  send(bytes) {
    if (this.readyState !== OPEN) return;
    this.bufferedAmount += bytes.length;
    this.pipe.postMessage(bytes.slice().buffer);
  }

  /** The broker says when it has read everything: until then this tab must not seem to be gone. */
  close() {
    if (this.readyState === CLOSED) return;
    const wasOpen = this.readyState === OPEN;
    this.readyState = CLOSED;
    if (wasOpen) this.pipe.postMessage(CLOSE);
    else this.end();
  }

  /** A broker begins; another one can only begin when the one before is gone. @param {string} broker */
  began(broker) {
    if (this.readyState === CLOSED) this.end();
    else if (this.readyState === OPEN && broker !== this.broker) this.lose();
  }

  /** There is no broker any more. */
  lose() {
    const isNews = this.readyState !== CLOSED;
    this.readyState = CLOSED;
    this.end();
    if (isNews) this.onclose?.({ code: LOST, wasClean: false });
  }

  /** Every script of this origin can write to the channel. @private @param {unknown} said */
  heard(said) {
    if (said === CLOSE) {
      this.lose();
    } else if (said instanceof ArrayBuffer) {
      // Also when nobody takes it any more: the broker waits for that.
      this.pipe.postMessage(said.byteLength);
      if (this.readyState === OPEN) this.onmessage?.({ data: said });
    } else if (typeof said === 'number') {
      this.bufferedAmount = Math.max(0, this.bufferedAmount - Math.max(0, said || 0));
    } else if (this.readyState === CONNECTING) {
      const { opened } = /** @type {{ opened?: unknown }} */ (said ?? {});
      if (typeof opened !== 'string') return;
      this.broker = opened;
      this.readyState = OPEN;
      this.onopen?.();
    }
  }

  /** @private */
  end() {
    this.pipe.onmessage = null;
    this.pipe.close();
    this.onEnd();
  }
}
