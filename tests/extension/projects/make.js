// @ts-check
/**
 * Writes a project with the blocks that no saved project has yet, as an editor saves it. A file of blocks
 * that were released is never written again; new blocks get a new one.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { BLOCKS } from '../../../extension/blocks/palette.js';
import { IOT_BLOCKS } from '../../../extension/iot/blocks.js';
import { choice, iot, mark, mqtt, projectOf, whenFlag } from '../project.js';

/** What ends a connection comes at the end. */
const LAST = 'disconnect';

const FOLDER = new URL('./', import.meta.url);
const saved = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const known = saved.map((name) => readFileSync(new URL(name, FOLDER), 'utf8')).join();
/** @param {{ block: import('../project.js').Block }} one */
const isNew = ({ block }) => !known.includes(`"opcode": "${block.opcode}"`);

const ours = BLOCKS.flatMap((block) => (typeof block === 'string' ? [] : [block])).map(
  ({ opcode, blockType, arguments: args = {} }) => ({
    opcode,
    blockType,
    block: mqtt(
      opcode,
      Object.fromEntries(
        Object.entries(args).map(([name, one]) => [
          name,
          name === 'LIST' ? listOf(opcode) : slotOf(one),
        ]),
      ),
    ),
  }),
);
const theirs = Object.entries(IOT_BLOCKS).map(([opcode, { blockType, arguments: args }]) => ({
  opcode,
  blockType,
  block: iot(
    opcode,
    Object.fromEntries(Object.entries(args).map(([name, { value }]) => [name, value])),
  ),
}));

/** @param {typeof ours} blocks @param {import('../project.js').Block} payload */
function scriptsOf(blocks, payload) {
  const of = (/** @type {string[]} */ ...types) =>
    blocks.filter(({ blockType, opcode }) => types.includes(blockType) && opcode !== LAST);
  return [
    whenFlag(
      ...of('command').map(({ block }) => block),
      ...of('reporter', 'Boolean').map(({ block }) => mark(labelled(block))),
      ...blocks.filter(({ opcode }) => opcode === LAST).map(({ block }) => block),
    ),
    ...of('hat').map(({ block }) => [block, mark(labelled(block, payload), 'received')]),
  ];
}

/** A value, after the name of a block. @param {import('../project.js').Block} block */
const labelled = (block, value = block) => ({
  opcode: 'operator_join',
  inputs: { STRING1: `${block.opcode}=`, STRING2: value },
});

/** What is written as JSON is read again. @param {string} opcode */
function listOf(opcode) {
  return /json/i.test(opcode) ? 'after' : 'cat';
}

/** @param {import('../../../extension/blocks/record.js').Argument} argument */
function slotOf({ menu, value = '', text }) {
  if (menu) return choice(menu, value);
  return text ? 'hello' : value;
}

const [newOurs, newTheirs] = [ours.filter(isNew), theirs.filter(isNew)];
if (newOurs.length + newTheirs.length === 0) throw new Error('every block is in a project');
const project = projectOf({
  Ours: scriptsOf(newOurs, mqtt('messagePayload')),
  CodeLab: scriptsOf(newTheirs, iot('getComingMessage')),
});
const name = `blocks-${saved.length + 1}.json`;
writeFileSync(new URL(name, FOLDER), `${JSON.stringify(JSON.parse(project), null, 2)}\n`);
console.log(name);
