// @ts-check
/**
 * The official editor on a website, below any path: its build asks for some of its files at the root of the server. What
 * is changed is written beside it and into the changed file, as its license asks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EDITOR, EDITOR_SOURCE, editorDir } from './editor.mjs';
import { Problem } from './run.mjs';

export const SCRIPT = 'scratch-gui-standalone.js';
/** What was changed, when, and where the source is; pages lead there. */
export const TERMS = 'SOURCE.txt';
/** When {@link CHANGES} were made. */
const DATE = '2026-11-30';

/** Where the page is that the script runs on. */
const HERE = 'document.baseURI';
/** Each stands in the script once. @type {readonly { what: string, from: string, to: string }[]} */
const CHANGES = [
  {
    what: 'where it finds its pictures, and the parts that it loads later',
    from: ',__webpack_require__.p="/"',
    to: `,__webpack_require__.p=new URL("./",${HERE}).href`,
  },
  {
    what: 'where it finds the worker that fetches costumes and sounds',
    from: '__nested_webpack_require_105636__.p="/"',
    to: `__nested_webpack_require_105636__.p=new URL("./",${HERE}).href`,
  },
  {
    what: 'where it finds what sees faces',
    from: 'solutionPath:"/chunks/mediapipe/face_detection"',
    to: `solutionPath:new URL("chunks/mediapipe/face_detection",${HERE}).href`,
  },
];

/** The changed script, and what is said of it, by their names in the folder of the editor. */
export function changedEditor() {
  const official = readFileSync(join(editorDir, SCRIPT), 'utf8');
  return { [SCRIPT]: notice() + changed(official), [TERMS]: terms() };
}

/** @param {string} script */
export function changed(script) {
  return CHANGES.reduce((text, { what, from, to }) => {
    const parts = text.split(from);
    if (parts.length !== 2) {
      throw new Problem(
        `In ${SCRIPT} of ${EDITOR.name} ${EDITOR.version}, ${from} stands ${parts.length - 1} times and not once. ` +
          `It says ${what}: look at what this version has instead, and change scripts/site-editor.mjs.`,
      );
    }
    return parts.join(to);
  }, script);
}

const notice = () =>
  `/*! ${EDITOR.name} ${EDITOR.version}, ${EDITOR.license}, changed on ${DATE} for Scratch MQTT: see ${TERMS} */\n`;

function terms() {
  const list = CHANGES.map(
    ({ what, from, to }) => `* ${what}:\n    ${from}\n  became\n    ${to}\n`,
  );
  return `The Scratch editor on this website is ${EDITOR.name} ${EDITOR.version}, a work of the Scratch Foundation.

License: ${EDITOR.license}. Its text is in LICENSE, and what is said about the names of Scratch in TRADEMARK, both beside this file.
Whose code is in it stands in ${SCRIPT}.LICENSE.txt and extension-worker.js.LICENSE.txt.

Source: ${EDITOR_SOURCE}
As it was built by its authors: npm pack ${EDITOR.name}@${EDITOR.version}
  ${EDITOR.integrity}

Changed on ${DATE}, in ${SCRIPT}, so that the editor runs below any path of a website; the first line of the file says so too:
${list.join('')}
Beside it are index.html and, one folder up, editor.js and what it loads: they open the editor and put the MQTT blocks into
its palette. They are part of Scratch MQTT, under MPL-2.0.
`;
}
