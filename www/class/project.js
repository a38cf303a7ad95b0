// @ts-check
/** The project of the lesson: a file that is chosen or dropped here, and that everybody who joins opens. */
import { element } from '../dom.js';
import { jsonAt } from '../json.js';
import { language, text } from '../texts.js';
import { post } from './post.js';

/** @typedef {{ name: string, size: number, blocks: number, address: string }} Project as `server/src/class/project.rs` answers */
/** @typedef {import('../convert/problem.js').Problem} Problem */

/** What the page of the converter says of a file is said here too, unless it is about changing it. */
const OWN_SENTENCES = ['too-large', 'older-scratch'];

const field = element('project', HTMLInputElement);
const said = element('project-said');
const remove = element('remove-project');

/** How many files were chosen: the last one counts. */
let chosen = 0;

/** Wires the field, the button, and the page that a file is dropped on. */
export function offerProject() {
  field.addEventListener('change', () => {
    take(field.files);
    // The same file may be chosen again when it was changed.
    field.value = '';
  });
  remove.addEventListener('click', async () => {
    const answer = await post('class/remove-project');
    if (answer?.ok !== true) return say('class.lost');
    showProject(null);
    return say('class.project.removed');
  });
  // Anywhere: beside the field the browser would leave this page for the file.
  for (const type of ['dragover', 'drop']) {
    document.addEventListener(type, (event) => {
      const files = /** @type {DragEvent} */ (event).dataTransfer;
      if (files?.types.includes('Files') !== true) return;
      event.preventDefault();
      if (type === 'drop') take(files.files);
    });
  }
}

/** @param {Project | null} project */
export function showProject(project) {
  remove.hidden = project === null;
  const wall = element('wall-project');
  wall.hidden = project === null;
  wall.textContent = project && text('join.project', { name: project.name });
  said.textContent = project === null ? text('class.project.hint') : describe(project);
}

/** @param {Project} project */
function describe({ name, size, blocks }) {
  const [unit, amount] = size < 1e6 ? ['kilobyte', size / 1e3] : ['megabyte', size / 1e6];
  const format = new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    maximumFractionDigits: amount < 10 ? 1 : 0,
  });
  return text('class.project.is', { name, size: format.format(amount), count: blocks });
}

/** @param {FileList | null} files */
async function take(files) {
  const [file] = files ?? [];
  if (!file) return;
  const number = (chosen += 1);
  said.textContent = text('convert.reading');
  const sentence = await send(file, () => number === chosen);
  // Another file may have been chosen meanwhile.
  if (number === chosen && sentence !== undefined) said.textContent = sentence;
}

/**
 * @param {File} file
 * @param {() => boolean} isWanted still
 * @returns {Promise<string | undefined>} what hinders
 */
async function send(file, isWanted) {
  const most = await mostBytes();
  if (most === undefined) return text('class.lost');
  const tooLarge = text('class.project.too-large', { most: most / 1e6 });
  if (file.size > most) return tooLarge;
  const blocks = await blocksIn(file);
  if (typeof blocks === 'string') return blocks;
  if (!isWanted()) return undefined;
  const query = `blocks=${blocks}&name=${encodeURIComponent(file.name)}`;
  const answer = await post(`class/project?${query}`, file);
  if (answer?.ok === true) showProject(await answer.json());
  else if (answer?.status === 413) return tooLarge;
  else if (answer?.status === 400) return text('convert.broken');
  else return text(answer === undefined ? 'class.lost' : 'class.project.failed');
  return undefined;
}

/** Unpacks it beside the page, as far as it is what it says. @param {File} file @returns {Promise<number | string>} */
async function blocksIn(file) {
  try {
    const { ProjectWork } = await import('../project-work.js');
    const work = new ProjectWork();
    try {
      return await work.count(await file.arrayBuffer());
    } finally {
      work.end();
    }
  } catch (error) {
    const problem = /** @type {{ problem?: Problem }} */ (error).problem;
    if (problem === undefined) return text('class.project.unread');
    const place = OWN_SENTENCES.includes(problem) ? 'class.project' : 'convert';
    const key = /** @type {import('../texts.js').TextKey} */ (`${place}.${problem}`);
    // An archive may be small and what is in it large: 100 MB is the most for the editor on a phone.
    return text(key, { most: 100 });
  }
}

/** @returns {Promise<number | undefined>} */
async function mostBytes() {
  return (await jsonAt('lesson.json'))?.most;
}

/** @param {import('../texts.js').TextKey} key */
function say(key) {
  said.textContent = text(key);
}
