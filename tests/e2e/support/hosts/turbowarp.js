// @ts-check
/** TurboWarp's VM as its packager ships it; the extension is unsandboxed, as in every packaged project. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Host } from './host.js';

const packager = dirname(
  createRequire(import.meta.url).resolve('@turbowarp/packager/package.json'),
);

/** What the server must offer for this host. */
export const turbowarpPlaces = {
  '/turbowarp/scaffolding/': { folder: join(packager, 'dist', 'scaffolding') },
  '/turbowarp/': {
    html: `<!doctype html><title>TurboWarp</title>
      <div id="app" style="width: 480px; height: 360px"></div>
      <script src="scaffolding/scaffolding-min.js"></script>
      <script>
        const scaffolding = new Scaffolding.Scaffolding();
        scaffolding.width = 480;
        scaffolding.height = 360;
        scaffolding.setup();
        scaffolding.appendTo(document.getElementById('app'));
        scaffolding.setExtensionSecurityManager({
          getSandboxMode: () => Promise.resolve('unsandboxed'),
          canLoadExtensionFromProject: () => Promise.resolve(true),
          canFetch: () => Promise.resolve(true),
        });
        const vm = scaffolding.vm;
        vm.setCompilerOptions({ enabled: !location.search.includes('interpreter') });
        scaffolding.start();
        globalThis.vm = vm;
      </script>`,
  },
};

/**
 * @param {import('playwright-core').Page} page
 * @param {{ origin: string, compiler?: boolean }} options
 * @returns {Promise<Host>}
 */
export async function turbowarp(page, { origin, compiler = true }) {
  const host = new Host(compiler ? 'TurboWarp' : 'TurboWarp without compiler', page);
  await page.goto(`${origin}/turbowarp/${compiler ? '' : '?interpreter'}`);
  await page.waitForFunction('globalThis.vm');
  return host;
}
