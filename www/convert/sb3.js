// @ts-check
/** Project files (`.sb3`): opened, told apart from everything else that people choose, and written. */
import { strFromU8 } from 'fflate';
import { MOST_BYTES, entryWith, readArchive, textOf, writeArchive } from './archive.js';
import { CannotConvert } from './problem.js';
import { convert, countOurs, inspect } from './project.js';

export { MOST_BYTES } from './archive.js';
export { CannotConvert } from './problem.js';

/** @typedef {import('./project.js').Found} Found */
/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./problem.js').Problem} Problem */

/** A project file that has blocks of CodeLab. */
export class OldProject {
  /**
   * @param {Map<string, import('./archive.js').Entry>} files
   * @param {Project} project
   * @param {Found} found
   */
  constructor(files, project, found) {
    /** @private */
    this.files = files;
    /** @private */
    this.project = project;
    this.found = found;
  }

  /**
   * The file with our blocks.
   *
   * @param {Parameters<typeof convert>[1]} options
   * @returns {Uint8Array<ArrayBuffer>}
   */
  convert(options) {
    const text = JSON.stringify(convert(this.project, options));
    const files = [...this.files.values()];
    return writeArchive(
      files.map((file) => (file.name === 'project.json' ? entryWith(file, text) : file)),
    );
  }
}

/**
 * Opens a project file.
 *
 * @param {Uint8Array} bytes
 * @returns {OldProject}
 * @throws {CannotConvert}
 */
export function openProject(bytes) {
  return named(() => opened(bytes));
}

/**
 * Looks at a project file that stays as it is.
 *
 * @param {Uint8Array} bytes
 * @returns {number} how many blocks for MQTT it has, ours and those of CodeLab
 * @throws {CannotConvert}
 */
export function countBlocks(bytes) {
  return named(() => countOurs(read(bytes).project));
}

/** @param {Uint8Array} bytes @returns {OldProject} */
function opened(bytes) {
  const { files, project } = read(bytes);
  const found = inspect(project);
  if (found.count === 0) throw new CannotConvert('no-blocks');
  return new OldProject(files, project, found);
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  if (bytes.length === 0) throw new CannotConvert('empty');
  if (bytes.length > MOST_BYTES) throw new CannotConvert('too-large');
  if (!startsWith(bytes, 'PK')) throw new CannotConvert(problemOfOther(bytes));
  const files = readArchive(bytes);
  const json = files.get('project.json');
  if (!json) throw new CannotConvert(files.has('sprite.json') ? 'sprite' : 'not-a-project');
  const project = JSON.parse(textOf(json));
  if (!isScratch3(project)) {
    throw new CannotConvert(isScratch2(project) ? 'older-scratch' : 'not-a-project');
  }
  return { files, project };
}

/** What fails in any other way is damaged. @template T @param {() => T} look @returns {T} */
function named(look) {
  try {
    return look();
  } catch (error) {
    if (error instanceof CannotConvert) throw error;
    throw new CannotConvert('broken');
  }
}

/** What is wrong with a file that is no archive. @param {Uint8Array} bytes @returns {Problem} */
function problemOfOther(bytes) {
  if (startsWith(bytes, 'ScratchV')) return 'older-scratch';
  try {
    const project = JSON.parse(strFromU8(bytes));
    if (isScratch3(project)) return 'only-json';
    if (isScratch2(project)) return 'older-scratch';
  } catch {
    // Neither an archive nor JSON.
  }
  return 'not-a-project';
}

/** @param {any} project @returns {project is Project} */
const isScratch3 = (project) => Array.isArray(project?.targets);

/** @param {any} project */
const isScratch2 = (project) => typeof project?.objName === 'string';

/** @param {Uint8Array} bytes @param {string} text */
const startsWith = (bytes, text) => strFromU8(bytes.subarray(0, text.length), true) === text;
