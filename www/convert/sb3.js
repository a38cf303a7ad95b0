// @ts-check
/** Project files (`.sb3`): opened, told apart from everything else that people choose, and written. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { convert, inspect } from './project.js';

/** @typedef {import('./project.js').Found} Found */
/** @typedef {import('./project.js').Project} Project */
/** @typedef {'empty' | 'not-a-project' | 'broken' | 'too-large' | 'only-json' | 'older-scratch' | 'sprite' | 'no-blocks'} Problem */

/** The most bytes of a file, packed and unpacked: a phone has to hold them several times. */
export const MOST_BYTES = 100_000_000;

/** What is compressed already would take time to compress again, and gain nothing. */
const COMPRESSED = /\.(gif|jpe?g|mp3|png)$/i;

/** A file that cannot be changed; `problem` says why. */
export class CannotConvert extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem);
    this.problem = problem;
  }
}

/** A project file that has blocks of CodeLab. */
export class OldProject {
  /**
   * @param {Record<string, Uint8Array>} files
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
    const project = convert(this.project, options);
    const files = { ...this.files, 'project.json': strToU8(JSON.stringify(project)) };
    return zipSync(
      Object.fromEntries(
        Object.entries(files).map(([name, bytes]) => [
          name,
          [bytes, { level: COMPRESSED.test(name) ? 0 : 6 }],
        ]),
      ),
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
  try {
    return opened(bytes);
  } catch (error) {
    if (error instanceof CannotConvert) throw error;
    throw new CannotConvert('broken');
  }
}

/** @param {Uint8Array} bytes @returns {OldProject} */
function opened(bytes) {
  if (bytes.length === 0) throw new CannotConvert('empty');
  if (bytes.length > MOST_BYTES) throw new CannotConvert('too-large');
  if (!startsWith(bytes, 'PK')) throw new CannotConvert(problemOfOther(bytes));
  const files = unpacked(bytes);
  const json = files['project.json'];
  if (!json) throw new CannotConvert(files['sprite.json'] ? 'sprite' : 'not-a-project');
  const project = JSON.parse(strFromU8(json));
  if (!isScratch3(project)) {
    throw new CannotConvert(isScratch2(project) ? 'older-scratch' : 'not-a-project');
  }
  const found = inspect(project);
  if (found.count === 0) throw new CannotConvert('no-blocks');
  return new OldProject(files, project, found);
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

/** @param {Uint8Array} bytes */
function unpacked(bytes) {
  let total = 0;
  return unzipSync(bytes, {
    filter({ originalSize }) {
      total += originalSize;
      if (total > MOST_BYTES) throw new CannotConvert('too-large');
      return true;
    },
  });
}

/** @param {any} project @returns {project is Project} */
const isScratch3 = (project) => Array.isArray(project?.targets);

/** @param {any} project */
const isScratch2 = (project) => typeof project?.objName === 'string';

/** @param {Uint8Array} bytes @param {string} text */
const startsWith = (bytes, text) => strFromU8(bytes.subarray(0, text.length), true) === text;
