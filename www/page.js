// @ts-check
/** The start page: texts, the ways to load the blocks, the local broker; the console is its own module. */
import { bookmarkOf } from './bookmark.js';
import { offerPrograms } from './board-kit.js';
import { loginOfBoards } from './board-login.js';
import { showBuild } from './build-name.js';
import { copies } from './copying.js';
import { element } from './dom.js';
import { jsonAt } from './json.js';
import { PAGE_LANGUAGES, ownNameOf } from '../extension/texts/languages.js';
import { offerToJoin } from './pupil.js';
import { fillTexts, language, text } from './texts.js';

const PUBLIC_BROKER = {
  address: 'wss://mqtt.longan.link:8084/mqtt',
  username: 'guest',
  password: 'test',
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

fillTexts();
offerLanguages();
offerToCopy('extension', built('mqtt.js'));
offerBookmark();
showBuild();
await import('./converter.js').then(
  ({ startConverter }) => startConverter(),
  () => complain('convert-status', 'convert.notLoaded'),
);
const broker = (await findLocalBroker()) ?? PUBLIC_BROKER;
await import('./console/console.js').then(
  async ({ startConsole }) => offerSamples(await startConsole(broker)),
  // A browser without WebAssembly, or a build that is missing: the rest of the page is of use still.
  () => complain('status', 'status.notLoaded'),
);

/** @param {string} id @param {import('./texts.js').TextKey} key */
function complain(id, key) {
  const status = element(id);
  status.textContent = text(key);
  status.dataset.state = 'problem';
  status.hidden = false;
}

/** They connect to the broker of this page, so they are for nobody else. @param {{ listen: () => void } | undefined} console */
function offerSamples(console) {
  element('first').hidden = broker === PUBLIC_BROKER;
  for (const link of document.querySelectorAll('#first a')) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    link.search = `${new URLSearchParams([...new URLSearchParams(link.search), ['lang', language]])}`;
    link.addEventListener('click', () => console?.listen());
  }
  if (broker !== PUBLIC_BROKER) element('open-editor').classList.add('quiet');
}

/** Each language under its own name; the editor opens in the one that was chosen. */
function offerLanguages() {
  const choice = element('language', HTMLSelectElement);
  choice.append(
    ...PAGE_LANGUAGES.map((one) => new Option(ownNameOf(one), one, false, one === language)),
  );
  choice.addEventListener('change', () => {
    location.search = new URLSearchParams({ lang: choice.value }).toString();
  });
  const editor = element('open-editor', HTMLAnchorElement);
  editor.href += location.search;
}

/** @param {string} file of those that were built */
function built(file) {
  return new URL(file, document.baseURI).href;
}

/** Dragged to the bookmarks bar, or copied where that cannot be done. It does nothing on this page. */
function offerBookmark() {
  const plugin = built('plugin.js');
  const bookmark = element('bookmark', HTMLAnchorElement);
  bookmark.href = bookmarkOf(plugin, {
    noEditor: text('bookmark.noEditor'),
    notLoaded: text('bookmark.notLoaded', { address: plugin }),
  });
  bookmark.addEventListener('click', (event) => {
    event.preventDefault();
    element('bookmark-address-copied').textContent = text('bookmark.here');
  });
  offerToCopy('bookmark-address', bookmark.href);
}

/** @param {string} id of the field, and the start of the ids beside it @param {string} value */
function offerToCopy(id, value) {
  element(id, HTMLInputElement).value = value;
  copies(id);
}

/** The broker of `npm start`, shown and offered; `undefined` on any other server. */
async function findLocalBroker() {
  const local = await jsonAt('local.json');
  // A website says only what its editor connects to, and has another first page.
  const home = element('home', HTMLAnchorElement);
  home.hidden = local?.broker === undefined;
  home.search = location.search;
  if (local?.webSocketPort === undefined) return undefined;
  const { webSocketPort, tcpPort, host, needsWord } = local;
  const { hostname } = location;
  const isHere = LOOPBACK.includes(hostname);
  // A board with localhost looks for the broker in itself.
  const forOthers = isHere ? (host ?? hostname) : hostname;
  element('local-ws').textContent = `ws://${forOthers}:${webSocketPort}/mqtt`;
  element('local-tcp').textContent = `mqtt://${forOthers}:${tcpPort}`;
  const login = needsWord ? 'local.word' : 'local.explanation';
  element('local-explanation').textContent = text(login);
  element('local-closed').hidden = !isHere || host !== null;
  element('local').hidden = false;
  const page = element('local-class', HTMLAnchorElement);
  page.href = `class${location.search}`;
  // On other computers it does not open.
  page.hidden = !isHere;
  const groups = await offerToJoin();
  // Few boards can look up a name like scratch-mqtt.local.
  const reached = host ?? (isHere ? null : hostname);
  offerPrograms({ host: reached, tcpPort, groups, login: needsWord ? await loginOfBoards() : {} });
  copies('kit-program');
  const address = `ws://${hostname}:${webSocketPort}/mqtt`;
  return { address, username: '', password: '', isOwn: true };
}
