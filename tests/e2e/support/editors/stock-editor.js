// @ts-check
/** The official Scratch editor unchanged, without our page around it: for ways to load that are not ours. */
import { join } from 'node:path';
import { editorDir } from '../../../../scripts/editor.mjs';
import { OfficialEditor } from './official-editor.js';

/** What the server must offer for this editor. */
export const stockEditorPlaces = {
  '/stock/': { folder: editorDir },
  // The editor was built to be at the top.
  '/chunks/': { folder: join(editorDir, 'chunks') },
  '/static/': { folder: join(editorDir, 'static') },
  '/stock/editor': {
    html: `<!doctype html><title>Scratch</title>
      <style>html, body, #app { height: 100%; margin: 0 }</style>
      <div id="app"></div>
      <script src="scratch-gui-standalone.js"></script>
      <script>
        const app = document.getElementById('app');
        const locale = new URLSearchParams(location.search).get('lang');
        GUI.setAppElement(app);
        GUI.createStandaloneRoot(new GUI.EditorState({ locale }), app).render({
          projectId: '0',
          canSave: false,
          basePath: './',
          onVmInit: (vm) => { globalThis.vm = vm; },
          onProjectLoaded: () => { document.body.dataset.ready = 'true'; },
        });
      </script>`,
  },
};

/** Ways in which a script gets into the page; each is run there. */
export const WAYS = {
  /** The editor's own: a worker. @param {string} address */
  worker: (address) =>
    /** @type {any} */ (globalThis).vm.extensionManager.loadExtensionURL(`${address}/mqtt.js`),

  /** As Xcratch does, by its published source. @param {string} address */
  xcratch: async (address) => {
    const { vm } = /** @type {any} */ (globalThis);
    const url = `${address}/mqtt.mjs`;
    const { entry, blockClass } = await import(url);
    entry.extensionURL = url;
    blockClass.extensionURL = url;
    const instance = new blockClass(vm.runtime);
    const { id } = instance.getInfo();
    if (entry.extensionId !== id) throw new Error('Extension ID mismatch');
    const service = vm.extensionManager._registerInternalExtension(instance);
    vm.extensionManager._loadedExtensions.set(id, service);
  },

  /** A script that the page runs. @param {string} address */
  plugin: (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = `${address}/plugin.js`;
      script.onload = resolve;
      script.onerror = reject;
      document.body.append(script);
    }),
};

/**
 * @param {import('playwright-core').Page} page
 * @param {{ origin: string, way: keyof typeof WAYS, language?: string }} options
 */
export async function stockEditor(page, { origin, way, language = 'en' }) {
  const editor = new OfficialEditor(`official editor, ${way}`, page);
  await page.goto(`${origin}/stock/editor?lang=${language}`);
  await page.locator('body[data-ready=true]').waitFor({ timeout: 60_000 });
  await page.evaluate(WAYS[way], origin);
  return editor;
}
