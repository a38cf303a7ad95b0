// @ts-check
// For a class: who is here. The comment on a block is its sentence in docs/reference/blocks.md.
import { CONNECT_LIMIT_MS } from '../client/connection.js';
import { writeList } from './lists.js';
import { block, string, translated } from './record.js';
import { isOnlyShown } from './run.js';

const NAME = string('Ada');

export const CLASS_BLOCKS = [
  /**
   * Tells the others in the room that you are here, under a name, until this project ends or loses its connection; without
   * a name it takes the one that was chosen on the start page of the class. Boards do the same with `online` on the topic
   * `NAME/status`.
   */
  block({
    opcode: 'announce',
    blockType: 'command',
    text: 'announce [NAME]',
    arguments: { NAME },
    when: 'now',
    run: (values, { client, presence }) =>
      client.waitFor(() => presence.announce(values.NAME), CONNECT_LIMIT_MS),
  }),

  /** The names of all pupils and boards that are here, in the order of the alphabet; tick it to see it on the stage. */
  block({
    opcode: 'whoIsHere',
    blockType: 'reporter',
    text: 'who is here',
    run: (_, bridge, util) => here(bridge, util).join(', '),
  }),

  /** True as long as somebody with this name is here. */
  block({
    opcode: 'isHere',
    blockType: 'Boolean',
    text: '[NAME] is here?',
    arguments: { NAME },
    run: (values, bridge, util) => here(bridge, util).includes(values.NAME.trim()),
  }),

  /** Puts the names into a list, so that a script can go through them one by one; make the list first. */
  block({
    opcode: 'whoIsHereToList',
    blockType: 'command',
    text: 'write who is here to list [LIST]',
    arguments: { LIST: translated('default.list') },
    when: 'now',
    run: ({ LIST }, bridge, util) => writeList(LIST, here(bridge, util), bridge, util),
  }),
];

/**
 * A project that was only opened asks the broker for nothing; with a connection it was started.
 *
 * @param {import('../client/bridge.js').Bridge} bridge
 * @param {import('./run.js').BlockUtility} [util]
 */
function here({ connection, presence }, util) {
  if (!isOnlyShown(util) || connection.isConnected) presence.listen();
  return presence.here();
}
