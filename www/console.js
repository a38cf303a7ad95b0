// @ts-check
/** A small MQTT console on `MqttClient`. */
import init, { MqttClient, filterProblem, parseAddress, topicProblem } from './split/mqtt.mjs';
import { element } from './dom.js';
import { MessageList } from './messages.js';
import { texts } from './texts.js';

/** @typedef {import('../src/browser/types.js').MqttEvent} MqttEvent */

const status = element('status');
const username = element('username', HTMLInputElement);
const password = element('password', HTMLInputElement);
const address = element('address', HTMLInputElement);
/** The broker of the last connect, as it may be shown. */
let shownBroker = '';

/**
 * Loads the client and wires the forms to it.
 *
 * @param {{ address: string, username: string, password: string }} broker What the fields show first.
 */
export async function startConsole(broker) {
  show(texts.status.loading, 'connecting');
  address.value = broker.address;
  username.value = broker.username;
  password.value = broker.password;
  try {
    await init();
  } catch {
    return show(texts.status.notLoaded, 'problem');
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
  show(texts.status.closed, 'closed');
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
      show(String(error), 'problem');
    }
  });
}

/** @param {MqttClient} client */
function connect(client) {
  const broker = parseAddress(address.value, location.protocol === 'https:');
  if (broker.error !== null) return show(texts.address[broker.error] ?? broker.error, 'problem');
  const user = username.value || broker.username;
  shownBroker = broker.shown;
  address.value = shownBroker;
  if (user === undefined) return client.connect({ url: broker.urls });
  const options = { url: broker.urls, username: user };
  return client.connect({ ...options, password: password.value || (broker.password ?? '') });
}

/** @param {MqttClient} client */
function subscribe(client) {
  const filter = element('filter', HTMLInputElement).value;
  const problem = filterProblem(filter);
  if (problem !== null) return show(texts.topic[problem] ?? problem, 'problem');
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
  button.setAttribute('aria-label', texts.console.unsubscribe(filter));
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
  if (problem !== null) return show(texts.topic[problem] ?? problem, 'problem');
  const qos = /** @type {0 | 1 | 2} */ (Number(element('qos', HTMLSelectElement).value));
  const { checked: retain } = element('retain', HTMLInputElement);
  client.publish(topic, element('payload', HTMLInputElement).value, qos, retain);
  const isConnected = client.state === 'connected';
  return show(texts.status[isConnected ? 'published' : 'queued'](topic), client.state);
}

/**
 * @param {MqttClient} client
 * @param {MqttEvent} event
 */
function tell(client, event) {
  const { state } = client;
  switch (event.type) {
    case 'connecting':
      return show(texts.status.connecting, state);
    case 'connected':
      return show(texts.status.connected(shownBroker), state);
    case 'disconnected':
      return tellEnd(event, state);
    case 'subscribed':
      return show(texts.status.subscribed(event.filter, event.qos), state);
    case 'subscribeFailed':
      return show(texts.status.notSubscribed(event.filter), 'problem');
    case 'publishFailed':
      return show(texts.status.notPublished(element('topic', HTMLInputElement).value), 'problem');
    case 'messagesDropped':
      return show(texts.status.dropped(event.count), 'problem');
    case 'published':
    case 'unsubscribed':
    case 'warning':
      return undefined;
  }
}

/**
 * @param {Extract<MqttEvent, { type: 'disconnected' }>} event
 * @param {string} state
 */
function tellEnd({ reason, retryInMs }, state) {
  const why = texts.reasons[reason.code] ?? reason.message;
  if (retryInMs === null) return show(why, reason.code === 'closed' ? state : 'problem');
  return show(texts.status.waiting(why, Math.ceil(retryInMs / 1000)), 'waiting');
}

/**
 * @param {string} text
 * @param {string} state A `ConnectionState`, or `problem`.
 */
function show(text, state) {
  status.textContent = text;
  status.dataset.state = state;
}
