// @ts-check
/** Says of each broker whether this network lets a page reach it, in the words of the status. */
import init, { MqttClient, parseAddress } from './split/mqtt.mjs';
import { nodesOf } from '../extension/status/nodes.js';
import { addressSentence, reasonSentences } from '../extension/status/reasons.js';
import { copies } from './copying.js';
import { element } from './dom.js';
import { fillTexts, language, text } from './texts.js';

/** @typedef {import('../extension/status/status.js').Broker} Broker */
/** @typedef {import('../extension/status/status.js').Sentence} Sentence */
/** @typedef {ReturnType<typeof parseAddress>} Address */

/** So many brokers are tested, one after the other. */
const MOST = 10;
/** How long a message may be on its way, in seconds. */
const BACK_SECONDS = 10;
/** Brokers of others, at the usual ports of `wss://`. */
const EXAMPLES = [
  'wss://mqtt.longan.link:8084/mqtt',
  'wss://broker.hivemq.com:8884/mqtt',
  'wss://test.mosquitto.org:8081/mqtt',
];

const status = element('status');
const start = element('start', HTMLButtonElement);
const addresses = element('addresses', HTMLTextAreaElement);
const results = element('results', HTMLTextAreaElement);

fillTexts();
element('home', HTMLAnchorElement).search = `${new URLSearchParams({ lang: language })}`;
copies('results');
addresses.value ||= EXAMPLES.join('\n');
await init().then(
  () => (start.disabled = false),
  () => show(text('status.notLoaded'), 'problem'),
);
element('test', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void testAll();
});

async function testAll() {
  const typed = addresses.value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (typed.length === 0) return show(text('network.noneTyped'), 'problem');
  if (typed.length > MOST) return show(text('network.tooMany', { most: MOST }), 'problem');
  start.disabled = true;
  results.value = '';
  element('result').hidden = false;
  for (const one of typed) {
    show(text('network.running', { address: one }), 'connecting');
    const said = await tested(one);
    results.value += `${one}\n  ${said}\n`;
  }
  show(text('network.done'), 'closed');
  start.disabled = false;
}

/** @param {string} typed @returns {Promise<string>} what came of it */
function tested(typed) {
  /** @param {string} one */
  const parse = (one) => parseAddress(one, location.protocol === 'https:');
  const found = parse(typed);
  if (found.error === null) return reached(found);
  return Promise.resolve(sentence(addressSentence(found, parse, null), found));
}

/** Connects, and waits for a message of its own. @param {Address} found @returns {Promise<string>} */
function reached(found) {
  const { host, port, shown, urls, ...login } = found;
  const username = element('username', HTMLInputElement).value || login.username;
  const password = element('password', HTMLInputElement).value || login.password || '';
  const isSecure = urls.every((url) => url.startsWith('wss:'));
  const broker = { host, port, shown, isSecure, nodes: nodesOf(found) };
  const topic = `scratch-mqtt/test/${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  const client = new MqttClient();
  const began = performance.now();
  const since = () => Math.round(performance.now() - began);
  return new Promise((resolve) => {
    let connected = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let waiting;
    /** @param {string} said */
    const end = (said) => {
      clearTimeout(waiting);
      client.onevent = null;
      client.onmessage = null;
      client.free();
      resolve(said);
    };
    client.onmessage = () => end(text('network.works', { connected, back: since() - connected }));
    client.onevent = (event) => {
      if (event.type === 'connected') {
        connected = since();
        client.subscribe(topic, 1);
        client.publish(topic, 'test', 1, false);
        waiting = setTimeout(
          () => end(text('network.notBack', { connected, seconds: BACK_SECONDS })),
          BACK_SECONDS * 1000,
        );
      } else if (event.type === 'disconnected') {
        const circumstances = {
          broker,
          hasLogin: username !== undefined,
          isOnline: navigator.onLine,
          lastTopic: null,
          own: null,
        };
        const sentences = reasonSentences(event.reason, circumstances);
        end(sentences.map((one) => sentence(one, broker)).join(text('separator')));
      }
    };
    client.connect({
      url: urls,
      reconnect: false,
      ...(username !== undefined && { username, password }),
    });
  });
}

/** @param {Sentence} one @param {Pick<Broker, 'host' | 'port' | 'shown' | 'nodes'>} broker */
function sentence({ key, values }, { shown, nodes, ...own }) {
  const { host, port } = nodes ?? own;
  return text(key, { host, port, broker: shown, ...values });
}

/** @param {string} words @param {string} state */
function show(words, state) {
  status.textContent = words;
  status.dataset.state = state;
}
