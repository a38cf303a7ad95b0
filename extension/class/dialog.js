// @ts-check
import { makeModal } from '../login/modal.js';

/** @typedef {import('../client/types.js').BrokerAddress} BrokerAddress */
/** @typedef {import('../texts/texts.js').TextKey} TextKey */
/** @typedef {import('../texts/texts.js').Values} Values */

const FORM = `<dialog dir="auto" aria-labelledby="title" aria-describedby="hint"><form>
  <h2 id="title"></h2><p id="hint"></p>
  <label><span></span><input id="server" dir="ltr" required spellcheck="false" autocomplete="off" inputmode="url"></label>
  <p id="note" role="status"></p>
  <p class="row"><button></button><button type="button" id="cancel"></button></p>
</form></dialog>`;

/** @type {[string, TextKey[]][]} */
const TEXTS = [
  ['h2', ['class.title']],
  ['#hint', ['class.hint']],
  ['span', ['class.address']],
  ['button', ['login.save', 'login.cancel']],
];

/**
 * Asks for the address of the class server. Esc means that nobody here knows it.
 *
 * @param {object} page
 * @param {Document} page.document
 * @param {string} page.before what the field shows first
 * @param {(text: string) => BrokerAddress} page.parse
 * @param {(key: TextKey, values?: Values) => string} page.text
 * @param {AbortSignal} page.signal when the question is of no use any more
 * @returns {Promise<string | null>}
 */
export function showClassDialog({ document, before, parse, text, signal }) {
  const { root, dialog, element } = makeModal({ document, form: FORM, texts: TEXTS, text });
  const field = element('server');
  field.value = before;
  return new Promise((resolve) => {
    /** @type {string | null} */
    let answer = null;
    root.querySelector('form')?.addEventListener('submit', (event) => {
      event.preventDefault();
      const address = brokerOf(field.value);
      const { error, port, shown } = parse(address);
      if (error) {
        element('note').textContent = text(`address.${error}`, {
          port,
          broker: shown,
          example: '192.168.1.20:8000',
        });
        field.focus();
      } else {
        // Without a password: that is kept as a login.
        answer = shown;
        dialog.close();
      }
    });
    element('cancel').addEventListener('click', () => dialog.close());
    signal.addEventListener('abort', () => dialog.close());
    dialog.addEventListener('close', () => resolve(answer));
    dialog.showModal();
    field.focus();
  });
}

/** People copy the address of a page of the class server too. @param {string} typed */
function brokerOf(typed) {
  const [, secure = '', place] = /^http(s?):\/\/([^/?#\s]+)/i.exec(typed.trim()) ?? [];
  return place ? `ws${secure}://${place}/mqtt` : typed.trim();
}
