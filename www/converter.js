// @ts-check
/** The part of the start page that changes projects of CodeLab; nothing leaves the computer. */
import { CannotConvert, MOST_BYTES } from './convert/sb3.mjs';
import { element } from './dom.js';
import { ProjectWork } from './project-work.js';
import { text } from './texts.js';

/** @typedef {import('./convert/sb3.js').Found} Found */

const file = element('old-project', HTMLInputElement);
const status = element('convert-status');
const result = element('convert-result');
const strip = element('strip', HTMLInputElement);
const save = element('convert-save', HTMLAnchorElement);
const open = element('convert-open', HTMLAnchorElement);

/** How many sprites and logins are named, and how much of each name: a project may hold any number. */
const MOST_NAMES = 10;
const LONGEST_NAME = 60;

/** The work on the project that was chosen last. @type {ProjectWork | undefined} */
let work;
/** Ready for the first one. @type {ProjectWork | undefined} */
let ready;
/** How many new files were wanted. */
let files = 0;
/** What is in it. @type {Found | undefined} */
let found;

/** Wires the form. */
export function startConverter() {
  file.addEventListener('change', choose);
  strip.addEventListener('change', offer);
  save.addEventListener('click', () => {
    const isStripped = strip.checked && hasLogin();
    const sentences = [text('convert.saved', { file: save.download })];
    if (isStripped) sentences.push(text('convert.stripped'));
    show(sentences.join(' '), 'connected');
  });
  ready = new ProjectWork();
  file.disabled = false;
  // A browser keeps the choice when the page is loaded again.
  if (file.files?.length) return choose();
  return undefined;
}

function choose() {
  const [chosen] = file.files ?? [];
  work?.end();
  work = undefined;
  found = undefined;
  result.hidden = true;
  if (!chosen) {
    show('', 'closed');
    return undefined;
  }
  show(text('convert.reading'), 'connecting');
  return tryTo(async () => {
    if (chosen.size > MOST_BYTES) throw new CannotConvert('too-large');
    const bytes = await chosen.arrayBuffer();
    // Another file may have been chosen meanwhile.
    if (file.files?.[0] !== chosen) return;
    work = ready ?? new ProjectWork();
    ready = undefined;
    found = await work.open(bytes);
    describe(found);
    await makeFile();
    result.hidden = false;
  });
}

/** @param {Found} found */
function describe({ count, hasHiddenAddress, logins, sprites, unknown }) {
  const names = sprites.slice(0, MOST_NAMES).map(short);
  if (sprites.length > names.length) names.push('…');
  const sentences = [text('convert.found', { count, sprites: names.join(', ') })];
  if (unknown) sentences.push(text('convert.unknown', { count: unknown }));
  show(sentences.join(' '), 'connected');
  const lines = logins
    .slice(0, MOST_NAMES)
    .map(({ user, broker }) => text('convert.login', { user: short(user), broker: short(broker) }));
  if (logins.length > lines.length) lines.push('…');
  element('convert-logins').replaceChildren(
    ...lines.map((sentence) => {
      const line = document.createElement('p');
      line.textContent = sentence;
      return line;
    }),
  );
  element('convert-strip').hidden = logins.length === 0;
  element('convert-hint').textContent = text('convert.stripHint', { button: text('login.button') });
  element('convert-hidden').hidden = !hasHiddenAddress;
  strip.checked = true;
}

/** @param {string} name */
const short = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);

function offer() {
  return tryTo(makeFile);
}

/** Makes the new file, for saving and for the editor. The last one, perhaps with a login, is gone. */
async function makeFile() {
  const number = (files += 1);
  if (save.href) URL.revokeObjectURL(save.href);
  save.removeAttribute('href');
  open.removeAttribute('href');
  const extensionUrl = new URL('mqtt.js', document.baseURI).href;
  const bytes = await work?.convert({ stripsLogins: strip.checked && hasLogin(), extensionUrl });
  // Another was wanted meanwhile.
  if (!bytes || number !== files) return;
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/x.scratch.sb3' }));
  save.href = address;
  save.download = `${(file.files?.[0]?.name ?? 'project').replace(/\.\w+$/, '')}-mqtt.sb3`;
  const query = new URLSearchParams(location.search);
  query.set('project', address);
  open.href = `editor/?${query}`;
}

const hasLogin = () => found !== undefined && found.logins.length > 0;

/** Says what does not work. @param {() => Promise<void>} action */
async function tryTo(action) {
  try {
    await action();
  } catch (error) {
    work?.end();
    work = undefined;
    result.hidden = true;
    const problem = error instanceof CannotConvert ? error.problem : 'notLoaded';
    show(text(`convert.${problem}`, { most: MOST_BYTES / 1e6 }), 'problem');
  }
}

/** @param {string} sentence @param {string} state */
function show(sentence, state) {
  status.textContent = sentence;
  status.dataset.state = state;
  status.hidden = sentence === '';
}
