// @ts-check
/**
 * Writes a project with every block, as an editor saves it: `node tests/extension/projects/make.js 2`
 * writes `blocks-2.json`. A file of blocks that were released is never written again; new blocks get a
 * new one. Bring it into form with `npm run format`.
 */
import { writeFileSync } from 'node:fs';
import { EXTENSION_ID } from '../../../extension/blocks/ids.js';
import { BLOCKS } from '../../../extension/blocks/palette.js';
import { IOT_BLOCKS } from '../../../extension/iot/blocks.js';
import { choice, iot, mark, mqtt, projectOf, whenFlag } from '../project.js';

/** What ends a connection comes at the end. */
const LAST = 'disconnect';

const ours = BLOCKS.flatMap((block) => (typeof block === 'string' ? [] : [block])).map(
  ({ opcode, blockType, arguments: args = {} }) => ({
    opcode,
    blockType,
    block: mqtt(
      opcode,
      Object.fromEntries(Object.entries(args).map(([name, one]) => [name, slotOf(one)])),
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

/** @param {import('../../../extension/blocks/record.js').Argument} argument */
function slotOf({ menu, value = '', text }) {
  if (menu) return choice(menu, value);
  return text ? 'hello' : value;
}

const project = projectOf({
  Ours: scriptsOf(ours, mqtt('messagePayload')),
  CodeLab: scriptsOf(theirs, iot('getComingMessage')),
});
const file = new URL(`blocks-${process.argv[2]}.json`, import.meta.url);
if (!/^\d+$/.test(process.argv[2] ?? '')) throw new Error(`which set of ${EXTENSION_ID}? A number`);
writeFileSync(file, `${JSON.stringify(JSON.parse(project), null, 2)}\n`);
