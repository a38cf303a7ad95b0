// @ts-check
/** The first page of the website: what the blocks are, a project to try, and the ways into other editors. */
import { showBuild } from './build-name.js';
import { copies } from './copying.js';
import { element, make } from './dom.js';
import { jsonAt } from './json.js';
import { openIn } from './open-in.js';
import { isPublic } from './public-address.js';
import { PAGE_LANGUAGES, ownNameOf } from '../extension/texts/languages.js';
import { fillTexts, language, text } from './texts.js';

/** So many versions are listed; `versions.json` has all. */
const MOST_VERSIONS = 5;

const here = new URL('./', document.baseURI);
const site = {
  script: at('mqtt.js'),
  module: at('mqtt.mjs'),
  project: at('examples/projects/two-sprites.sb3'),
};

fillTexts();
for (const picture of document.querySelectorAll('[data-alt]')) {
  const key = picture.getAttribute('data-alt');
  picture.setAttribute('alt', text(/** @type {import('./texts.js').TextKey} */ (key)));
}
for (const link of document.querySelectorAll('[data-about]')) {
  const editor = link.getAttribute('data-about') ?? '';
  link.setAttribute('aria-label', `${link.textContent} (${editor})`);
}
offerLanguages();
keepLanguage();
element('extension', HTMLInputElement).value = site.script;
copies('extension');
document.documentElement.dataset.filled = '';
const [said, versions] = await Promise.all([jsonAt('site.json'), jsonAt('versions.json')]);
offerEditors(said?.address);
offerReleases(said?.releases);
listVersions(versions);
await showBuild();

/** @param {string} file */
function at(file) {
  return new URL(file, here).href;
}

/** Each language under its own name. */
function offerLanguages() {
  const choice = element('language', HTMLSelectElement);
  choice.append(
    ...PAGE_LANGUAGES.map((one) => new Option(ownNameOf(one), one, false, one === language)),
  );
  choice.addEventListener('change', () => {
    location.search = new URLSearchParams({ lang: choice.value }).toString();
  });
}

/** The editor and the tools open in the language of this page. */
function keepLanguage() {
  for (const link of document.querySelectorAll('[data-project], [data-tools], #open-editor')) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    link.search = `${new URLSearchParams([...new URLSearchParams(link.search), ['lang', language]])}`;
  }
}

/** @param {string | undefined} address where the samples say that the blocks are */
function offerEditors(address) {
  const isReached = isPublic(here);
  const hasSamples = address === here.href;
  element('not-reached').hidden = isReached;
  element('no-address').hidden = !isReached || hasSamples;
  for (const link of document.querySelectorAll('[data-open], [data-open-empty]')) {
    const sample = link.getAttribute('data-open');
    const editor = sample ?? link.getAttribute('data-open-empty') ?? '';
    const target = openIn(editor, site, sample !== null);
    if (target !== undefined) link.setAttribute('href', target);
    link.toggleAttribute('hidden', target === undefined || (sample !== null && !hasSamples));
    link.setAttribute('aria-label', `${link.textContent} (${nameOf(link)})`);
  }
}

/** The editor that a link is for, as its heading says. @param {Element} link */
function nameOf(link) {
  return link.closest('li')?.querySelector('h3')?.textContent ?? '';
}

/** @param {string | undefined} address */
function offerReleases(address) {
  const link = element('releases', HTMLAnchorElement);
  link.hidden = address === undefined;
  if (address !== undefined) link.href = address;
}

/** @param {{ following?: Record<string, string>, versions?: { folder: string }[] } | undefined} found */
function listVersions(found) {
  const following = Object.keys(found?.following ?? {}).map((range) => `v/${range}/`);
  const fixed = (found?.versions ?? []).map(({ folder }) => folder);
  const folders = [...fixed.slice(0, MOST_VERSIONS), ...following];
  element('versions').replaceChildren(
    ...folders.map((folder) => make('li', {}, make('code', { text: at(`${folder}mqtt.js`) }))),
  );
}
