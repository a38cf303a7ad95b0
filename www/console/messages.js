// @ts-check
/** The list of the newest messages. */
import { element } from '../dom.js';
import { text } from '../texts.js';

/** @typedef {import('../../dist/pkg/mqtt.js').MqttMessage} MqttMessage */

/** How many messages the page keeps: enough to read back, and no more than a phone can show. */
const KEPT = 200;
/** What is shown of bytes that are no text. */
const MAX_BYTES_SHOWN = 64;
/** What is kept and shown of a text, in bytes: a page with megabytes of text stands still. */
const HEAD_BYTES = 2_000;
/** What is shown of a topic. */
const TOPIC_LETTERS = 200;

/** @typedef {{ topic: string, head: Uint8Array, bytes: number, qos: number, retain: boolean }} Shown */

export class MessageList {
  #list = element('messages');
  /** @type {Shown[]} Arrived, and not on the page yet. */
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
  add({ topic, payload, qos, retain }) {
    this.#all += 1;
    const head = payload.slice(0, HEAD_BYTES);
    this.#waiting.push({ topic, head, bytes: payload.length, qos, retain });
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

/** @param {Shown} message */
function row({ topic, head, bytes, qos, retain }) {
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString();
  const name = document.createElement('b');
  name.textContent = topic.length > TOPIC_LETTERS ? `${topic.slice(0, TOPIC_LETTERS)}…` : topic;
  const content = document.createElement('span');
  content.textContent = readable(head, bytes);
  const notes = document.createElement('small');
  notes.textContent = [`QoS ${qos}`, ...(retain ? [text('console.retained')] : [])].join(', ');
  item.append(time, name, content, notes);
  return item;
}

/** @param {Uint8Array} head @param {number} bytes of the whole payload */
function readable(head, bytes) {
  const rest = bytes - head.length;
  try {
    // The last letter of the head may be cut in two.
    const start = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: rest > 0 });
    return rest > 0 ? `${start}… ${text('console.more', { count: rest })}` : start;
  } catch {
    const first = [...head.subarray(0, MAX_BYTES_SHOWN)];
    const start = first.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const hex = bytes > first.length ? `${start} …` : start;
    return text('console.notText', { count: bytes, hex });
  }
}
