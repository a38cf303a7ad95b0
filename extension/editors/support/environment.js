// @ts-check
// What the page, the worker or the sandbox offers. Everything is looked for, nothing is assumed.
import { DEFAULT_BROKER } from '../../blocks/ids.js';
import { casting } from '../../blocks/casting.js';
import { ClassServer, scriptOf } from '../../class/class-server.js';
import { languageOf } from '../../texts/languages.js';
import { Logins } from '../../login/logins.js';
import { placesOf } from '../../login/places.js';
import { pupilOf } from '../../class/pupil.js';
import { PracticeBroker } from '../../practice/practice-broker.js';
import { watchLocalNetwork } from '../../status/local-network.js';

/** @typedef {import('./scratch.js').Runtime} Runtime */
/** @typedef {import('./scratch.js').ScratchApi} ScratchApi */

/** Where this script came from. */
const SCRIPT = scriptOf(new Error().stack);

/**
 * The broker that a page came with.
 *
 * @typedef {object} OwnBroker
 * @property {string} name what is typed to connect to it
 * @property {readonly string[]} places where it listens
 */

/**
 * @typedef {object} Environment
 * @property {Runtime} [runtime] absent in a sandbox
 * @property {boolean} takesLateAnswers whether a hat in a sandbox, whose answer comes later, can ever run
 * @property {ReturnType<typeof casting>} cast
 * @property {string} defaultBroker of the connect block
 * @property {string | null} docs the page about the blocks, which stands beside the script
 * @property {OwnBroker | null} ownBroker
 * @property {ClassServer} classServer
 * @property {PracticeBroker} practice
 * @property {import('../../class/pupil.js').Pupil} pupil who sits here, if the page knows
 * @property {() => import('../../texts/languages.js').Language} locale of the texts
 * @property {() => boolean} isSecurePage whether the browser blocks `ws://` here
 * @property {ReturnType<typeof watchLocalNetwork>} isDenied whether the browser keeps the page from there
 * @property {() => boolean} isOnline
 * @property {Logins} logins that this browser keeps
 * @property {Document} [document] of a page that can show a dialog
 * @property {boolean} hasButtons whether a button in the palette does something
 * @property {(() => void) | null} refreshPalette makes the editor ask for the blocks again
 * @property {boolean} showsStatus whether the page itself says how the connection is
 * @property {((url: string) => Promise<boolean>) | null} canFetch asks the user; `null`: no need to
 * @property {((request: ConnectRequest) => Promise<string[]>) | null} mayConnect the same, on our own editor page:
 *   which of the places
 */

/**
 * Where a project wants to connect, and the user name of the login of this computer that would go there.
 *
 * @typedef {{ places: string[], username: string | null }} ConnectRequest
 */

/**
 * @param {Partial<ScratchApi>} scratch the global `Scratch`; kept, since some editors take it away again
 * @param {Runtime} [runtime] what the editor gave to the constructor
 * @param {any} [page] the global object
 * @returns {Environment}
 */
export function detectEnvironment(scratch, runtime, page = globalThis) {
  const { canFetch } = scratch;
  const isSecurePage = () => /^(blob:)?https:/.test(pageAddress(page));
  const ownRuntime = runtime || (scratch.vm && scratch.vm.runtime);
  const document = page.HTMLDialogElement && page.document;
  const manager = scratch.vm?.extensionManager;
  const { broker, classServer, mayConnect, places, name, room, showsStatus } =
    page.scratchMqttDefaults || {};
  return {
    runtime: ownRuntime,
    // The sandboxes that offer no casts are as old as the fault that lets such hats hang.
    takesLateAnswers: Boolean(scratch.Cast),
    cast: casting(scratch.Cast),
    defaultBroker: String(broker || DEFAULT_BROKER),
    docs: docsBeside(SCRIPT),
    ownBroker: broker ? ownBroker(String(broker), places) : null,
    classServer: new ClassServer(page, { announced: classServer || null, script: SCRIPT }),
    practice: new PracticeBroker(page, SCRIPT),
    pupil: pupilOf({ name, room }),
    // The editor's language first: it can be another than that of the browser, and it can change.
    locale: () =>
      languageOf([
        scratch.vm?.getLocale?.() || scratch.translate?.language,
        ...(page.navigator?.languages || [page.navigator?.language]),
      ]),
    isSecurePage,
    logins: new Logins(page),
    document,
    showsStatus: Boolean(showsStatus),
    // The official editor shows a button, and does nothing when it is pressed.
    hasButtons: Boolean(document && ownRuntime?.handleExtensionButtonPress),
    refreshPalette: manager?.refreshBlocks ? () => void manager.refreshBlocks?.() : null,
    isDenied: watchLocalNetwork(page, isSecurePage),
    isOnline: () => page.navigator?.onLine !== false,
    canFetch: canFetch
      ? (url) =>
          Promise.resolve()
            .then(() => canFetch.call(scratch, url))
            .then(Boolean, () => false)
      : null,
    mayConnect: mayConnect || null,
  };
}

/** Without `URL`, which an editor need not have. @param {string | null} script its address, if it has one */
export const docsBeside = (script) =>
  script && script.replace(/\/[^/?#]*(?:[?#].*)?$/, '/docs/reference/blocks.html');

/** @param {string} name @param {readonly string[]} [places] @returns {OwnBroker} */
const ownBroker = (name, places = placesOf([name])) => ({ name, places });

/**
 * The address that decides what may be opened: a sandboxed frame has none of its own, and takes its
 * parent's as the base of its links.
 *
 * @param {any} page
 * @returns {string}
 */
function pageAddress(page) {
  const own = String(page.location?.href || '');
  return own.startsWith('about:') ? String(page.document?.baseURI || own) : own;
}
