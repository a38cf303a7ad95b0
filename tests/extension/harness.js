// @ts-check
// The blocks with a fake client and no host: `blocks` is called as a host calls it.
import { afterEach } from 'node:test';
import { Bridge } from '../../extension/client/bridge.js';
import { ScratchMqtt } from '../../extension/blocks/extension.js';
import { detectEnvironment } from '../../extension/editors/support/environment.js';
import { fakeCore } from './fake-core.js';

/** What was made in this test: a connect block that still waits would keep the process alive. @type {ScratchMqtt[]} */
const made = [];

afterEach(() => {
  for (const blocks of made.splice(0)) blocks.disconnect();
});

/**
 * @param {object} [editor]
 * @param {any} [editor.scratch] the global `Scratch`
 * @param {any} [editor.page] the global object
 * @param {any} [editor.runtime] default: one with no project; `null`: a sandbox
 * @param {any} [editor.core] the exports of the wasm module; default: fake ones
 * @param {boolean} [editor.isStarted] whether the wasm module has started; default `true`
 */
export async function makeBlocks({
  scratch = {},
  page = {},
  runtime = emptyRuntime(),
  isStarted = true,
  core = undefined,
} = {}) {
  const fake = fakeCore();
  const { clients } = fake;
  /** @type {(value: any) => void} */
  let startWith = () => {};
  /** @type {(reason: Error) => void} */
  let failWith = () => {};
  const loaded = new Promise((resolve, reject) => {
    startWith = resolve;
    failWith = reject;
  });
  let loads = 0;
  const bridge = new Bridge(detectEnvironment(scratch, runtime || undefined, page), () => {
    loads += 1;
    return loaded;
  });
  const blocks = new ScratchMqtt(bridge);
  made.push(blocks);
  const parts = {
    bridge,
    blocks,
    /** Starts the wasm module. */
    start: async () => {
      startWith(core ?? fake.core);
      await turn();
    },
    /** The wasm module cannot start. */
    fail: async () => {
      failWith(new Error('blocked'));
      await turn();
    },
    loads: () => loads,
    /** The client in use. */
    client: () => {
      const client = clients.at(-1);
      if (!client) throw new Error('no client was made');
      return client;
    },
    clients,
  };
  if (isStarted) {
    bridge.client.run(() => {});
    await parts.start();
  }
  return parts;
}

/** Lets everything go on that waits for a promise. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Blocks that are connected to a broker.
 *
 * @param {Parameters<typeof makeBlocks>[0]} [editor]
 */
export async function makeConnected(editor) {
  const parts = await makeBlocks(editor);
  const answer = parts.blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  await turn();
  parts.client().accept();
  await answer;
  return parts;
}

/** What TurboWarp offers to scripts since 2022. */
export const Cast = { toString: String, toNumber: Number, toBoolean: Boolean };

/** A runtime with no project. */
export const emptyRuntime = () => ({ threads: [], targets: [], _step: () => {} });
