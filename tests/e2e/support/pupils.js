// @ts-check
/** Pupils who come by the start page, each with the same project. */
import { connect, payload, publish, say, whenClicked, whenFlag, whenMessage } from './blocks.js';
import { OfficialEditor } from './editors/official-editor.js';
import { makeProject } from './project.js';

/** The cat says what comes on `chat`, and a click on it publishes `hello`. */
export const PROJECT = makeProject({
  sprites: {
    Cat: {
      scripts: [
        [whenFlag(), connect('class')],
        [whenMessage('chat'), say(payload())],
        [whenClicked(), publish('hello', 'chat')],
      ],
    },
  },
});

/**
 * @param {import('playwright-core').BrowserContext} browser
 * @param {string} start The address of the start page.
 * @param {{ name: string, group?: string, isGiven?: boolean }} pupil `isGiven`: the teacher gave the project
 */
export async function joined(browser, start, { name, group, isGiven = false }) {
  const page = await browser.newPage();
  await page.goto(`${start}?lang=en`);
  await page.getByLabel('Your name').fill(name);
  if (group !== undefined) await page.getByLabel('Your group').selectOption(group);
  await page.getByRole('button', { name: 'Open the editor', exact: true }).click();
  const editor = new OfficialEditor(name, page);
  await begin(editor, isGiven);
  return editor;
}

/**
 * The editor is there: the project of the class is opened, unless it was by the page itself, and started.
 *
 * @param {OfficialEditor} editor
 * @param {boolean} [isGiven]
 */
export async function begin(editor, isGiven = false) {
  await editor.page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  if (!isGiven) await editor.loadProject(PROJECT);
  await editor.greenFlag();
}
