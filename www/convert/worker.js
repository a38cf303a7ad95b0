// @ts-check
/** Opens and changes a project beside the page, which ends this worker when it takes too long. */
import { CannotConvert, countBlocks, openProject } from './sb3.js';

/** @typedef {Parameters<import('./sb3.js').OldProject['convert']>[0]} Options */
/** @typedef {{ bytes: ArrayBuffer } | { counted: ArrayBuffer } | { options: Options }} Question */
/** @typedef {{ count?: number, found?: import('./sb3.js').Found, bytes?: Uint8Array<ArrayBuffer>, problem?: import('./sb3.js').Problem }} Answer */

/** @type {import('./sb3.js').OldProject | undefined} */
let project;

/** @param {MessageEvent<Question>} event */
globalThis.onmessage = ({ data }) => {
  globalThis.postMessage(answer(data));
};

/** @param {Question} question @returns {Answer} */
function answer(question) {
  try {
    if ('options' in question) return { bytes: project?.convert(question.options) };
    if ('counted' in question) return { count: countBlocks(new Uint8Array(question.counted)) };
    project = openProject(new Uint8Array(question.bytes));
    return { found: project.found };
  } catch (error) {
    return { problem: error instanceof CannotConvert ? error.problem : 'broken' };
  }
}
