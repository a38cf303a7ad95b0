// @ts-check
import { STYLE } from './style.js';

/** @typedef {import('../texts.js').TextKey} TextKey */
/** @typedef {import('../texts.js').Values} Values */
/** @typedef {import('../types.js').BrokerAddress} BrokerAddress */

/** Keys that are typed here are none of the project's, and none of the editor's. */
const EVENTS = ['keydown', 'keyup', 'keypress', 'copy', 'cut', 'paste'];

const FORM = `<dialog aria-labelledby="title" aria-describedby="hint"><form>
  <h2 id="title"></h2><p id="hint"></p>
  <label><span></span><input id="broker" required spellcheck="false" autocomplete="off"></label>
  <label><span></span><input id="user" required spellcheck="false" autocomplete="off"></label>
  <label><span></span><input id="password" type="password" autocomplete="new-password"></label>
  <fieldset><legend></legend>
    <label class="choice"><input type="radio" name="keep" checked><span></span></label>
    <label class="choice"><input type="radio" name="keep" id="computer"><span></span></label>
  </fieldset>
  <p id="note" role="status"></p>
  <p class="row"><button></button><button type="button" id="forget"></button><button type="button" id="cancel"></button></p>
</form></dialog>`;

/** The texts, in the order of the elements that show them. @type {[string, TextKey[]][]} */
const TEXTS = [
  ['h2', ['login.title']],
  ['#hint', ['login.hint']],
  ['span', ['login.broker', 'login.user', 'login.password', 'login.tab', 'login.computer']],
  ['legend', ['login.keep']],
  ['button', ['login.save', 'login.forget', 'login.cancel']],
];

/** The dialog that is open. @type {HTMLElement | null} */
let shown = null;

/**
 * Asks for the login of a broker, and lets the browser keep it.
 *
 * @param {object} page
 * @param {Document} page.document
 * @param {import('./logins.js').Logins} page.logins
 * @param {string} page.broker what the field shows first
 * @param {(text: string) => BrokerAddress} page.parse
 * @param {(key: TextKey, values?: Values) => string} page.text
 */
export function showLoginDialog({ document, logins, broker, parse, text }) {
  if (shown) return;
  // The styles of the host's page end at the shadow.
  const host = (shown = document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  root.innerHTML = `<style>${STYLE}</style>${FORM}`;
  for (const [selector, keys] of TEXTS) {
    root.querySelectorAll(selector).forEach((element, index) => {
      const key = keys[index];
      if (key) element.textContent = text(key);
    });
  }
  /** @param {string} id @returns {any} */
  const element = (id) => root.getElementById(id);
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector('dialog'));
  const [brokerField, user, password] = ['broker', 'user', 'password'].map(element);
  const hostOf = () => parse(brokerField.value).host;

  const describe = () => {
    const name = hostOf();
    const known = name ? logins.find(name) : null;
    if (known && !user.value) user.value = known.username;
    element('forget').hidden = !known;
    element('note').textContent = known ? text('login.known', { broker: name }) : '';
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const { error, host: name, port, shown: typed } = parse(brokerField.value);
    const login = { username: user.value, password: password.value };
    if (error) {
      element('note').textContent = text(`address.${error}`, { port, broker: typed });
      brokerField.focus();
    } else if (logins.keep(name, login, element('computer').checked)) {
      dialog.close();
    } else {
      element('note').textContent = text('login.blocked');
    }
  };

  brokerField.value = broker;
  brokerField.addEventListener('input', describe);
  element('forget').addEventListener('click', () => {
    logins.forget(hostOf());
    dialog.close();
  });
  element('cancel').addEventListener('click', () => dialog.close());
  root.querySelector('form')?.addEventListener('submit', save);
  dialog.addEventListener('close', () => {
    host.remove();
    shown = null;
  });
  for (const type of EVENTS) host.addEventListener(type, (event) => event.stopPropagation());
  document.body.append(host);
  describe();
  dialog.showModal();
  (broker ? user : brokerField).focus();
}
