// @ts-check
/** Says at the end of a page which build it is, so that a report can name it. */
import { element } from './dom.js';
import { jsonAt } from './json.js';
import { text } from './texts.js';

export async function showBuild() {
  const { build } = (await jsonAt(new URL('build.json', import.meta.url))) ?? {};
  if (typeof build !== 'string') return;
  const line = element('build');
  line.textContent = text('page.build', { build });
  line.hidden = false;
}
