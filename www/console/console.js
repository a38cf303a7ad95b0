// @ts-check
/** A small MQTT console on `MqttClient`. */
import init, { MqttClient, filterProblem, parseAddress, topicProblem } from '../split/mqtt.mjs';
import { element } from '../dom.js';
import { MessageList } from './messages.js';
import {
  addressSentence,
  publishSentence,
  reasonSentences,
  subscribeSentence,
  thrownSentence,
} from '../../extension/status/reasons.js';
import { text } from '../texts.js';

/** @typedef {import('../../dist/pkg/mqtt.js').MqttEvent} MqttEvent */

const status = element('status');
const username = element('username', HTMLInputElement);
const password = element('password', HTMLInputElement);
const address = element('address', HTMLInputElement);
/** The broker of the last connect, as it may be shown. */
let broker = { host: '', port: 0, shown: '', isSecure: true, hasLogin: false };
/** The topic of what was sent last. @type {string | null} */
let lastTopic = null;
/** The page's own broker. @type {import('../../extension/hosts/support/environment.js').OwnBroker | null} */
let own = null;

/**
 * Loads the client and wires the forms to it.
 *
 * @param {{ address: string, username: string, password: string, isOwn?: boolean }} first What the fields show.
 */
export async function startConsole(first) {
  show(text('status.loading'), 'connecting');
  address.value = first.address;
  username.value = first.username;
  password.value = first.password;
  own = first.isOwn ? { name: first.address, places: [new URL(first.address).origin] } : null;
  try {
    await init();
  } catch {
    return show(text('status.notLoaded'), 'problem');
  }
  const client = new MqttClient();
  const list = new MessageList();
  client.onmessage = (message) => list.add(message);
  client.onevent = (event) => tell(client, event);
  onSubmit('connect', () => connect(client));
  onSubmit('subscribe', () => subscribe(client));
  onSubmit('publish', () => publish(client));
  element('disconnect').addEventListener('click', () => client.disconnect());
  // Until here a click would have reloaded the page.
  element('controls', HTMLFieldSetElement).disabled = false;
  show(text('state.closed'), 'closed');
}

/**
 * @param {string} form
 * @param {() => void} action
 */
function onSubmit(form, action) {
  element(form, HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    try {
      action();
    } catch (error) {
      show(sentence(thrownSentence(error)), 'problem');
    }
  });
}

/** @param {MqttClient} client */
function connect(client) {
  const parse = (/** @type {string} */ typed) =>
    parseAddress(typed, location.protocol === 'https:');
  const found = parse(address.value);
  if (found.error !== null) return show(sentence(addressSentence(found, parse, own)), 'problem');
  const { host, port, shown, urls } = found;
  const user = username.value || found.username;
  const isSecure = urls.every((url) => url.startsWith('wss:'));
  broker = { host, port, shown, isSecure, hasLogin: user !== undefined };
  lastTopic = null;
  address.value = shown;
  if (user === undefined) return client.connect({ url: urls });
  return client.connect({
    url: urls,
    username: user,
    password: password.value || (found.password ?? ''),
  });
}

/** @param {MqttClient} client */
function subscribe(client) {
  const filter = element('filter', HTMLInputElement).value;
  const problem = filterProblem(filter);
  if (problem !== null) return show(text(`topic.${problem}`, { topic: filter }), 'problem');
  lastTopic = filter;
  client.subscribe(filter, 2);
  return addChip(client, filter);
}

/**
 * A button for each subscription, which ends it.
 *
 * @param {MqttClient} client
 * @param {string} filter
 */
function addChip(client, filter) {
  const chips = element('filters');
  if ([...chips.children].some((chip) => chip.textContent === filter)) return;
  const chip = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = filter;
  button.setAttribute('aria-label', text('console.unsubscribe', { topic: filter }));
  button.addEventListener('click', () => {
    client.unsubscribe(filter);
    chip.remove();
    element('filter').focus();
  });
  chip.append(button);
  chips.append(chip);
}

/** @param {MqttClient} client */
function publish(client) {
  const topic = element('topic', HTMLInputElement).value;
  const problem = topicProblem(topic);
  if (problem !== null) return show(text(`topic.${problem}`, { topic }), 'problem');
  const qos = /** @type {0 | 1 | 2} */ (Number(element('qos', HTMLSelectElement).value));
  lastTopic = topic;
  const { checked: retain } = element('retain', HTMLInputElement);
  client.publish(topic, element('payload', HTMLInputElement).value, qos, retain);
  const isConnected = client.state === 'connected';
  return show(text(isConnected ? 'status.published' : 'status.queued', { topic }), client.state);
}

/**
 * @param {MqttClient} client
 * @param {MqttEvent} event
 */
function tell(client, event) {
  const { state } = client;
  switch (event.type) {
    case 'connecting':
      return show(sentence({ key: 'state.connecting' }), state);
    case 'connected':
      return show(sentence({ key: 'state.connected' }), state);
    case 'disconnected':
      return tellEnd(event, state);
    case 'subscribed':
      return show(text('status.subscribed', { topic: event.filter, qos: event.qos }), state);
    case 'subscribeFailed':
      return show(sentence(subscribeSentence(event)), 'problem');
    case 'publishFailed':
      return show(sentence(publishSentence(event)), 'problem');
    case 'messagesDropped':
      return show(text('status.dropped', { count: event.count }), 'problem');
    case 'published':
    case 'sessionRestored':
    case 'unsubscribed':
    case 'unsubscribeFailed':
    case 'warning':
      return undefined;
  }
}

/**
 * Why a connection ended: the block "connection status" says it in the same words.
 *
 * @param {Extract<MqttEvent, { type: 'disconnected' }>} event
 * @param {string} state
 */
function tellEnd({ reason, retryInMs }, state) {
  const { hasLogin } = broker;
  const topic = reason.code === 'disconnected' ? lastTopic : null;
  const circumstances = { broker, hasLogin, isOnline: navigator.onLine, lastTopic: topic, own };
  const sentences = reasonSentences(reason, circumstances).map(sentence);
  if (retryInMs !== null) {
    sentences.push(text('hint.retry', { seconds: Math.max(1, Math.ceil(retryInMs / 1000)) }));
  }
  const ended = reason.code === 'closed' ? state : 'problem';
  show(sentences.join(text('separator')), retryInMs === null ? ended : 'waiting');
}

/** @param {import('../../extension/status/status.js').Sentence} one */
function sentence({ key, values }) {
  const { host, port, shown } = broker;
  return text(key, { host, port, broker: shown, ...values });
}

/**
 * @param {string} words
 * @param {string} state A `ConnectionState`, or `problem`.
 */
function show(words, state) {
  status.textContent = words;
  status.dataset.state = state;
}
