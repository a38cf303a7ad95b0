// @ts-check

/** What casts values as Scratch does. @typedef {{ toString(value: unknown): string, toNumber(value: unknown): number }} Cast */

/**
 * The editor's own Cast where there is one; a number is 0 for everything that is none, as in Scratch.
 *
 * @param {import('../editors/support/scratch.js').ScratchApi['Cast']} [editor]
 * @returns {Cast}
 */
export const casting = (editor) => ({
  toString: (value) => (editor ? editor.toString(value) : String(value)),
  toNumber: (value) => (editor?.toNumber ? editor.toNumber(value) : Number(value) || 0),
});
