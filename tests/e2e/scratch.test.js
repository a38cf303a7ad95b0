// @ts-check
/** Real projects in real Scratch editors against a real broker. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bookmark } from './scenarios/bookmark.js';
import { codelab } from './scenarios/codelab.js';
import { blockPictures } from './scenarios/block-pictures.js';
import { connecting } from './scenarios/connect.js';
import { REFUSALS, credentials } from './scenarios/credentials.js';
import { delivering } from './scenarios/deliver.js';
import { hostileServers } from './scenarios/hostile.js';
import { hostileProjects } from './scenarios/hostile-projects.js';
import { mistakes } from './scenarios/mistakes.js';
import { pictures } from './scenarios/pictures.js';
import { publishing } from './scenarios/publish.js';
import { reading, readingWithoutHats } from './scenarios/read.js';
import { saving } from './scenarios/saved.js';
import { onSecurePage } from './scenarios/secure.js';
import { stockLoader } from './scenarios/stock.js';
import { texts } from './scenarios/texts.js';
import { openBench } from './support/bench.js';
import { officialEditor } from './support/editors/official-editor.js';
import { stockEditor } from './support/editors/stock-editor.js';
import {
  turbowarp,
  turbowarpOf2021,
  turbowarpOf2021ByBookmark,
} from './support/editors/turbowarp.js';
import { Stage } from './support/stage.js';

/** @typedef {import('./support/bench.js').Bench} Bench */

/** For editors in which the blocks can do all that they can. */
const everything = [
  hostileProjects,
  connecting,
  delivering,
  publishing,
  reading,
  texts,
  mistakes,
  hostileServers,
  saving,
  codelab,
  credentials,
];

/** @type {(import('./support/stage.js').HostKind & { scenarios: ((stage: Stage) => void)[] })[]} */
const editors = [
  {
    name: 'official editor',
    open: async (bench) => officialEditor(await bench.browser.newPage(), bench),
    scenarios: everything,
  },
  {
    name: 'official editor on a public server',
    open: async ({ browser, start }) =>
      officialEditor(await browser.newPage(), { start, isAlone: true }),
    scenarios: [pictures, blockPictures],
  },
  {
    name: 'TurboWarp',
    open: async (bench) => turbowarp(await bench.browser.newPage(), bench),
    scenarios: everything,
  },
  {
    name: 'TurboWarp without compiler',
    open: async (bench) => turbowarp(await bench.browser.newPage(), { ...bench, compiler: false }),
    scenarios: [hostileProjects, delivering, reading],
  },
  ...['iframe', 'worker'].map((sandbox) => ({
    name: `TurboWarp, ${sandbox}`,
    open: async (/** @type {Bench} */ bench) =>
      turbowarp(await bench.browser.newPage(), {
        ...bench,
        sandbox: /** @type {'iframe' | 'worker'} */ (sandbox),
      }),
    scenarios: [reading],
  })),
  {
    name: 'TurboWarp of 2021, worker',
    open: async (bench) => turbowarpOf2021(await bench.browser.newPage(), bench),
    scenarios: [reading, readingWithoutHats],
  },
  {
    name: 'TurboWarp of 2021, the bookmark',
    open: async (bench) => turbowarpOf2021ByBookmark(await bench.browser.newPage(), bench),
    scenarios: [delivering, reading, bookmark],
  },
  {
    name: 'official editor, its own loader',
    open: async (bench) => stockEditor(await bench.browser.newPage(), { ...bench, way: 'worker' }),
    scenarios: [stockLoader],
  },
  {
    name: 'official editor, the module as Xcratch loads it',
    open: async (bench) => stockEditor(await bench.browser.newPage(), { ...bench, way: 'xcratch' }),
    scenarios: [delivering, reading],
  },
  {
    name: 'official editor, the plugin',
    open: async (bench) => stockEditor(await bench.browser.newPage(), { ...bench, way: 'plugin' }),
    scenarios: [reading],
  },
  {
    name: 'TurboWarp on a secure page',
    open: async ({ browser, secureOrigin }) =>
      turbowarp(await browser.newPage(), { origin: secureOrigin }),
    extensionUrl: ({ secureOrigin }) => `${secureOrigin}/mqtt.js`,
    scenarios: [onSecurePage],
  },
];

/** @type {Bench} */
let bench;

before(async () => {
  bench = await openBench();
});
after(() => bench?.cleanup.run());

for (const { scenarios, ...kind } of editors) {
  describe(kind.name, () => {
    const stage = new Stage(kind);
    before(() => stage.open(bench));
    after(() => stage.close());
    for (const scenario of scenarios) scenario(stage);
  });
}

test('a refused login was tried once by each editor, and never again', () => {
  const scenarios = editors.flatMap((editor) => editor.scenarios);
  /** @param {(stage: Stage) => void} wanted */
  const times = (wanted) => scenarios.filter((one) => one === wanted).length;

  assert.equal(bench.broker.refusals, times(connecting) + REFUSALS * times(credentials));
});
