// @ts-check
/** The start page: texts, the address of the extension, the local broker; the console is its own module. */
import { element } from './dom.js';
import { texts } from './texts.js';

const PUBLIC_BROKER = {
  address: 'wss://mqtt.longan.link:8084/mqtt',
  username: 'guest',
  password: 'test',
};

fillTexts();
offerExtension();
const broker = (await findLocalBroker()) ?? PUBLIC_BROKER;
await import('./console.js').then(
  ({ startConsole }) => startConsole(broker),
  // A browser without WebAssembly, or a build that is missing: the rest of the page is of use still.
  () => {
    const status = element('status');
    status.textContent = texts.status.notLoaded;
    status.dataset.state = 'problem';
  },
);

function fillTexts() {
  for (const one of document.querySelectorAll('[data-text]')) {
    one.textContent = textOf(one.getAttribute('data-text'));
  }
  for (const one of document.querySelectorAll('[data-label]')) {
    one.setAttribute('aria-label', textOf(one.getAttribute('data-label')));
  }
}

/** @param {string | null} path For example `console.title`. */
function textOf(path) {
  /** @type {any} */
  let found = texts;
  for (const key of (path ?? '').split('.')) found = found?.[key];
  return String(found);
}

function offerExtension() {
  const address = element('extension', HTMLInputElement);
  address.value = new URL('mqtt.js', document.baseURI).href;
  address.addEventListener('focus', () => address.select());
  element('copy', HTMLButtonElement).addEventListener('click', async () => {
    const copied = await navigator.clipboard?.writeText(address.value).then(
      () => true,
      () => false,
    );
    // Without https or localhost there is no clipboard: the text is selected instead.
    if (copied !== true) address.focus();
    element('copied').textContent = copied === true ? texts.blocks.copied : texts.blocks.notCopied;
  });
}

/** The broker of `npm start`, shown and offered; `undefined` on any other server. */
async function findLocalBroker() {
  const response = await fetch('local.json').catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const { webSocketPort, tcpPort } = await response.json();
  const address = `ws://${location.hostname}:${webSocketPort}/mqtt`;
  element('local-ws').textContent = address;
  element('local-tcp').textContent = `mqtt://${location.hostname}:${tcpPort}`;
  element('local').hidden = false;
  return { address, username: '', password: '' };
}
