// @ts-check
/** What this tab listens to: a button for each subscription, which ends it. */
import { element, make } from '../dom.js';
import { text } from '../texts.js';

/** @typedef {import('../../dist/pkg/mqtt.js').MqttClient} MqttClient */

/** Of a broker of 5.0 each message says whether it is kept from now on. */
const OPTIONS = Object.freeze({ qos: /** @type {const} */ (2), retainAsPublished: true });

export class Subscriptions {
  /** @param {MqttClient} client @param {() => void} onchange */
  constructor(client, onchange) {
    /** @private */
    this.client = client;
    /** @private */
    this.onchange = onchange;
    /** @type {string[]} */
    this.filters = [];
  }

  /** @param {string} filter */
  add(filter) {
    this.client.subscribe(filter, OPTIONS);
    if (this.filters.includes(filter)) return;
    this.filters.push(filter);
    const button = make('button', {}, make('bdi', { text: filter, dir: 'ltr' }));
    button.type = 'button';
    button.setAttribute('aria-label', text('console.unsubscribe', { topic: filter }));
    const chip = make('li', {}, button);
    button.addEventListener('click', () => this.remove(filter, chip));
    element('filters').append(chip);
    this.onchange();
  }

  /** @private @param {string} filter @param {HTMLElement} chip */
  remove(filter, chip) {
    this.client.unsubscribe(filter);
    this.filters = this.filters.filter((one) => one !== filter);
    chip.remove();
    element('filter').focus();
    this.onchange();
  }
}
