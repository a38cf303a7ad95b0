// @ts-check
/** Scratch project files (`.sb3`) from a short description of their sprites; the same description, the same bytes. */
import { createHash } from 'node:crypto';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

/**
 * @typedef {import('./blocks.js').Block} Block
 * @typedef {import('./blocks.js').Value} Value
 *
 * @typedef {object} Sprite variables and lists belong to the sprite, and each clone gets its own
 * @property {Record<string, string | number>} [variables]
 * @property {Record<string, string[]>} [lists]
 * @property {Block[][]} [scripts]
 * @property {Picture} [costume] default: a disc
 * @property {[number, number]} [at] default: in a row
 *
 * @typedef {{ svg: string, width: number, height: number }} Picture its middle is where the sprite stands
 *
 * @typedef {{ opcode: string, params: Record<string, unknown>, id?: string, spriteName?: string } & Partial<Place>} Monitor a
 *   block with what is in its slots
 * @typedef {{ x: number, y: number, width: number, height: number, visible: boolean, mode: string, value: unknown }} Place
 *
 * @typedef {object} Project
 * @property {string} [extensionUrl] where TurboWarp finds the extension; it is stored in the project
 * @property {string[]} [extensions] ids; default: ours
 * @property {(string | Monitor)[]} [monitors] what the stage shows: opcodes of reporters, or any block
 * @property {Record<string, Sprite>} sprites
 * @property {string[]} [broadcasts]
 * @property {Picture} [backdrop] default: as a sprite's
 */

/** @type {Picture} */
const DISC = {
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="18" fill="#0fbd8c"/></svg>',
  width: 40,
  height: 40,
};
/** What a file inside the archive says of its age: nothing. */
const ANY_TIME = new Date(1980, 0, 1);

/** How Scratch names the file of a picture. @param {Picture} picture */
const assetOf = ({ svg }) => createHash('md5').update(svg).digest('hex');

/**
 * @param {Project} project
 * @returns {Buffer} the file
 */
export function makeProject({
  extensionUrl,
  sprites,
  broadcasts = [],
  extensions = ['scratchmqtt'],
  monitors = [],
  backdrop,
}) {
  const names = Object.keys(sprites);
  const pictures = [backdrop, ...Object.values(sprites).map(({ costume }) => costume)];
  const json = {
    targets: [
      {
        ...target('Stage', backdrop ? { costume: backdrop } : {}),
        isStage: true,
        broadcasts: Object.fromEntries(broadcasts.map((name) => [`broadcast-${name}`, name])),
        tempo: 60,
        videoState: 'off',
        videoTransparency: 50,
        textToSpeechLanguage: null,
      },
      ...names.map((name, index) => ({
        ...target(name, sprites[name] ?? {}),
        isStage: false,
        visible: true,
        ...position(sprites[name]?.at ?? [60 * index - 60, 0]),
        size: 100,
        direction: 90,
        draggable: false,
        rotationStyle: 'all around',
      })),
    ].map((made, layerOrder) => ({ ...made, layerOrder })),
    monitors: monitors.map((one, index) => monitor(one, 5 + 27 * index)),
    extensions,
    ...(extensionUrl && { extensionURLs: { scratchmqtt: extensionUrl } }),
    meta: { semver: '3.0.0', vm: '0.2.0', agent: '' },
  };
  const files = pictures.map((picture = DISC) => [`${assetOf(picture)}.svg`, strToU8(picture.svg)]);
  return Buffer.from(
    zipSync(
      { 'project.json': strToU8(JSON.stringify(json)), ...Object.fromEntries(files) },
      { mtime: ANY_TIME },
    ),
  );
}

/** @param {[number, number]} at */
const position = ([x, y]) => ({ x, y });

/**
 * Puts scripts into a sprite of a project file, and "connection status" onto the stage.
 *
 * @param {Buffer} sb3
 * @param {string} sprite
 * @param {Block[][]} scripts
 * @returns {Buffer} the changed file
 */
export function withScripts(sb3, sprite, scripts) {
  const files = unzipSync(sb3);
  const project = JSON.parse(strFromU8(files['project.json'] ?? new Uint8Array()));
  const found = project.targets.find((/** @type {{ name: string }} */ { name }) => name === sprite);
  found.blocks = new Blocks(sprite).ofScripts(scripts);
  project.extensions = ['scratchmqtt'];
  project.monitors = [monitor('scratchmqtt_status')];
  return Buffer.from(zipSync({ ...files, 'project.json': strToU8(JSON.stringify(project)) }));
}

/** A block on the stage. @param {string | Monitor} shown the opcode of a reporter without slots, or any block @param {number} [y] */
const monitor = (shown, y = 5) => {
  /** @type {Monitor} */
  const block = typeof shown === 'string' ? { opcode: shown, params: {} } : shown;
  const { opcode, params, ...more } = block;
  return {
    id: opcode,
    spriteName: null,
    opcode,
    params,
    mode: 'default',
    value: '',
    width: 0,
    height: 0,
    x: 5,
    y,
    visible: true,
    ...more,
  };
};

/** A variable of a sprite, on the stage. @param {string} spriteName @param {string} name @returns {Monitor} */
export const shownVariable = (spriteName, name) => ({
  id: idOf(spriteName, 'variable', name),
  opcode: 'data_variable',
  params: { VARIABLE: name },
  spriteName,
});

/**
 * A list of a sprite, on the stage when a script shows it.
 *
 * @param {string} spriteName
 * @param {string} name
 * @param {Pick<Place, 'x' | 'y' | 'width' | 'height'>} place
 * @returns {Monitor}
 */
export const shownList = (spriteName, name, place) => ({
  id: idOf(spriteName, 'list', name),
  opcode: 'data_listcontents',
  params: { LIST: name },
  spriteName,
  mode: 'list',
  value: [],
  visible: false,
  ...place,
});

/** @param {string} sprite @param {string} type @param {string} name */
const idOf = (sprite, type, name) => `${sprite}-${type}-${name}`;

/** Rather too much than too little: no script shall cover another. @param {Block[]} script @returns {number} in units of the editor */
function heightOf(script) {
  const mouths = script.flatMap(({ stacks = {} }) => Object.values(stacks));
  return mouths.reduce((sum, mouth) => sum + 50 + heightOf(mouth), 60 * script.length);
}

/** @param {string} name @param {Sprite} sprite */
function target(name, { variables = {}, lists = {}, scripts = [], costume = DISC }) {
  const assetId = assetOf(costume);
  return {
    name,
    variables: Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [idOf(name, 'variable', key), [key, value]]),
    ),
    lists: Object.fromEntries(
      Object.entries(lists).map(([key, value]) => [idOf(name, 'list', key), [key, value]]),
    ),
    broadcasts: {},
    blocks: new Blocks(name).ofScripts(scripts),
    comments: {},
    currentCostume: 0,
    costumes: [
      {
        name: 'costume',
        dataFormat: 'svg',
        assetId,
        md5ext: `${assetId}.svg`,
        rotationCenterX: costume.width / 2,
        rotationCenterY: costume.height / 2,
      },
    ],
    sounds: [],
    volume: 100,
  };
}

/** Writes blocks in the form of project.json, where each knows its parent and its successor by id. */
class Blocks {
  /** @type {Record<string, object>} */
  #made = {};
  #count = 0;
  #prefix;

  /** @param {string} prefix name of the sprite, which keeps the ids of two sprites apart */
  constructor(prefix) {
    this.#prefix = prefix;
  }

  /** @param {Block[][]} scripts */
  ofScripts(scripts) {
    let y = 20;
    for (const script of scripts) {
      this.#stack(script, null, { x: 20, y });
      y += 100 + heightOf(script);
    }
    return this.#made;
  }

  /**
   * @param {Block[]} stack
   * @param {string | null} parent
   * @param {{ x: number, y: number } | null} place of a script's first block
   * @returns {string | null} the id of the first block
   */
  #stack(stack, parent, place = null) {
    const ids = stack.map(() => this.#newId());
    stack.forEach((block, index) => {
      const next = ids[index + 1] ?? null;
      this.#write(
        ids[index] ?? '',
        block,
        index === 0 ? parent : (ids[index - 1] ?? null),
        next,
        index === 0 ? place : null,
      );
    });
    return ids[0] ?? null;
  }

  /**
   * @param {string} id
   * @param {Block} block
   * @param {string | null} parent
   * @param {string | null} next
   * @param {{ x: number, y: number } | null} place
   */
  #write(id, block, parent, next, place) {
    /** @type {Record<string, unknown[]>} */
    const inputs = {};
    for (const [name, value] of Object.entries(block.inputs ?? {}))
      inputs[name] = this.#slot(value, id);
    for (const [name, value] of Object.entries(block.booleans ?? {}))
      inputs[name] = [2, this.#reporter(value, id)];
    for (const [name, inside] of Object.entries(block.stacks ?? {}))
      inputs[name] = [2, this.#stack(inside, id)];
    for (const [name, text] of Object.entries(block.broadcasts ?? {}))
      inputs[name] = [1, [11, text, `broadcast-${text}`]];
    for (const [name, menu] of Object.entries(block.menus ?? {}))
      inputs[name] = [1, this.#menu(menu, id)];
    this.#made[id] = {
      opcode: block.opcode,
      next,
      parent,
      inputs,
      fields: this.#fields(block),
      shadow: false,
      topLevel: place !== null,
      ...place,
    };
  }

  /** @param {Value} value @param {string} parent */
  #slot(value, parent) {
    if (typeof value === 'string') return [1, [10, value]];
    if (typeof value === 'number') return [1, [4, String(value)]];
    return [3, this.#reporter(value, parent), [10, '']];
  }

  /** @param {Value} value @param {string} parent */
  #reporter(value, parent) {
    if (typeof value !== 'object')
      throw new TypeError(`a block is needed, not ${JSON.stringify(value)}`);
    const id = this.#newId();
    this.#write(id, value, parent, null, null);
    return id;
  }

  /** @param {{ menu: string, field: string, value: string }} menu @param {string} parent */
  #menu({ menu, field, value }, parent) {
    const id = this.#newId();
    const fields = { [field]: [value, null] };
    this.#made[id] = {
      opcode: menu,
      next: null,
      parent,
      inputs: {},
      fields,
      shadow: true,
      topLevel: false,
    };
    return id;
  }

  /** @param {Block} block */
  #fields({ fields = {} }) {
    /** @param {string} value @param {string} [type] */
    const id = (value, type) =>
      type === undefined
        ? null
        : type === 'broadcast'
          ? `broadcast-${value}`
          : idOf(this.#prefix, type, value);
    return Object.fromEntries(
      Object.entries(fields).map(([name, { value, type }]) => [name, [value, id(value, type)]]),
    );
  }

  #newId() {
    this.#count += 1;
    return `${this.#prefix}-block-${this.#count}`;
  }
}
