// @ts-check
/**
 * Delivery by approach L in TurboWarp's virtual machine, compiled and interpreted: the same rows, with
 * the same virtual frames, as `tests/extension/delivery.test.js` in the official one.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { deliveryPage, sandboxRows } from '../extension/delivery-page.js';
import { ROWS } from '../extension/delivery-table.js';
import { playProject } from '../extension/project.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { serve } from './support/serve.js';

const packager = dirname(
  createRequire(import.meta.url).resolve('@turbowarp/packager/package.json'),
);

/** Where the results are printed. */
const PAGE = fileURLToPath(
  new URL('../../docs/explanation/from-message-to-script.md', import.meta.url),
);

/** What the rows take for the official runtime. */
const VM = `
  export default function VirtualMachine() {
    const scaffolding = new Scaffolding.Scaffolding();
    scaffolding.setup();
    scaffolding.vm.setCompilerOptions({ enabled: !location.search.includes('interpreter') });
    return scaffolding.vm;
  }`;

const ENTRY = `
  import { ROWS } from './delivery-table.js';
  import { playProject } from './project.js';
  globalThis.runRow = (index) => ROWS[index].run(playProject);`;

const cleanup = new Cleanup();

/** @type {import('playwright-core').BrowserContext} */
let browser;
/** @type {string} */
let origin;

before(async () => {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), 'scratch-mqtt-engines-')), (path) =>
    rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  );
  const script = await bundle();
  const places = {
    '/scaffolding/': { folder: join(packager, 'dist', 'scaffolding') },
    '/': {
      html: `<!doctype html><title>TurboWarp</title>
        <script src="scaffolding/scaffolding-min.js"></script><script>${script}</script>`,
    },
  };
  ({ origin } = cleanup.add(await serve(places), (it) => it.close()));
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
});

after(() => cleanup.run());

/** What each row gave, by the name of the engine. @type {Record<string, import('../extension/delivery-page.js').Result[]>} */
const results = { 'official engine': [], 'TurboWarp compiled': [], 'TurboWarp interpreted': [] };

for (const [engine, query] of [
  ['TurboWarp compiled', 'compiler'],
  ['TurboWarp interpreted', 'interpreter'],
]) {
  for (const [index, { name }] of ROWS.entries()) {
    test(`${engine}: ${name}`, async () => {
      const page = await browser.newPage();
      try {
        await page.goto(`${origin}/?${query}`);

        const { seen, expected } = await page.evaluate(`runRow(${index})`);

        results[String(engine)]?.push({ seen, expected });
        assert.deepEqual(seen, expected);
      } finally {
        await page.close();
      }
    });
  }
}

test('docs/explanation/from-message-to-script.md says what was measured', async () => {
  for (const { run } of ROWS) results['official engine']?.push(await run(playProject));
  const page = deliveryPage(results, await sandboxRows());
  if (process.env.UPDATE_DELIVERY === '1') writeFileSync(PAGE, page);

  const written = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';

  assert.equal(written, page, 'run: UPDATE_DELIVERY=1 node --test tests/e2e/engines.test.js');
});

/** The rows and the blocks as one script for a page. */
async function bundle() {
  const { outputFiles } = await build({
    stdin: {
      contents: ENTRY,
      resolveDir: fileURLToPath(new URL('../extension/', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'iife',
    charset: 'ascii',
    plugins: [
      {
        name: 'turbowarp-for-official',
        setup: ({ onLoad, onResolve }) => {
          onResolve({ filter: /^(scratch-vm|minilog)$/ }, ({ path }) => ({
            path,
            namespace: 'vm',
          }));
          onLoad({ filter: /.*/, namespace: 'vm' }, ({ path }) => ({
            contents: path === 'minilog' ? 'export default { disable() {} };' : VM,
          }));
        },
      },
    ],
  });
  // The text stands inside an HTML page.
  return String(outputFiles[0]?.text).replaceAll('</script', '<\\/script');
}
