// @ts-check
/** What the blocks cost a project, in the official editor and in TurboWarp. */
import { openBench } from '../../tests/e2e/support/bench.js';
import { connect, whenFlag, whenMessage } from '../../tests/e2e/support/blocks.js';
import { officialEditor } from '../../tests/e2e/support/editors/official-editor.js';
import { turbowarp } from '../../tests/e2e/support/editors/turbowarp.js';
import { makeProject } from '../../tests/e2e/support/project.js';
import { median } from './summary.js';

/** @typedef {import('../../tests/e2e/support/bench.js').Bench} E2eBench */
/** @typedef {import('../../tests/e2e/support/editors/editor.js').Editor} Editor */

/**
 * @typedef {{ editor: string, opcode: string, us: number }} Call one call of a block that does not wait
 * @typedef {object} Frames while messages arrive
 * @property {string} editor
 * @property {number} hats that each message runs
 * @property {number} lostPercent of the frames of a project that does nothing
 * @property {number} framesLate the most that a message was handled after the first frame that began behind it
 * @property {number} latePercent messages that were handled after that frame
 * @property {number} runUs processor time of one run of a hat with one block
 * @property {number} messages
 * @property {number} handled
 */
/**
 * @typedef {object} Scratch
 * @property {Call[]} calls
 * @property {Frames[]} frames
 * @property {{ withMs: number, withoutMs: number }} load until the editor can be used
 */
/** @typedef {{ hatCounts: number[], seconds: number, loads: number }} ScratchExtent */

export const MESSAGES_PER_SECOND = 300;

/** In one turn: fewer than the queue of the blocks holds. */
const CALLS = 500;

/** Blocks that wait, or end the connection that the others need. */
const LEFT_OUT = ['connect', 'disconnect'];

/**
 * @param {{ nullBroker: string, control: string }} peer
 * @param {ScratchExtent} extent
 * @param {(words: string) => void} report
 * @returns {Promise<Scratch>}
 */
export async function measureScratch(peer, extent, report) {
  const bench = await openBench();
  const load = { seconds: extent.seconds, perSecond: MESSAGES_PER_SECOND };
  try {
    /** @type {Scratch} */
    const found = { calls: [], frames: [], load: { withMs: NaN, withoutMs: NaN } };
    for (const open of [openOfficial, openTurbowarp]) {
      const editor = await open(bench);
      for (const hats of extent.hatCounts) {
        report(`${editor.name}, ${hats} hats`);
        await play(editor, bench, peer.nullBroker, hats);
        found.frames.push(await framesWhile(editor, hats, peer.control, load));
        if (hats === 1) found.calls.push(...(await callCosts(editor)));
      }
      await editor.close();
    }
    report('loading the editor');
    found.load = await loadTimes(bench, extent.loads);
    return found;
  } finally {
    await bench.cleanup.run();
  }
}

/**
 * Only the hats.
 *
 * @param {{ nullBroker: string, control: string }} peer
 * @param {{ hatCounts: number[], seconds: number, perSecond: number }} extent
 * @param {(words: string) => void} report
 * @returns {Promise<Frames[]>}
 */
export async function measureHats(peer, { hatCounts, seconds, perSecond }, report) {
  const bench = await openBench();
  try {
    const frames = [];
    for (const open of [openOfficial, openTurbowarp]) {
      const editor = await open(bench);
      for (const hats of hatCounts) {
        report(`${editor.name}, ${hats} hats`);
        await play(editor, bench, peer.nullBroker, hats);
        frames.push(await framesWhile(editor, hats, peer.control, { seconds, perSecond }));
      }
      await editor.close();
    }
    return frames;
  } finally {
    await bench.cleanup.run();
  }
}

/** @param {E2eBench} bench @returns {Promise<Editor>} */
async function openOfficial({ browser, start }) {
  return officialEditor(await probedPage(browser), { start });
}

/** @param {E2eBench} bench @returns {Promise<Editor>} */
async function openTurbowarp({ browser, origin }) {
  return turbowarp(await probedPage(browser), { origin });
}

/** A page that notes in which frame each message came. @param {E2eBench['browser']} browser */
async function probedPage(browser) {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    const probe = { frames: 0, arrivals: /** @type {number[]} */ ([]) };
    Object.assign(globalThis, { probe });
    globalThis.WebSocket = class extends WebSocket {
      /** @param {string | URL} url @param {string | string[]} [protocol] */
      constructor(url, protocol) {
        super(url, protocol);
        if (!String(url).endsWith('/mqtt')) return;
        this.addEventListener('message', () => probe.arrivals.push(probe.frames));
      }
    };
  });
  return page;
}

/** @param {Editor} editor @param {E2eBench} bench @param {string} broker @param {number} hats */
async function play(editor, { extensionUrl }, broker, hats) {
  const hat = whenMessage('bench/in');
  const scripts = [
    [whenFlag(), connect(broker)],
    ...Array.from({ length: hats }, () => [hat, changeByOne]),
  ];
  const sprites = { Cat: { variables: { count: 0 }, scripts } };
  await editor.loadProject(makeProject({ extensionUrl, sprites }));
  await editor.greenFlag();
}

/** @type {import('../../tests/e2e/support/blocks.js').Block} */
const changeByOne = {
  opcode: 'data_changevariableby',
  shape: 'command',
  inputs: { VALUE: 1 },
  fields: { VARIABLE: { value: 'count', type: 'variable' } },
};

/**
 * @param {Editor} editor
 * @param {number} hats
 * @param {string} control
 * @param {{ seconds: number, perSecond: number }} load
 * @returns {Promise<Frames>}
 */
async function framesWhile(editor, hats, control, load) {
  const request = { hats, control, ...load };
  const found = await editor.page.evaluate(async (asked) => {
    const { vm, probe } = /** @type {any} */ (globalThis);
    const count = () => {
      const target = vm.runtime.targets.find((/** @type {any} */ it) => it.getName() === 'Cat');
      const variables = /** @type {any[]} */ (Object.values(target.variables));
      return variables.find(({ name }) => name === 'count');
    };
    const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
    const variable = count();
    const socket = new WebSocket(asked.control);
    await new Promise((done) => (socket.onopen = done));

    // Until the hats run at all: the project has connected.
    while (variable.value < asked.hats) {
      socket.send('send null 1 16 1 0 bench/in');
      await sleep(100);
    }
    await sleep(500);

    let ran = variable.value;
    /** @type {{ ms: number, runs: number }[]} */
    let steps = [];
    let late = 0;
    let lateCount = 0;
    let handled = 0;
    const step = vm.runtime._step;
    vm.runtime._step = function probedStep() {
      const runsBefore = variable.value;
      const began = performance.now();
      step.call(this);
      steps.push({ ms: performance.now() - began, runs: variable.value - runsBefore });
      while (
        handled < probe.arrivals.length &&
        variable.value - ran >= (handled + 1) * asked.hats
      ) {
        const frames = probe.frames - probe.arrivals[handled];
        late = Math.max(late, frames);
        lateCount += frames > 0 ? 1 : 0;
        handled += 1;
      }
      probe.frames += 1;
    };
    const during = async (/** @type {number} */ ms) => {
      const began = performance.now();
      steps = [];
      await sleep(ms);
      return { steps, perSecond: (1000 * steps.length) / (performance.now() - began) };
    };
    const idle = await during(1000 * Math.min(3, asked.seconds));
    ran = variable.value;
    handled = 0;
    probe.arrivals.length = 0;
    const messages = asked.perSecond * asked.seconds;
    socket.send(`send null ${messages} 16 1 ${asked.perSecond} bench/in`);
    const busy = await during(1000 * asked.seconds);
    // What came last has its frames too.
    await sleep(1000);
    socket.close();
    vm.runtime._step = step;
    return { idle, busy, late, lateCount, handled, messages };
  }, request);
  const { idle, busy, late, lateCount, handled, messages } = found;
  const idleMs = median(idle.steps.map(({ ms }) => ms));
  const withRuns = busy.steps.filter(({ runs }) => runs > 0);
  return {
    editor: editor.name,
    hats,
    lostPercent: 100 * Math.max(0, 1 - busy.perSecond / idle.perSecond),
    framesLate: late,
    latePercent: (100 * lateCount) / handled,
    runUs: 1000 * median(withRuns.map(({ ms, runs }) => Math.max(0, ms - idleMs) / runs)),
    messages,
    handled,
  };
}

/** Calls every block that does not wait, as the machine calls it. @param {Editor} editor @returns {Promise<Call[]>} */
async function callCosts(editor) {
  const found = await editor.page.evaluate(
    async (asked) => {
      const { runtime } = /** @type {any} */ (globalThis).vm;
      const category = runtime._blockInfo.find((/** @type {any} */ { id }) => id === 'scratchmqtt');
      const target = runtime.targets.at(-1);
      const util = { target, runtime, thread: { target, topBlock: '' }, yield() {} };
      const turn = () => new Promise((done) => setTimeout(done));
      const costs = [];
      for (const { info } of category.blocks) {
        const { opcode, blockType } = info;
        if (
          !opcode ||
          asked.leftOut.includes(opcode) ||
          ['hat', 'event', 'button'].includes(blockType)
        ) {
          continue;
        }
        const call = runtime.getOpcodeFunction(`scratchmqtt_${opcode}`);
        const values = Object.entries(info.arguments ?? {}).map(([name, { defaultValue = '' }]) => [
          name,
          defaultValue,
        ]);
        const times = [];
        let waits = false;
        for (let round = 0; round < 30 && !waits; round++) {
          const began = performance.now();
          for (let index = 0; index < asked.calls && !waits; index++) {
            // New arguments for each call, as the machine gives.
            const answer = call(Object.fromEntries(values), util);
            waits = typeof answer?.then === 'function';
          }
          // Until what was asked for has been handed to the browser.
          await new Promise((done) => queueMicrotask(() => queueMicrotask(() => done(undefined))));
          times.push((1000 * (performance.now() - began)) / asked.calls);
          await turn();
        }
        if (!waits) costs.push({ opcode, times: times.slice(5) });
      }
      return costs;
    },
    { leftOut: LEFT_OUT, calls: CALLS },
  );
  return found.map(({ opcode, times }) => ({ editor: editor.name, opcode, us: median(times) }));
}

/** With our extension, and with an empty one in its place. @param {E2eBench} bench @param {number} loads */
async function loadTimes({ browser, start }, loads) {
  // What else the page asks it, for the chip, has an empty answer.
  const empty = `Scratch.extensions.register(new Proxy(
    { getInfo: () => ({ id: 'scratchmqtt', name: 'empty', blocks: [] }) },
    { get: (own, name) => own[name] ?? (() => '') },
  ));`;
  /** @type {Record<'withMs' | 'withoutMs', number[]>} */
  const times = { withMs: [], withoutMs: [] };
  // The first one, which compiles the editor, counts for neither.
  for (let load = 0; load <= loads; load++) {
    for (const kind of /** @type {const} */ (['withMs', 'withoutMs'])) {
      const page = await browser.newPage();
      if (kind === 'withoutMs') {
        const contentType = 'text/javascript';
        await page.route('**/mqtt.js', (route) => route.fulfill({ body: empty, contentType }));
      }
      await page.addInitScript(() => {
        const observer = new MutationObserver(() => {
          if (document.body?.dataset.ready !== 'true') return;
          observer.disconnect();
          Object.assign(globalThis, { readyMs: performance.now() });
        });
        observer.observe(document, { subtree: true, attributes: true, childList: true });
      });
      await page.goto(`${start}/editor?lang=en`);
      await page.waitForFunction('globalThis.readyMs', undefined, { timeout: 60_000 });
      const readyMs = /** @type {number} */ (await page.evaluate('readyMs'));
      if (load > 0) times[kind].push(readyMs);
      await page.close();
    }
  }
  return { withMs: median(times.withMs), withoutMs: median(times.withoutMs) };
}
