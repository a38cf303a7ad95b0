// @ts-check

/** @typedef {'empty' | 'not-a-project' | 'broken' | 'too-large' | 'too-long' | 'only-json' | 'older-scratch' | 'sprite' | 'no-blocks'} Problem */

/** A file that cannot be changed; `problem` says why. */
export class CannotConvert extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem);
    this.problem = problem;
  }
}
