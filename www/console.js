// @ts-check
/** A small MQTT console on `MqttClient`. */
import init, { MqttClient, filterProblem, parseAddress, topicProblem } from './split/mqtt.mjs';
import { element } from './dom.js';
import { MessageList } from './messages.js';
import { text } from './texts.js';

/** @typedef {import('../src/browser/types.js').MqttEvent} MqttEvent */

const status = element('status');
const username = element('username', HTMLInputElement);
const password = element('password', HTMLInputElement);
const address = element('address', HTMLInputElement);
/** The broker of the last connect, as it may be shown. */
let place = { host: '', port: 0, broker: '' };

const EXAMPLE = 'mqtt.longan.link:8084/mqtt';

/**
 * Loads the client and wires the forms to it.
 *
 * @param {{ address: string, username: string, password: string }} broker What the fields show first.
 */
export async function startConsole(broker) {
  show(text('status.loading'), 'connecting');
  address.value = broker.address;
  username.value = broker.username;
  password.value = broker.password;
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
      show(String(error), 'problem');
    }
  });
}

/** @param {MqttClient} client */
function connect(client) {
  const broker = parseAddress(address.value, location.protocol === 'https:');
  if (broker.error !== null) {
    const values = { port: broker.port, example: EXAMPLE };
    return show(text(`address.${broker.error}`, values), 'problem');
  }
  const user = username.value || broker.username;
  place = { host: broker.host, port: broker.port, broker: broker.shown };
  address.value = broker.shown;
  if (user === undefined) return client.connect({ url: broker.urls });
  const options = { url: broker.urls, username: user };
  return client.connect({ ...options, password: password.value || (broker.password ?? '') });
}

/** @param {MqttClient} client */
function subscribe(client) {
  const filter = element('filter', HTMLInputElement).value;
  const problem = filterProblem(filter);
  if (problem !== null) return show(text(`topic.${problem}`, { topic: filter }), 'problem');
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
      return show(text('state.connecting', place), state);
    case 'connected':
      return show(text('state.connected', place), state);
    case 'disconnected':
      return tellEnd(event, state);
    case 'subscribed':
      return show(text('status.subscribed', { topic: event.filter, qos: event.qos }), state);
    case 'subscribeFailed':
      return show(text('subscribe.refused', { topic: event.filter }), 'problem');
    case 'publishFailed':
      if (event.topic) return show(text('publish.ended', { topic: event.topic }), 'problem');
      return show(text('status.notPublished'), 'problem');
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
 * @param {Extract<MqttEvent, { type: 'disconnected' }>} event
 * @param {string} state
 */
function tellEnd({ reason, retryInMs }, state) {
  const { code, reasonCode = 0 } = reason;
  const why = text(sentenceOf(code), { ...place, code: `0x${reasonCode.toString(16)}` });
  if (retryInMs === null) return show(why, code === 'closed' ? state : 'problem');
  const retry = text('hint.retry', { seconds: Math.ceil(retryInMs / 1000) });
  return show([why, retry].join(text('separator')), 'waiting');
}

/**
 * Why a connection ended: the block "connection status" says it in the same words.
 *
 * @param {import('../src/browser/types.js').CloseReason['code']} code
 */
function sentenceOf(code) {
  switch (code) {
    case 'closed':
      return 'state.closed';
    case 'never-opened':
      return 'reason.unreachable';
    case 'refused':
      return 'reason.login';
    case 'session-in-use':
      return 'reason.name-in-use';
    case 'name-in-use':
      return 'reason.name-guess';
    default:
      return /** @type {const} */ (`reason.${code}`);
  }
}

/**
 * @param {string} sentence
 * @param {string} state A `ConnectionState`, or `problem`.
 */
function show(sentence, state) {
  status.textContent = sentence;
  status.dataset.state = state;
}
