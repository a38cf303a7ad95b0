// @ts-check
/** Pupils who come by the start page, each with the project of the class. */
import { connect, payload, publish, say, whenClicked, whenFlag, whenMessage } from './blocks.js';
import { OfficialEditor } from './hosts/official-editor.js';
import { makeProject } from './project.js';

/**
 * @param {import('playwright-core').BrowserContext} browser
 * @param {string} start The address of the start page.
 * @param {{ name: string, group?: string }} pupil
 */
export async function joined(browser, start, { name, group }) {
  const page = await browser.newPage();
  await page.goto(`${start}?lang=en`);
  await page.getByLabel('Your name').fill(name);
  if (group !== undefined) await page.getByLabel('Your group').selectOption(group);
  await page.getByRole('button', { name: 'Open the editor', exact: true }).click();
  const editor = new OfficialEditor(name, page);
  await begin(editor);
  return editor;
}

/**
 * The editor is there: the project of the class is opened, and started. The cat says what comes on `chat`, and a click
 * on it publishes `hello`.
 *
 * @param {OfficialEditor} editor
 */
export async function begin(editor) {
  await editor.page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  const scripts = [
    [whenFlag(), connect('class')],
    [whenMessage('chat'), say(payload())],
    [whenClicked(), publish('hello', 'chat')],
  ];
  await editor.loadProject(makeProject({ sprites: { Cat: { scripts } } }));
  await editor.greenFlag();
}
