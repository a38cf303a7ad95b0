// @ts-check
/**
 * The official Scratch editor with our blocks in its palette.
 *
 * | in the address | what |
 * |---|---|
 * | `?lang=zh-cn` | the language; default: the browser's |
 * | `?project=examples/room.sb3` | the project to open, asked for when it is of another website; default: the cat |
 * | `?name=Ada` | who sits here, for the class server only; default: nobody |
 * | `?group=Red` | the first room of each project; default: none |
 *
 * The editor's own loader runs an extension in a Web Worker, where none of its blocks can be called
 * (scratch-vm #3267). This page loads it unsandboxed, by the contract of TurboWarp.
 */
import { askToConnect } from './ask.js';
import { showChip } from './chip.js';
import { element } from './dom.js';
import { jsonAt } from './json.js';
import { answerButtons } from './palette-buttons.js';
import { keepButtonsAtEdge } from './palette-edge.js';
import { Permissions } from './permissions.js';
import { projectAt } from './foreign-project.js';
import { publicAddresses, recordAddresses } from './public-address.js';
import { changeLanguage, fillTexts, text } from './texts.js';

const EXTENSION_ID = 'scratchmqtt';

/** The scripts of our extensions by id: our blocks, and those of CodeLab for old projects. */
const FILES = Object.entries({ [EXTENSION_ID]: 'mqtt.js', iot: 'iot.js' });
const SCRIPTS = new Map(FILES.map(([id, file]) => [id, new URL(file, import.meta.url).href]));

/** @type {any} */
const page = globalThis;
/** What our scripts registered, by id. @type {Map<string, any>} */
const registered = new Map();
const notice = element('notice');
const query = new URLSearchParams(location.search);

fillTexts();
if (page.GUI === undefined) complain(text('editor.missing'));
else await open().catch((error) => complain(`${text('editor.failed')} ${error.message}`));

async function open() {
  const own = await ownBroker();
  showTerms(own?.terms);
  // The editor has small letters in the names of all its languages but one.
  const locale = query.get('lang')?.toLowerCase().replace('-hira', '-Hira');
  const state = new page.GUI.EditorState({ locale });
  const permissions = new Permissions({
    own: own?.places ?? [],
    ask: (request, signal) => askToConnect({ ...request, project: titleIn(state) }, signal),
    storage: storageOfTab(),
  });
  page.scratchMqttDefaults = {
    ...own,
    name: query.get('name'),
    room: query.get('group'),
    mayConnect: permissions.mayConnect.bind(permissions),
    // The chip.
    showsStatus: true,
  };
  followLanguage(state);
  const app = element('app');
  page.GUI.setAppElement(app);
  keepButtonsAtEdge(app);
  /** @type {Promise<void> | undefined} */
  let opened;
  page.GUI.createStandaloneRoot(state, app).render({
    projectId: '0',
    canSave: false,
    basePath: './',
    /** @param {any} vm */
    onVmInit: (vm) => {
      // The editor says it again when it changes its language.
      if (page.vm === vm) return;
      // For tests, and for whoever is curious in the console of the browser.
      page.vm = vm;
      acceptOurExtensions(vm);
      answerButtons(vm, () => registered.get(EXTENSION_ID));
      recordAddresses(vm, publicAddresses(FILES, publicSite()));
      // An old project ends before the next one is read, and each has its own answers.
      for (const end of ['RUNTIME_DISPOSED', 'PROJECT_LOADED']) {
        vm.runtime.on(end, () => permissions.forget());
      }
      vm.runtime.on('PROJECT_START', () => permissions.startAgain());
    },
    onProjectLoaded: () => {
      opened ??= ready(page.vm, { permissions, state, own: own?.classServer && own.broker }).catch(
        (error) => complain(error.message),
      );
    },
  });
}

/** Whoever uses the editor on a website finds there what its license is and where its source. @param {string} [address] */
function showTerms(address) {
  if (address === undefined) return;
  element('editor-terms', HTMLAnchorElement).href = address;
  element('editor-terms').hidden = false;
}

/** The name of the project, as the editor shows it. @param {any} state */
const titleIn = ({ store }) => String(store?.getState()?.scratchGui?.projectTitle ?? '');

/** Where everybody finds the scripts: whoever publishes them names it in the page; else they are where the page is. */
function publicSite() {
  const named = document.querySelector('meta[name="public-site"]')?.getAttribute('content');
  return named || import.meta.url;
}

/** None where the browser keeps nothing. */
function storageOfTab() {
  try {
    return page.sessionStorage;
  } catch {
    return undefined;
  }
}

/** A broker of this computer has three names. @param {string} address */
function namesOf(address) {
  const { hostname, origin, port } = new URL(address);
  const loopback = ['localhost', '127.0.0.1', '[::1]'];
  return loopback.includes(hostname) ? loopback.map((name) => `ws://${name}:${port}`) : [origin];
}

/**
 * What this page came with. A class server says the name of its broker, which projects save, its address, and where it
 * listens. A website says the name of a broker that needs no server, and where the terms of the editor are. On another
 * server the extension has its own default.
 *
 * @returns {Promise<{ broker: string, places: string[], classServer?: string, terms?: string } | undefined>}
 */
async function ownBroker() {
  const local = await jsonAt(new URL('local.json', import.meta.url));
  if (local?.broker !== undefined) {
    return { broker: local.broker, places: [], terms: new URL(local.terms, import.meta.url).href };
  }
  const server = local && (await jsonAt(new URL('class.json', import.meta.url)));
  if (server === undefined) return undefined;
  const classServer = new URL(server.mqtt, import.meta.url).href.replace(/^http/, 'ws');
  const older = `ws://${location.hostname}:${local.webSocketPort}/mqtt`;
  const places = [...new Set([classServer, older].flatMap(namesOf))];
  return { broker: 'class', classServer, places };
}

/**
 * @param {any} vm
 * @param {{ permissions: Permissions, state: any, own: string | undefined }} of `own`: the broker of the class server
 */
async function ready(vm, { permissions, state, own }) {
  await vm.extensionManager.loadExtensionURL(EXTENSION_ID);
  showChip(registered.get(EXTENSION_ID), own);
  const project = query.get('project');
  if (project !== null) {
    const found = await projectAt(project);
    if (found !== undefined) {
      await vm.loadProject(found.file);
      // What it is saved as.
      state.store.dispatch({ type: 'projectTitle/SET_PROJECT_TITLE', title: found.name });
    }
    if (found?.own !== undefined) permissions.remember(found.own);
  }
  notice.hidden = true;
  document.body.dataset.ready = 'true';
}

/** What this page adds is in the language that the editor's menu chooses. @param {any} state */
function followLanguage({ store }) {
  let before = '';
  store.subscribe(() => {
    const now = String(store.getState().locales?.locale ?? '');
    if (now !== '' && now !== before) void changeLanguage(now);
    before = now;
  });
}

/**
 * A saved project names its extensions by id only, so the id has to lead to the script too.
 *
 * @param {any} vm
 */
function acceptOurExtensions(vm) {
  const manager = vm.extensionManager;
  const official = manager.loadExtensionURL.bind(manager);
  /** @type {Map<string, Promise<void>>} */
  const loading = new Map();
  // One after the other: each script finds its editor in the same global variable.
  let last = Promise.resolve();
  /** @param {string} idOrUrl */
  manager.loadExtensionURL = (idOrUrl) => {
    const url = SCRIPTS.get(idOrUrl) ?? idOrUrl;
    if (![...SCRIPTS.values()].includes(url)) return official(idOrUrl);
    const before = loading.get(url);
    if (before) return before;
    const loaded = last.then(() => loadUnsandboxed(vm, url));
    last = loaded.catch(() => {});
    loading.set(url, loaded);
    return loaded;
  };
}

/**
 * @param {any} vm
 * @param {string} url
 * @returns {Promise<void>}
 */
function loadUnsandboxed(vm, url) {
  const manager = vm.extensionManager;
  return new Promise((resolve, reject) => {
    const before = page.Scratch;
    page.Scratch = {
      ...constants(),
      vm,
      extensions: {
        unsandboxed: true,
        /** @param {any} extension */
        register: (extension) => {
          const service = manager._registerInternalExtension(extension);
          const { id } = extension.getInfo();
          manager._loadedExtensions.set(id, service);
          registered.set(id, extension);
          resolve();
        },
      },
    };
    const script = document.createElement('script');
    script.src = url;
    script.onerror = () => reject(new Error(text('editor.noExtension')));
    script.onload = () => {
      page.Scratch = before;
      reject(new Error(text('editor.noExtension')));
    };
    document.body.append(script);
  });
}

/** What scratch-vm gives to extensions; the names are part of the format of projects. */
function constants() {
  return {
    ArgumentType: {
      ANGLE: 'angle',
      BOOLEAN: 'Boolean',
      COLOR: 'color',
      IMAGE: 'image',
      MATRIX: 'matrix',
      NOTE: 'note',
      NUMBER: 'number',
      STRING: 'string',
    },
    BlockType: {
      BOOLEAN: 'Boolean',
      BUTTON: 'button',
      COMMAND: 'command',
      CONDITIONAL: 'conditional',
      EVENT: 'event',
      HAT: 'hat',
      LOOP: 'loop',
      REPORTER: 'reporter',
    },
    TargetType: { SPRITE: 'sprite', STAGE: 'stage' },
  };
}

/** @param {string} sentence */
function complain(sentence) {
  element('notice-text').textContent = sentence;
  const close = element('notice-close');
  close.addEventListener('click', () => showNotice(false));
  close.hidden = false;
  notice.classList.add('problem');
  showNotice(true);
}

/** @param {boolean} isShown */
function showNotice(isShown) {
  notice.hidden = !isShown;
  // The editor has more room, or less.
  dispatchEvent(new Event('resize'));
}
