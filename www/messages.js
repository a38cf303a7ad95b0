// @ts-check
/** The list of the newest messages. */
import { element } from './dom.js';
import { text } from './texts.js';

/** @typedef {import('../src/browser/types.js').MqttMessage} MqttMessage */

/** How many messages the page keeps: enough to read back, and no more than a phone can show. */
const KEPT = 200;
const MAX_BYTES_SHOWN = 64;

export class MessageList {
  #list = element('messages');
  /** @type {MqttMessage[]} Arrived, and not on the page yet. */
  #waiting = [];
  #all = 0;
  #frame = 0;

  constructor() {
    element('clear').addEventListener('click', () => {
      this.#waiting = [];
      this.#all = 0;
      this.#render();
      this.#list.replaceChildren();
    });
    this.#render();
  }

  /**
   * Newest on top. Drawn once per frame, however many arrive.
   *
   * @param {MqttMessage} message
   */
  add(message) {
    this.#all += 1;
    this.#waiting.push(message);
    if (this.#waiting.length > KEPT) this.#waiting.shift();
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#render());
  }

  #render() {
    this.#frame = 0;
    this.#list.prepend(...this.#waiting.map(row).reverse());
    this.#waiting = [];
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
    const shown = this.#list.childElementCount;
    const values = { shown, all: this.#all };
    const count = this.#all > shown ? text('console.count', values) : String(this.#all || '');
    element('count').textContent = count;
  }
}

/** @param {MqttMessage} message */
function row({ topic, payload, qos, retain }) {
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString();
  const name = document.createElement('b');
  name.textContent = topic;
  const content = document.createElement('span');
  content.textContent = readable(payload);
  const notes = document.createElement('small');
  notes.textContent = [`QoS ${qos}`, ...(retain ? [text('console.retained')] : [])].join(', ');
  item.append(time, name, content, notes);
  return item;
}

/** @param {Uint8Array} payload */
function readable(payload) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    const bytes = [...payload.subarray(0, MAX_BYTES_SHOWN)];
    const start = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const hex = payload.length > bytes.length ? `${start} …` : start;
    return text('console.notText', { count: payload.length, hex });
  }
}
