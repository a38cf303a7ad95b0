// @ts-check
/** The part of the start page that changes projects of CodeLab; nothing leaves the computer. */
import { CannotConvert, MOST_BYTES, openProject } from './convert/sb3.mjs';
import { element } from './dom.js';
import { text } from './texts.js';

/** @typedef {import('./convert/sb3.js').Problem} Problem */
/** @typedef {import('./convert/sb3.js').OldProject} OldProject */

const file = element('old-project', HTMLInputElement);
const status = element('convert-status');
const result = element('convert-result');
const strip = element('strip', HTMLInputElement);
const save = element('convert-save', HTMLAnchorElement);
const open = element('convert-open', HTMLAnchorElement);

/** The project that was chosen last. @type {OldProject | undefined} */
let project;

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
  file.disabled = false;
  // A browser keeps the choice when the page is loaded again.
  if (file.files?.length) return choose();
  return undefined;
}

async function choose() {
  const [chosen] = file.files ?? [];
  project = undefined;
  result.hidden = true;
  if (!chosen) return show('', 'closed');
  show(text('convert.reading'), 'connecting');
  try {
    if (chosen.size > MOST_BYTES) throw new CannotConvert('too-large');
    project = openProject(new Uint8Array(await chosen.arrayBuffer()));
  } catch (error) {
    return show(sentenceFor(error), 'problem');
  }
  describe(project);
  return offer();
}

/** @param {OldProject} one */
function describe({ found: { count, hasHiddenAddress, logins, sprites, unknown } }) {
  const sentences = [text('convert.found', { count, sprites: sprites.join(', ') })];
  if (unknown) sentences.push(text('convert.unknown', { count: unknown }));
  show(sentences.join(' '), 'connected');
  element('convert-logins').replaceChildren(
    ...logins.map((login) => {
      const line = document.createElement('p');
      line.textContent = text('convert.login', login);
      return line;
    }),
  );
  element('convert-strip').hidden = logins.length === 0;
  element('convert-hint').textContent = text('convert.stripHint', { button: text('login.button') });
  element('convert-hidden').hidden = !hasHiddenAddress;
  strip.checked = true;
  result.hidden = false;
}

/** Makes the new file, for saving and for the editor. */
function offer() {
  if (!project) return;
  const extensionUrl = new URL('mqtt.js', document.baseURI).href;
  const bytes = project.convert({ stripsLogins: strip.checked && hasLogin(), extensionUrl });
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/x.scratch.sb3' }));
  if (save.href) URL.revokeObjectURL(save.href);
  save.href = address;
  save.download = `${(file.files?.[0]?.name ?? 'project').replace(/\.\w+$/, '')}-mqtt.sb3`;
  const query = new URLSearchParams(location.search);
  query.set('project', address);
  open.href = `editor?${query}`;
}

const hasLogin = () => project !== undefined && project.found.logins.length > 0;

/** @param {unknown} error */
function sentenceFor(error) {
  const problem = error instanceof CannotConvert ? error.problem : 'broken';
  return text(`convert.${problem}`, { most: MOST_BYTES / 1e6 });
}

/** @param {string} sentence @param {string} state */
function show(sentence, state) {
  status.textContent = sentence;
  status.dataset.state = state;
  status.hidden = sentence === '';
}
