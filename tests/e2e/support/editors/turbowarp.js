// @ts-check
/** TurboWarp's VM as its packager ships it: of today, and of 2021. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bookmarkOf, click } from '../bookmark.js';
import { Editor } from './editor.js';

/** @typedef {'unsandboxed' | 'iframe' | 'worker'} Sandbox */

const require = createRequire(import.meta.url);
/** @param {string} packager the name of its package */
const scaffoldingOf = (packager) => ({
  folder: join(dirname(require.resolve(`${packager}/package.json`)), 'dist', 'scaffolding'),
});

/** @param {string} prepare what is done before the VM starts */
const pageOf = (prepare) => ({
  html: `<!doctype html><title>TurboWarp</title>
    <div id="app" style="width: 480px; height: 360px"></div>
    <script src="scaffolding/scaffolding-min.js"></script>
    <script>
      const scaffolding = new Scaffolding.Scaffolding();
      const query = new URLSearchParams(location.search);
      scaffolding.width = 480;
      scaffolding.height = 360;
      scaffolding.setup();
      scaffolding.appendTo(document.getElementById('app'));
      const vm = scaffolding.vm;
      ${prepare}
      scaffolding.start();
      globalThis.vm = vm;
    </script>`,
});

/** What the server must offer for this editor. */
export const turbowarpPlaces = {
  '/turbowarp/scaffolding/': scaffoldingOf('@turbowarp/packager'),
  '/turbowarp/': pageOf(`
    scaffolding.setExtensionSecurityManager({
      getSandboxMode: () => Promise.resolve(query.get('sandbox')),
      canLoadExtensionFromProject: () => Promise.resolve(true),
      canFetch: () => Promise.resolve(true),
    });
    vm.setCompilerOptions({ enabled: !query.has('interpreter') });`),
  // Its generation is that of CodeLab's editor; it knows no other way than a worker.
  '/turbowarp-2021/scaffolding/': scaffoldingOf('turbowarp-packager-2021'),
  '/turbowarp-2021/': pageOf(`vm.extensionManager.workerMode = 'worker';`),
};

/**
 * @param {import('playwright-core').Page} page
 * @param {{ origin: string, compiler?: boolean, sandbox?: Sandbox }} options
 * @returns {Promise<Editor>}
 */
export function turbowarp(page, { origin, compiler = true, sandbox = 'unsandboxed' }) {
  const name = compiler ? `TurboWarp, ${sandbox}` : 'TurboWarp without compiler';
  const interpreter = compiler ? '' : '&interpreter';
  return open(page, name, `${origin}/turbowarp/?sandbox=${sandbox}${interpreter}`);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {{ origin: string }} options
 * @returns {Promise<Editor>}
 */
export async function turbowarpOf2021(page, { origin }) {
  const editor = await open(page, 'TurboWarp of 2021', `${origin}/turbowarp-2021/`);
  // Its player does not look for addresses in projects; the editor loads them with `?extension=`.
  await page.evaluate(
    (address) => /** @type {any} */ (globalThis).vm.extensionManager.loadExtensionURL(address),
    `${origin}/mqtt.js`,
  );
  return editor;
}

/**
 * The same, without an address of ours: somebody clicked on the bookmark of the start page.
 *
 * @param {import('playwright-core').Page} page
 * @param {import('../bench.js').Bench} bench
 * @returns {Promise<Editor>}
 */
export async function turbowarpOf2021ByBookmark(page, bench) {
  const editor = await open(page, 'TurboWarp of 2021', `${bench.origin}/turbowarp-2021/`);
  await click(page, await bookmarkOf(bench));
  await page.waitForFunction('vm.extensionManager.isExtensionLoaded("scratchmqtt")');
  return editor;
}

/** @param {import('playwright-core').Page} page @param {string} name @param {string} address */
async function open(page, name, address) {
  const editor = new Editor(name, page);
  await page.goto(address);
  await page.waitForFunction('globalThis.vm');
  return editor;
}
