// @ts-check
/** Brokers that a person saved, to choose from. */
import { element } from '../dom.js';
import { text } from '../texts.js';
import { SavedBrokers } from './model/saved.js';

/** @typedef {import('./model/saved.js').SavedBroker} SavedBroker */

/**
 * @param {object} fields
 * @param {() => SavedBroker | null} fields.typed without a password; `null`: it is no address, which was said
 * @param {(broker: SavedBroker) => void} fields.choose
 */
export function offerSavedBrokers({ typed, choose }) {
  const saved = new SavedBrokers(storage('localStorage'));
  const list = element('saved', HTMLSelectElement);
  const show = (/** @type {string} */ chosen) => {
    const options = saved.all.map(({ address, username }) => {
      const words = username ? `${address} (${username})` : address;
      const option = new Option(words, address, false, address === chosen);
      option.dir = 'ltr';
      return option;
    });
    list.replaceChildren(new Option(text('saved.choose'), ''), ...options);
    element('saved-row').hidden = saved.all.length === 0;
    element('forget').hidden = list.value === '';
  };
  list.addEventListener('change', () => {
    const broker = saved.all.find(({ address }) => address === list.value);
    element('forget').hidden = broker === undefined;
    if (broker) choose(broker);
  });
  element('save').addEventListener('click', () => {
    const broker = typed();
    if (broker === null) return;
    saved.save(broker);
    show(broker.address);
  });
  element('forget').addEventListener('click', () => {
    saved.forget(list.value);
    show('');
    element('save').focus();
  });
  show('');
}

/** None where the browser keeps nothing. @param {'localStorage' | 'sessionStorage'} kind */
export function storage(kind) {
  try {
    return globalThis[kind];
  } catch {
    return undefined;
  }
}
