// @ts-check
/**
 * The project.json of a Scratch 3 project, from the blocks of CodeLab's IoT extension to ours. Blocks,
 * monitors and the list of extensions change; everything else stays as it is.
 */
import { EXTENSION_ID } from '../../extension/blocks/ids.js';
import { IOT_BLOCKS, IOT_ID } from '../../extension/iot/blocks.js';
import { loginsIn, withoutLogins } from './logins.js';

/** @typedef {import('./logins.js').Login} Login */
/** @typedef {{ opcode: string, inputs?: Record<string, unknown>, fields?: Record<string, unknown> }} Block */
/** @typedef {{ name?: string, blocks?: Record<string, Block | unknown[]> }} Target */
/** @typedef {{ opcode?: string, id?: string, params?: Record<string, unknown> }} Monitor */
/** @typedef {{ targets: Target[], monitors?: Monitor[], extensions?: string[], extensionURLs?: Record<string, string> }} Project */

/**
 * @typedef {object} Found
 * @property {number} count blocks that can be changed
 * @property {string[]} sprites that have them
 * @property {number} unknown blocks of the same id that the extension of 2019 did not have
 * @property {Login[]} logins in addresses, each once
 * @property {boolean} hasHiddenAddress whether an address comes from other blocks
 */

const PREFIX = `${IOT_ID}_`;

/** Blocks that talk to a broker. Menus are blocks too. */
const OURS = new RegExp(`^(?:${EXTENSION_ID}|${IOT_ID})_(?!menu_)`);

/** The slot of the address. */
const ADDRESS = 'mqtt_uri';

/** The types of texts and numbers in a slot: see scratch-vm, `serialization/sb3.js`. */
const LAST_TEXT_TYPE = 10;

/**
 * @param {Project} project
 * @returns {Found}
 */
export function inspect(project) {
  /** @type {Found} */
  const found = { count: 0, sprites: [], unknown: 0, logins: [], hasHiddenAddress: false };
  /** @type {Set<string>} */
  const sprites = new Set();
  for (const { name, blocks } of project.targets) {
    for (const block of Object.values(blocks ?? {})) {
      if (!isIot(block)) continue;
      if (!known(block.opcode)) {
        found.unknown += 1;
        continue;
      }
      found.count += 1;
      sprites.add(String(name));
      if (isHidden(block.inputs?.[ADDRESS])) found.hasHiddenAddress = true;
    }
  }
  /** @type {Map<string, Login>} */
  const logins = new Map();
  mapTexts(project, (text, isAddress) => {
    for (const login of loginsIn(text, isAddress)) logins.set(JSON.stringify(login), login);
    return text;
  });
  return { ...found, sprites: [...sprites], logins: [...logins.values()] };
}

/** How many blocks for MQTT there are, without what is in their menus. @param {Project} project */
export function countOurs({ targets }) {
  const opcodes = targets.flatMap(({ blocks }) =>
    Object.values(blocks ?? {}).map((block) => String('opcode' in block ? block.opcode : '')),
  );
  return opcodes.filter((opcode) => OURS.test(opcode)).length;
}

/**
 * @param {Project} project stays as it is
 * @param {object} options
 * @param {boolean} options.stripsLogins whether user names and passwords are taken out
 * @param {string} [options.extensionUrl] where TurboWarp finds our extension
 * @returns {Project}
 */
export function convert(project, { stripsLogins, extensionUrl }) {
  const { unknown } = inspect(project);
  const changed = /** @type {Project} */ (
    mapTexts(project, stripsLogins ? withoutLogins : (text) => text)
  );
  return {
    ...changed,
    targets: changed.targets.map((target) => ({
      ...target,
      blocks: mapValues(target.blocks ?? {}, (block) => (isIot(block) ? renamed(block) : block)),
    })),
    ...(changed.monitors && { monitors: changed.monitors.map(renamedMonitor) }),
    extensions: extensionsOf(changed.extensions ?? [], unknown > 0),
    ...urlsOf(changed.extensionURLs, unknown > 0, extensionUrl),
  };
}

/** @param {Block} block @returns {Block} */
function renamed(block) {
  const match = known(block.opcode);
  if (!match) return block;
  /** @param {string} name */
  const nameOf = (name) => match.arguments[name]?.ours ?? name;
  const opcode = `${EXTENSION_ID}_${match.ours}`;
  const { inputs = {}, fields = {} } = block;
  return { ...block, opcode, inputs: mapKeys(inputs, nameOf), fields: mapKeys(fields, nameOf) };
}

/** @param {Monitor} monitor @returns {Monitor} */
function renamedMonitor(monitor) {
  const match = known(monitor.opcode ?? '');
  if (!match) return monitor;
  const opcode = `${EXTENSION_ID}_${match.ours}`;
  // The monitor of a block without arguments is called after it.
  return { ...monitor, opcode, ...(monitor.id === monitor.opcode && { id: opcode }) };
}

/** @param {string[]} extensions @param {boolean} isIotNeeded */
function extensionsOf(extensions, isIotNeeded) {
  const ours = extensions.map((id) => (id === IOT_ID ? EXTENSION_ID : id));
  return [...new Set([...ours, EXTENSION_ID, ...(isIotNeeded ? [IOT_ID] : [])])];
}

/**
 * @param {Record<string, string> | undefined} urls
 * @param {boolean} isIotNeeded
 * @param {string | undefined} extensionUrl
 */
function urlsOf(urls, isIotNeeded, extensionUrl) {
  const kept = { ...urls };
  if (!isIotNeeded) delete kept[IOT_ID];
  if (extensionUrl) kept[EXTENSION_ID] = extensionUrl;
  return urls || extensionUrl ? { extensionURLs: kept } : {};
}

/**
 * A copy with every text changed. A text in the slot of an address is one, even without `wss://`.
 *
 * @param {unknown} value
 * @param {(text: string, isAddress: boolean) => string} change
 * @returns {unknown}
 */
function mapTexts(value, change) {
  if (typeof value === 'string') return change(value, false);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(/** @type {Record<string, unknown>} */ (value), (one, key) =>
    key === ADDRESS && Array.isArray(one) ? mapSlot(one, change) : mapTexts(one, change),
  );
}

/**
 * The texts in a slot, and not the ids of its blocks, which may look like anything.
 *
 * @param {unknown[]} input
 * @param {(text: string, isAddress: boolean) => string} change
 */
const mapSlot = (input, change) =>
  input.map((content) =>
    isText(content) ? [content[0], change(String(content[1]), true)] : content,
  );

/** @param {unknown} content @returns {content is [number, unknown]} */
const isText = (content) => Array.isArray(content) && content[0] <= LAST_TEXT_TYPE;

/** @param {unknown} block @returns {block is Block} */
const isIot = (block) =>
  String(/** @type {Partial<Block> | null} */ (block)?.opcode).startsWith(PREFIX);

/** @param {string} opcode */
const known = (opcode) =>
  opcode.startsWith(PREFIX) && Object.hasOwn(IOT_BLOCKS, opcode.slice(PREFIX.length))
    ? IOT_BLOCKS[opcode.slice(PREFIX.length)]
    : undefined;

/** Whether a slot holds a block or a variable, and not a text. @param {unknown} input */
function isHidden(input) {
  return Array.isArray(input) && input[1] !== null && !isText(input[1]);
}

/**
 * @template T, U
 * @param {Record<string, T>} object
 * @param {(value: T, key: string) => U} change
 * @returns {Record<string, U>}
 */
const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));

/**
 * @template T
 * @param {Record<string, T>} object
 * @param {(key: string) => string} change
 * @returns {Record<string, T>}
 */
const mapKeys = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [change(key), value]));
