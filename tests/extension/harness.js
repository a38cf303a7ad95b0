// @ts-check
// The blocks with a fake client and no host: `blocks` is called as a host calls it.
import { Bridge } from '../../extension/bridge.js';
import { ScratchMqtt } from '../../extension/extension.js';
import { detectEnvironment } from '../../extension/hosts/environment.js';
import { fakeCore } from './fake-core.js';

/**
 * @param {object} [host]
 * @param {any} [host.scratch] the global `Scratch`
 * @param {any} [host.page] the global object
 * @param {any} [host.runtime] default: one with no project; `null`: a sandbox
 * @param {boolean} [host.isStarted] whether the wasm module has started; default `true`
 */
export async function makeBlocks({
  scratch = {},
  page = {},
  runtime = emptyRuntime(),
  isStarted = true,
} = {}) {
  const { clients, core } = fakeCore();
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
  const made = {
    bridge,
    blocks: new ScratchMqtt(bridge),
    /** Starts the wasm module. */
    start: async () => {
      startWith(core);
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
    bridge.run(() => {});
    await made.start();
  }
  return made;
}

/** Lets everything go on that waits for a promise. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Blocks that are connected to a broker.
 *
 * @param {Parameters<typeof makeBlocks>[0]} [host]
 */
export async function makeConnected(host) {
  const made = await makeBlocks(host);
  const answer = made.blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  await turn();
  made.client().accept();
  await answer;
  return made;
}

/** A runtime with no project. */
export const emptyRuntime = () => ({ threads: [], targets: [], _step: () => {} });
