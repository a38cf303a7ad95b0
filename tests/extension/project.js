// @ts-check
// A real project in the real official runtime, with virtual frames: a frame passes when the test says
// so, and time inside the runtime is counted in frames.
import minilog from 'minilog';
import VirtualMachine from 'scratch-vm';
import { Bridge } from '../../extension/client/bridge.js';
import { ScratchMqtt } from '../../extension/blocks/extension.js';
import { detectEnvironment } from '../../extension/editors/support/environment.js';
import { IotBlocks } from '../../extension/iot/extension.js';
import { fakeCore } from './fake-core.js';

// The runtime warns of each picture that is not there.
minilog.disable();

/** The official player shows thirty frames in a second. */
export const FRAMES_PER_SECOND = 30;

/**
 * A block of a script. An input is a text, a block (of a reporter, or of the first block of a branch)
 * or a list of blocks, which is a branch.
 *
 * @typedef {{ opcode: string, inputs?: Record<string, any>, fields?: Record<string, any>,
 *   mutation?: object }} Block
 */

/** @param {string | Block} topic @param {...Block} body @returns {Block[]} */
export const whenMessage = (topic, ...body) => [mqtt('whenMessage', { TOPIC: topic }), ...body];

/** @param {string | Block} state @param {...Block} body @returns {Block[]} */
export const whenConnection = (state, ...body) => [
  mqtt('whenConnection', { STATE: typeof state === 'string' ? choice('STATE', state) : state }),
  ...body,
];

/** @param {...Block} body @returns {Block[]} */
export const whenFlag = (...body) => [{ opcode: 'event_whenflagclicked' }, ...body];

/** @param {string} opcode @param {Record<string, any>} [inputs] @returns {Block} */
export const mqtt = (opcode, inputs) => ({ opcode: `scratchmqtt_${opcode}`, inputs });

/** A block of CodeLab's. @param {string} opcode @param {Record<string, any>} [inputs] @returns {Block} */
export const iot = (opcode, inputs) => ({ opcode: `iot_${opcode}`, inputs });

/** A value chosen in a menu of ours. @param {string} menu @param {string} value */
export const choice = (menu, value) => ({
  menu: `scratchmqtt_menu_${menu}`,
  fields: { [menu]: [value, null] },
});

/** Adds a text to a list of the stage. @param {string | object} text @param {string} [list] @returns {Block} */
export const mark = (text, list = 'seen') => ({
  opcode: 'data_addtolist',
  inputs: { ITEM: text },
  fields: { LIST: [list, list] },
});

/** Adds `topic=payload`, and the time, to a list of the stage. @param {string} [list] @returns {Block} */
export const note = (list = 'seen') => ({
  opcode: 'data_addtolist',
  inputs: {
    ITEM: {
      opcode: 'operator_join',
      inputs: {
        STRING1: mqtt('messageTopic'),
        STRING2: {
          opcode: 'operator_join',
          inputs: { STRING1: '=', STRING2: mqtt('messagePayload') },
        },
      },
    },
  },
  fields: { LIST: [list, list] },
});

/** @param {number} seconds @returns {Block} */
export const wait = (seconds) => ({
  opcode: 'control_wait',
  inputs: { DURATION: String(seconds) },
});

/**
 * A runtime that plays a project.
 *
 * @param {Record<string, Block[][]>} sprites the scripts of each sprite
 * @param {object} [options]
 * @param {any} [options.core] the exports of the wasm module; default: fake ones, connected
 * @param {(runtime: any) => void} [options.prepare] changes the runtime before the blocks come
 * @param {boolean} [options.hasIot] whether the blocks of CodeLab are there too
 * @param {string} [options.file] the project.json of another project than that of the sprites
 * @param {Monitor[]} [options.monitors] what the stage shows
 */
export async function playProject(
  sprites,
  { prepare = () => {}, core = undefined, hasIot = false, file = undefined, monitors = [] } = {},
) {
  const vm = new VirtualMachine();
  const { runtime } = vm;
  prepare(runtime);
  const { clients, core: fake } = fakeCore();
  const bridge = new Bridge(detectEnvironment({}, runtime, {}), () =>
    Promise.resolve(core ?? fake),
  );
  const blocks = new ScratchMqtt(bridge);
  for (const extension of [blocks, ...(hasIot ? [new IotBlocks(bridge)] : [])]) {
    const service = vm.extensionManager._registerInternalExtension(extension);
    vm.extensionManager._loadedExtensions.set(extension.getInfo().id, service);
  }
  const project = file ?? projectOf(sprites, monitors);
  await vm.loadProject(project);

  // A frame is over after twenty rounds of all scripts, or after one that has drawn something.
  let rounds = 0;
  runtime.currentStepTime = 20 / 0.75;
  runtime.sequencer.timer = { start: () => (rounds = 0), timeElapsed: () => rounds++ };
  // What `wait` reads.
  let now = 1_000_000;
  const { updateCurrentMSecs } = runtime;
  runtime.updateCurrentMSecs = () => {
    updateCurrentMSecs.call(runtime);
    runtime.currentMSecs = now;
  };

  await new Promise((resolve) => bridge.client.run(() => resolve(undefined)));
  const [client] = clients;
  if (client) client.state = 'connected';

  const play = {
    vm,
    runtime,
    bridge,
    blocks,
    client: () => /** @type {import('./fake-core.js').FakeClient} */ (clients.at(-1)),
    /** Lets frames pass. */
    frames: (count = 1) => {
      for (let frame = 0; frame < count; frame += 1) {
        now += 1000 / FRAMES_PER_SECOND;
        runtime._step();
      }
    },
    /** What a list of the stage holds. @param {string} [list] @returns {string[]} */
    list: (list = 'seen') => runtime.getTargetForStage().lookupVariableById(list).value,
    /** What the own list of a sprite holds, and those of its clones. @param {string} name @returns {string[][]} */
    ownLists: (name) =>
      runtime.targets
        .filter((/** @type {any} */ target) => target.getName() === name)
        .map((/** @type {any} */ target) => target.lookupVariableById(`own of ${name}`).value),
    /** How many queues there are. */
    queues: () => /** @type {any} */ (bridge.delivery).messages[0].queues.size,
    /** @param {string} name */
    sprite: (name) => runtime.getSpriteTargetByName(name),
    /** Opens the same project again. */
    reload: async () => {
      await vm.loadProject(project);
      play.frames();
    },
    greenFlag: () => vm.greenFlag(),
    stopAll: () => vm.stopAll(),
    /**
     * Messages numbered from 1 arrive evenly spread, while frames pass.
     *
     * @param {number} count
     * @param {number} perSecond
     * @param {string[]} topics one for each message, in turn
     */
    arrive: (count, perSecond, topics = ['test']) => {
      let arrived = 0;
      for (let frame = 1; arrived < count; frame += 1) {
        const due = Math.min(count, Math.floor((frame * perSecond) / FRAMES_PER_SECOND));
        for (; arrived < due; arrived += 1) {
          play.client().deliver(String(topics[arrived % topics.length]), String(arrived + 1));
        }
        play.frames();
      }
    },
  };
  play.frames();
  return play;
}

/** `topic=1`, `topic=2`, …: what a script notes that handles every message in order. */
export const numbered = (count = 100, topic = 'test') =>
  Array.from({ length: count }, (_, index) => `${topic}=${index + 1}`);

/** What the stage shows: a block, and what is in its slots. @typedef {{ opcode: string, params?: Record<string, unknown> }} Monitor */

/**
 * The text of a project's file.
 *
 * @param {Record<string, Block[][]>} sprites
 * @param {Monitor[]} [monitors]
 */
export function projectOf(sprites, monitors = []) {
  const lists = ['seen', 'cat', 'dog', 'clone', 'after', 'received'];
  const costume = {
    assetId: 'cd21514d0531fdffb22204e0ec5ed84a',
    name: 'empty',
    md5ext: 'cd21514d0531fdffb22204e0ec5ed84a.svg',
    dataFormat: 'svg',
    rotationCenterX: 0,
    rotationCenterY: 0,
  };
  /** @param {string} name @param {object} blocks */
  const target = (name, blocks) => ({
    isStage: name === 'Stage',
    name,
    variables: {},
    lists: name === 'Stage' ? {} : { [`own of ${name}`]: ['own', []] },
    broadcasts: {},
    blocks,
    comments: {},
    currentCostume: 0,
    costumes: [costume],
    sounds: [],
    volume: 100,
    layerOrder: 0,
  });
  const stage = {
    ...target('Stage', {}),
    variables: { topic: ['topic', 'test'], value: ['value', ''] },
    lists: Object.fromEntries(lists.map((name) => [name, [name, []]])),
    broadcasts: { go: 'go' },
  };
  const others = Object.entries(sprites).map(([name, scripts], index) => ({
    ...target(name, blocksOf(scripts)),
    visible: true,
    x: 0,
    y: 0,
    size: 100,
    direction: 90,
    draggable: false,
    rotationStyle: 'all around',
    layerOrder: index + 1,
  }));
  const targets = [stage, ...others];
  const used = ['scratchmqtt', 'iot'].filter((id) =>
    JSON.stringify([targets, monitors]).includes(`"${id}_`),
  );
  return JSON.stringify({
    targets,
    monitors: monitors.map(({ opcode, params = {} }, index) => ({
      ...{ id: `monitor ${index}`, opcode, params, mode: 'default', spriteName: null, value: '' },
      ...{ width: 0, height: 0, x: 5, y: 5, visible: true },
    })),
    extensions: used,
    meta: { semver: '3.0.0', vm: '0.2.0', agent: '' },
  });
}

/** @param {Block[][]} scripts */
function blocksOf(scripts) {
  /** @type {Record<string, any>} */
  const all = {};
  let made = 0;

  /** @param {Block[]} script @param {string | null} parent @returns {string | null} its first block */
  const addScript = (script, parent) => {
    let first = null;
    let before = parent;
    for (const [index, block] of script.entries()) {
      const id = add(block, before, index === 0 && parent === null);
      if (index === 0) first = id;
      else all[/** @type {string} */ (before)].next = id;
      before = id;
    }
    return first;
  };

  /** @param {Block} block @param {string | null} parent @param {boolean} topLevel */
  const add = ({ opcode, inputs = {}, fields = {}, mutation }, parent, topLevel) => {
    const id = `b${(made += 1)}`;
    all[id] = { opcode, next: null, parent, inputs: {}, fields, shadow: false, topLevel };
    if (topLevel) Object.assign(all[id], { x: 0, y: 0 });
    if (mutation) all[id].mutation = mutation;
    for (const [name, value] of Object.entries(inputs)) all[id].inputs[name] = inputOf(value, id);
    return id;
  };

  /** @param {any} value @param {string} parent */
  const inputOf = (value, parent) => {
    if (typeof value === 'string') return [1, [10, value]];
    if (Array.isArray(value)) return [2, addScript(value, parent)];
    if (value.opcode === 'data_variable') {
      return [3, [12, ...value.fields.VARIABLE], [10, '']];
    }
    if (value.menu) {
      const menu = add({ ...value, opcode: value.menu }, parent, false);
      all[menu].shadow = true;
      return [1, menu];
    }
    return [3, add(value, parent, false), [10, '']];
  };

  for (const script of scripts) addScript(script, null);
  return all;
}
