// @ts-check
/** Links that open the blocks in editors of others; what each takes is in `docs/editors`. */

/**
 * @typedef {object} Site
 * @property {string} script the address of `mqtt.js`
 * @property {string} module that of `mqtt.mjs`
 * @property {string} project that of a sample project, which says where the blocks are
 */

/**
 * With the blocks, and perhaps a project. A project that says where the blocks are needs no second address of them: they would
 * be asked about twice.
 *
 * @type {Record<string, { empty: (site: Site) => string, sample?: (site: Site) => string }>}
 */
const EDITORS = {
  turbowarp: {
    empty: ({ script }) => withQuery('https://turbowarp.org/editor', { extension: script }),
    sample: ({ project }) => withQuery('https://turbowarp.org/editor', { project_url: project }),
  },
  // From an address that it does not know nothing loads but what a project brings.
  penguinmod: {
    empty: ({ script }) =>
      withQuery('https://studio.penguinmod.com/editor.html', { extension: script }),
    sample: ({ project }) =>
      withQuery('https://studio.penguinmod.com/editor.html', { project_url: project }),
  },
  xcratch: {
    empty: ({ module }) => withQuery('https://xcratch.github.io/editor/', { extension: module }),
    sample: ({ module, project }) =>
      `${withQuery('https://xcratch.github.io/editor/', { extension: module })}#${project}`,
  },
  // The bookmark brings the blocks; by their address hats would not run.
  codelab: { empty: () => 'https://addon.codelab.club/editor.html' },
};

/**
 * @param {string} editor
 * @param {Site} site
 * @param {boolean} hasProject
 * @returns {string | undefined} nothing where the editor opens no projects of others
 */
export function openIn(editor, site, hasProject) {
  const links = EDITORS[editor];
  return hasProject ? links?.sample?.(site) : links?.empty(site);
}

/** @param {string} address @param {Record<string, string>} query */
function withQuery(address, query) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
