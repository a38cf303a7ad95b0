// @ts-check
/** An MQTT console on `MqttClient`: its connection, and what is sent; `messages-view.js` shows what comes. */
import init, {
  MqttClient,
  filterProblem,
  matches,
  parseAddress,
  topicProblem,
} from '../split/mqtt.mjs';
import { element, say } from '../dom.js';
import {
  addressSentence,
  leadsTo,
  publishSentence,
  reasonSentences,
  subscribeSentence,
  thrownSentence,
} from '../../extension/status/reasons.js';
import { nodeOf, nodesOf } from '../../extension/status/nodes.js';
import { SmallBoards } from '../../extension/status/small-boards.js';
import { NextLesson } from '../next-lesson.js';
import { text } from '../texts.js';
import { MessagesView } from './messages-view.js';
import { toSend } from './model/payload.js';
import { remember, rememberedIn } from './model/saved.js';
import { offerSavedBrokers, storage } from './saved-brokers.js';
import { Subscriptions } from './subscriptions.js';

/** @typedef {import('../../dist/pkg/mqtt.js').MqttEvent} MqttEvent */
/** @typedef {import('./model/payload.js').Format} Format */
/** @typedef {{ address: string, username: string, password: string, isOwn?: boolean }} FirstBroker */

/** What is said of a text that is nothing like what it shall be sent as. */
const NOT_SENT = /** @type {const} */ ({
  number: 'send.not.number',
  json: 'send.not.json',
  hex: 'publish.bad-bytes',
});
/** How many kept messages are cleared at once: so many may wait to be sent. */
const MOST_CLEARED = 500;

const status = element('status');
const username = element('username', HTMLInputElement);
const password = element('password', HTMLInputElement);
const address = element('address', HTMLInputElement);
/** The broker of the last connect, as it may be shown. */
/** @type {import('../../extension/status/status.js').Broker & { hasLogin: boolean }} */
let broker = { host: '', port: 0, shown: '', isSecure: true, hasLogin: false };
/** Which of several there is a connection to. @type {import('../../extension/status/nodes.js').Node | null} */
let node = null;
/** What was sent to this broker, and boards may not get. */
const smallBoards = new SmallBoards();
/** The topic of what was sent last. @type {string | null} */
let lastTopic = null;
/** The page's own broker. @type {import('../../extension/editors/support/environment.js').OwnBroker | null} */
let own = null;
/** Asks for the word of the class server that this page came from. @type {NextLesson | undefined} */
let nextLesson;

/**
 * Loads the client and wires the forms to it.
 *
 * @returns {Promise<{ listen: () => void } | undefined>} what connects and subscribes as the fields say; nothing where
 *   the client is missing
 * @param {FirstBroker} first what the fields show, unless this tab had another broker before it was loaded again
 */
export async function startConsole(first) {
  show(text('status.loading'), 'connecting');
  own = first.isOwn ? { name: first.address, places: placesOf(first.address) } : null;
  const tab = storage('sessionStorage');
  const before = rememberedIn(tab);
  fillIn(before.broker ?? first, first);
  // A broker of one's own has no strangers' messages.
  if (own) element('filter', HTMLInputElement).value = '#';
  try {
    await init();
  } catch {
    show(text('status.notLoaded'), 'problem');
    return undefined;
  }
  const client = new MqttClient();
  const messages = new MessagesView({
    matches,
    answer: answerOn,
    clearKept: (topics) =>
      topics.slice(0, MOST_CLEARED).filter((topic) => send(client, topic, '', 1, true)),
  });
  const subscriptions = new Subscriptions(client, keep);
  client.onmessage = (message) => messages.receive(message);
  client.onevent = (event) => onEvent(client, event);
  const connectAndKeep = () => {
    connect(client);
    keep();
  };
  if (own) askForNextWord(() => client.state === 'closed' && connectAndKeep());
  onSubmit('connect', connectAndKeep);
  onSubmit('subscribe', () => subscribe(subscriptions));
  onSubmit('publish', () => publish(client));
  element('disconnect').addEventListener('click', () => client.disconnect());
  offerSavedBrokers({ typed: typedBroker, choose: (one) => fillIn(one, first) });
  for (const filter of before.filters) {
    if (filterProblem(filter) === null) subscriptions.add(filter);
  }
  // Until here a click would have reloaded the page.
  element('controls', HTMLFieldSetElement).disabled = false;
  show(text('state.closed'), 'closed');
  return {
    listen: () => {
      if (client.state === 'closed') connectAndKeep();
      subscribe(subscriptions);
    },
  };

  /** For a page that is loaded again. */
  function keep() {
    const shown = broker.shown
      ? { address: broker.shown, username: username.value }
      : before.broker;
    remember(tab, { broker: shown, filters: subscriptions.filters });
  }
}

/** The broker of this page has a port of its own, and that of the page. @param {string} ownAddress */
function placesOf(ownAddress) {
  const { origin, protocol } = new URL(ownAddress);
  return [origin, `${protocol}//${location.host}`];
}

/** @param {() => unknown} goOn */
function askForNextWord(goOn) {
  nextLesson = new NextLesson(goOn);
  // It may have been said in another tab.
  document.addEventListener('visibilitychange', () => {
    if (nextLesson?.isWordNeeded && !document.hidden) void nextLesson.look();
  });
}

/** @param {import('./model/saved.js').SavedBroker} one @param {FirstBroker} first its password is no secret */
function fillIn(one, first) {
  const isFirst = one.address === first.address && one.username === first.username;
  address.value = one.address;
  username.value = one.username;
  password.value = isFirst ? first.password : '';
}

/** @param {string} form @param {() => void} action */
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

/** What stands in the fields, without a password. @returns {import('./model/saved.js').SavedBroker | null} */
function typedBroker() {
  const found = addressIn(address.value);
  return found && { address: found.shown, username: username.value || (found.username ?? '') };
}

/** The address in a text; `null`, and a sentence, when there is none. @param {string} typed */
function addressIn(typed) {
  const parse = (/** @type {string} */ one) => parseAddress(one, location.protocol === 'https:');
  const found = parse(typed);
  if (found.error === null) return found;
  show(sentence(addressSentence(found, parse, own)), 'problem');
  return null;
}

/** @param {MqttClient} client */
function connect(client) {
  const found = addressIn(address.value);
  if (found === null) return undefined;
  const { host, port, shown, urls } = found;
  const user = username.value || found.username;
  const isSecure = urls.every((url) => url.startsWith('wss:'));
  const nodes = nodesOf(found);
  broker = { host, port, shown, isSecure, hasLogin: user !== undefined, nodes };
  node = null;
  lastTopic = null;
  smallBoards.clear();
  showSmallBoards();
  address.value = shown;
  if (user === undefined) return client.connect({ url: urls });
  return client.connect({
    url: urls,
    username: user,
    password: password.value || (found.password ?? ''),
  });
}

/** @param {Subscriptions} subscriptions */
function subscribe(subscriptions) {
  const filter = element('filter', HTMLInputElement).value;
  const problem = filterProblem(filter);
  if (problem !== null) return show(text(`topic.${problem}`, { topic: filter }), 'problem');
  lastTopic = filter;
  return subscriptions.add(filter);
}

/** @param {MqttClient} client */
function publish(client) {
  const topic = element('topic', HTMLInputElement).value;
  const problem = topicProblem(topic);
  if (problem !== null) return show(text(`topic.${problem}`, { topic }), 'problem');
  const format = /** @type {Format} */ (element('send-format', HTMLSelectElement).value);
  const payload = toSend(element('payload', HTMLInputElement).value, format);
  if (payload === null) {
    return show(text(NOT_SENT[/** @type {keyof typeof NOT_SENT} */ (format)]), 'problem');
  }
  const qos = /** @type {0 | 1 | 2} */ (Number(element('qos', HTMLSelectElement).value));
  return send(client, topic, payload, qos, element('retain', HTMLInputElement).checked);
}

/**
 * @param {MqttClient} client
 * @param {string} topic
 * @param {string | Uint8Array} payload
 * @param {0 | 1 | 2} qos
 * @param {boolean} retain
 * @returns {boolean} whether the client took it; what happened is said
 */
function send(client, topic, payload, qos, retain) {
  try {
    client.publish(topic, payload, qos, retain);
  } catch (error) {
    show(sentence(thrownSentence(error)), 'problem');
    return false;
  }
  lastTopic = topic;
  smallBoards.note(topic, payload, retain);
  showSmallBoards();
  const isConnected = client.state === 'connected';
  show(text(isConnected ? 'status.published' : 'status.queued', { topic }), client.state);
  return true;
}

/** Stays until the next connect: other news take the place of what the status says. */
function showSmallBoards() {
  const words = smallBoards.sentences(broker).map(sentence).join(text('separator'));
  const place = element('small-boards');
  say(place, words);
  place.hidden = words === '';
}

/** The next message goes to this topic. @param {string} topic */
function answerOn(topic) {
  element('topic', HTMLInputElement).value = topic;
  element('payload', HTMLInputElement).select();
}

/**
 * @param {MqttClient} client
 * @param {MqttEvent} event
 */
function onEvent(client, event) {
  const { state } = client;
  switch (event.type) {
    case 'connecting':
      return show(sentence({ key: 'state.connecting' }), state);
    case 'connected':
      node = broker.nodes ? nodeOf(String(broker.nodes.urls[event.address])) : null;
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
  const left = node ? { ...broker, ...node, nodes: undefined } : broker;
  const circumstances = {
    broker: left,
    hasLogin,
    isOnline: navigator.onLine,
    lastTopic: topic,
    own,
  };
  node = null;
  const sentences = reasonSentences(reason, circumstances).map(sentence);
  if (retryInMs !== null) {
    sentences.push(text('hint.retry', { seconds: Math.max(1, Math.ceil(retryInMs / 1000)) }));
  }
  const ended = reason.code === 'closed' ? state : 'problem';
  show(sentences.join(text('separator')), retryInMs === null ? ended : 'waiting');
  if (reason.code === 'refused' && own && leadsTo(own, broker)) void tellNextLesson();
}

/** Whether that is why it was refused. */
async function tellNextLesson() {
  await nextLesson?.look();
  if (nextLesson?.isWordNeeded) show(text('status.nextLesson'), 'problem');
}

/** @param {import('../../extension/status/status.js').Sentence} one */
function sentence({ key, values }) {
  const { host, port } = node ?? broker.nodes ?? broker;
  return text(key, { host, port, broker: node?.shown ?? broker.shown, ...values });
}

/**
 * @param {string} words
 * @param {string} state A `ConnectionState`, or `problem`.
 */
function show(words, state) {
  status.textContent = words;
  status.dataset.state = state;
}
