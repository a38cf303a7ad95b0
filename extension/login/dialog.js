// @ts-check
import { makeModal } from './modal.js';
import { placesOf } from './places.js';

/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {import('../texts/texts.js').Values} Values */

const FORM = `<dialog dir="auto" aria-labelledby="title" aria-describedby="hint"><form>
  <h2 id="title"></h2><p id="hint"></p>
  <label><span></span><input id="broker" dir="ltr" required spellcheck="false" autocomplete="off" aria-describedby="where"></label>
  <p id="where" role="status"></p>
  <label><span></span><input id="user" dir="ltr" required spellcheck="false" autocomplete="off"></label>
  <label><span></span><input id="password" dir="ltr" type="password" autocomplete="new-password"></label>
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

/** Whether the dialog is open. */
let isShown = false;

/**
 * Asks for the login of a broker, and lets the browser keep it.
 *
 * @param {object} page
 * @param {Document} page.document
 * @param {import('./logins.js').Logins} page.logins
 * @param {string} page.broker what the field shows first
 * @param {import('../client/connection.js').Connection['parse']} page.parse
 * @param {(key: TextKey, values?: Values) => string} page.text
 */
export function showLoginDialog({ document, logins, broker, parse, text }) {
  if (isShown) return;
  isShown = true;
  const { root, dialog, element } = makeModal({ document, form: FORM, texts: TEXTS, text });
  const [brokerField, user, password] = ['broker', 'user', 'password'].map(element);
  /** What the fields stand for: where the login may go, and what is kept for it. */
  const read = () => {
    const { error, host: name, urls, port, shown: typed } = parse(brokerField.value);
    const places = placesOf(urls);
    const older = error ? null : logins.findOlder(name);
    const known = places.map((place) => logins.find(place)).find(Boolean) || older;
    return { error, name, places, older, known, values: { port, broker: typed } };
  };

  const describe = () => {
    const { name, places, older, known } = read();
    const where = places.join(', ');
    if (known && !user.value) user.value = known.username;
    // That there is one; the password itself is shown to nobody.
    password.placeholder = known ? '••••••' : '';
    element('forget').hidden = !known;
    element('where').textContent = where && text('login.places', { broker: where });
    const note = known === older ? 'login.older' : 'login.known';
    element('note').textContent = known ? text(note, { broker: name }) : '';
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const { error, name, places, older, known, values } = read();
    const username = user.value;
    // Who changes nothing but where it goes need not know the password.
    const isKnown = known && known.username === username && password.value === '';
    const login = { username, password: isKnown ? known.password : password.value };
    if (error) {
      element('note').textContent = text(`address.${error}`, values);
      brokerField.focus();
    } else if (logins.keep(places, login, element('computer').checked)) {
      // It has its place now.
      if (older?.username === username) logins.forgetOlder(name);
      dialog.close();
    } else {
      element('note').textContent = text('login.blocked');
    }
  };

  brokerField.value = broker;
  brokerField.addEventListener('input', describe);
  element('forget').addEventListener('click', () => {
    const { name, places } = read();
    logins.forget([name, ...places]);
    dialog.close();
  });
  element('cancel').addEventListener('click', () => dialog.close());
  root.querySelector('form')?.addEventListener('submit', save);
  dialog.addEventListener('close', () => (isShown = false));
  describe();
  dialog.showModal();
  (broker ? user : brokerField).focus();
}
