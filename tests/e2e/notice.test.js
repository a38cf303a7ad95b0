// @ts-check
/** What a stage says when its project gets no connection, in editors that have no other place for it. */
import { after, before, describe } from 'node:test';
import { noNotices, notices } from './scenarios/notice.js';
import { openBench } from './support/bench.js';
import { officialEditor } from './support/editors/official-editor.js';
import { stockEditor } from './support/editors/stock-editor.js';
import { turbowarp } from './support/editors/turbowarp.js';
import { Stage } from './support/stage.js';

/** @typedef {import('./support/bench.js').Bench} Bench */

/** @type {Bench} */
let bench;

before(async () => {
  bench = await openBench();
});
after(() => bench?.cleanup.run());

/** @type {(import('./support/stage.js').HostKind & { scenario: (stage: Stage) => void })[]} */
const editors = [
  {
    name: 'TurboWarp',
    open: async (it) => turbowarp(await it.browser.newPage(), it),
    scenario: notices,
  },
  {
    name: 'official editor, the plugin',
    open: async (it) => stockEditor(await it.browser.newPage(), { ...it, way: 'plugin' }),
    scenario: notices,
  },
  {
    name: 'TurboWarp, iframe',
    open: async (it) => turbowarp(await it.browser.newPage(), { ...it, sandbox: 'iframe' }),
    scenario: noNotices,
  },
  {
    name: 'our editor page, which has its chip',
    open: async (it) => officialEditor(await it.browser.newPage(), it),
    scenario: noNotices,
  },
];

for (const { scenario, ...kind } of editors) {
  describe(kind.name, () => {
    const stage = new Stage(kind);
    before(() => stage.open(bench));
    after(() => stage.close());
    scenario(stage);
  });
}
