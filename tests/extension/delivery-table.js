// @ts-check
// What every way of delivery is measured by: the same rows for every runtime. Each row plays a
// project and gives what its scripts saw, and what they should have seen.
import {
  choice,
  mark,
  mqtt,
  note,
  numbered,
  wait,
  whenConnection,
  whenFlag,
  whenMessage,
} from './project.js';

/** @typedef {typeof import('./project.js').playProject} Play */
/** @typedef {{ name: string, run: (play: Play) => Promise<{ seen: unknown, expected: unknown }> }} Row */

const setValue = {
  opcode: 'data_setvariableto',
  inputs: { VALUE: mqtt('messagePayload') },
  fields: { VARIABLE: ['value', 'value'] },
};

const move = { opcode: 'motion_movesteps', inputs: { STEPS: '1' } };

const forever = { opcode: 'control_forever', inputs: { SUBSTACK: [wait(0)] } };

const broadcast = {
  opcode: 'event_broadcast',
  inputs: {
    BROADCAST_INPUT: { menu: 'event_broadcast_menu', fields: { BROADCAST_OPTION: ['go', 'go'] } },
  },
};

const noteValueWhenReceived = [
  { opcode: 'event_whenbroadcastreceived', fields: { BROADCAST_OPTION: ['go', 'go'] } },
  {
    opcode: 'data_addtolist',
    inputs: { ITEM: { opcode: 'data_variable', fields: { VARIABLE: ['value', 'value'] } } },
    fields: { LIST: ['received', 'received'] },
  },
];

const broadcastAndWait = { ...broadcast, opcode: 'event_broadcastandwait' };

/** @param {...import('./project.js').Block} body */
const whenReceived = (...body) => [
  { opcode: 'event_whenbroadcastreceived', fields: { BROADCAST_OPTION: ['go', 'go'] } },
  ...body,
];

/** @param {...import('./project.js').Block} body */
const whenClone = (...body) => [{ opcode: 'control_start_as_clone' }, ...body];

const deleteClone = { opcode: 'control_delete_this_clone' };

/** @param {string} sprite */
const cloneOf = (sprite) => ({
  opcode: 'control_create_clone_of',
  inputs: {
    CLONE_OPTION: {
      menu: 'control_create_clone_of_menu',
      fields: { CLONE_OPTION: [sprite, null] },
    },
  },
});

const makeClone = cloneOf('_myself_');

const isFifth = {
  opcode: 'operator_equals',
  inputs: {
    OPERAND1: { opcode: 'operator_mod', inputs: { NUM1: mqtt('messagePayload'), NUM2: '5' } },
    OPERAND2: '0',
  },
};

const waitSometimes = {
  opcode: 'control_if',
  inputs: { CONDITION: isFifth, SUBSTACK: [wait(0.1)] },
};

/** @param {string} mode */
const handle = (mode) => whenFlag(mqtt('handling', { MODE: choice('MODE', mode) }));

/** @param {string[]} seen such as `test=1`, in any order */
const inOrder = (seen) =>
  [...seen].sort((one, other) => Number(one.slice(5)) - Number(other.slice(5)));

/** @param {number} perSecond @returns {Row[]} */
const rowsAt = (perSecond) => [
  {
    name: `a short script handles 100 of 100 messages at ${perSecond} per second`,
    run: async (play) => {
      const { arrive, list } = await play({ Cat: [whenMessage('test', note())] });
      arrive(100, perSecond);
      return { seen: list(), expected: numbered() };
    },
  },
  {
    name: `a short script that draws handles 100 of 100 messages at ${perSecond} per second`,
    run: async (play) => {
      const { arrive, frames, list } = await play({ Cat: [whenMessage('test', note(), move)] });
      arrive(100, perSecond);
      frames(20);
      return { seen: list(), expected: numbered() };
    },
  },
  {
    name: `a script that waits handles 100 of 100 messages at ${perSecond} per second`,
    run: async (play) => {
      const { arrive, frames, list } = await play({
        Cat: [whenMessage('test', note(), wait(0.1), note('after'))],
      });
      arrive(100, perSecond);
      frames(450);
      return { seen: [list(), list('after')], expected: [numbered(), numbered()] };
    },
  },
  {
    name: `two sprites and a clone handle 100 of 100 messages each at ${perSecond} per second`,
    run: async (play) => {
      const { arrive, frames, greenFlag, ownLists } = await play({
        Cat: [whenMessage('test', note('own of Cat'))],
        Dog: [whenFlag(makeClone), whenMessage('test', note('own of Dog'))],
      });
      greenFlag();
      frames(2);
      arrive(100, perSecond);
      return {
        seen: [...ownLists('Cat'), ...ownLists('Dog')],
        expected: [numbered(), numbered(), numbered()],
      };
    },
  },
  {
    name: `a receiver of a broadcast runs 100 times at ${perSecond} messages per second`,
    run: async (play) => {
      const { arrive, frames, list } = await play({
        Cat: [whenMessage('test', setValue, broadcast)],
        Dog: [noteValueWhenReceived],
      });
      arrive(100, perSecond);
      frames(220);
      return {
        seen: list('received').map(String),
        expected: numbered().map((seen) => seen.replace('test=', '')),
      };
    },
  },
];

/** @type {Row[]} */
export const ROWS = [
  ...[15, 30, 60, 300].flatMap(rowsAt),
  {
    name: 'messages of another topic start no script',
    run: async (play) => {
      const { arrive, list } = await play({
        Cat: [whenMessage('one', note('cat')), whenMessage('two', note('dog'))],
      });
      arrive(100, 60, ['one', 'two']);
      return {
        seen: [list('cat'), list('dog')],
        expected: [
          numbered(100, 'one').filter((_, index) => index % 2 === 0),
          numbered(100, 'two').filter((_, index) => index % 2 === 1),
        ],
      };
    },
  },
  {
    name: 'a script that never ends stops no other script',
    run: async (play) => {
      const { arrive, list } = await play({
        Cat: [whenMessage('test', note('cat'), forever)],
        Dog: [whenMessage('test', note('dog'))],
      });
      arrive(100, 60);
      return { seen: [list('cat'), list('dog')], expected: [['test=1'], numbered()] };
    },
  },
  {
    name: 'a script that waits for some messages finishes them in order, one at a time',
    run: async (play) => {
      const { client, frames, list, runtime } = await play({
        Cat: [whenMessage('test', waitSometimes, note())],
      });
      let mostAlive = 0;
      for (let n = 1; n <= 100; n += 1) {
        client().deliver('test', String(n));
        frames();
        mostAlive = Math.max(mostAlive, runtime.threads.length);
      }
      frames(100);
      return { seen: [list(), mostAlive], expected: [numbered(), 1] };
    },
  },
  {
    name: 'a receiver reads the message of the script that broadcast',
    run: async (play) => {
      const { arrive, frames, list } = await play({
        Cat: [whenMessage('test', broadcast)],
        Dog: [whenReceived(note('received'))],
      });
      arrive(100, 300);
      frames(220);
      return { seen: list('received'), expected: numbered() };
    },
  },
  {
    name: 'broadcast and wait: a receiver that waits ends with the message it began with',
    run: async (play) => {
      const { arrive, frames, list } = await play({
        Cat: [whenMessage('test', broadcastAndWait, note('after'))],
        Dog: [whenReceived(note('received'), wait(0.1), note('dog'))],
      });
      arrive(20, 300);
      frames(220);
      return {
        seen: [list('received'), list('dog'), list('after')],
        expected: [numbered(20), numbered(20), numbered(20)],
      };
    },
  },
  {
    name: 'a clone reads the message of the script that made it, through a receiver too',
    run: async (play) => {
      const { arrive, frames, list } = await play({
        Cat: [whenMessage('test', broadcast), whenReceived(cloneOf('Dog'))],
        Dog: [whenClone(wait(0.1), note('clone'), deleteClone)],
      });
      arrive(50, 300);
      frames(120);
      return { seen: list('clone'), expected: numbered(50) };
    },
  },
  {
    name: 'newest only: of ten messages in a frame a short script handles the last',
    run: async (play) => {
      const { arrive, frames, greenFlag, list } = await play({
        Cat: [handle('newest only'), whenMessage('test', note())],
      });
      greenFlag();
      frames(2);
      arrive(100, 300);
      return { seen: list(), expected: numbered().filter((_, index) => index % 10 === 9) };
    },
  },
  {
    name: 'newest only: a script that waits finishes each message that it takes, and the last one',
    run: async (play) => {
      const { arrive, blocks, frames, greenFlag, list } = await play({
        Cat: [handle('newest only'), whenMessage('test', note(), wait(0.1), note('after'))],
      });
      greenFlag();
      frames(2);
      arrive(100, 60);
      frames(20);
      const seen = list();
      return {
        seen: [seen, list('after'), seen.length < 40, seen.at(-1), /dropped/.test(blocks.status())],
        expected: [inOrder(seen), seen, true, 'test=100', false],
      };
    },
  },
  {
    name: 'all at once: a script that waits runs at most 30 times at a time, and for every message',
    run: async (play) => {
      const { client, frames, greenFlag, list, runtime } = await play({
        Cat: [handle('all at once'), whenMessage('test', note(), wait(1), note('after'))],
      });
      greenFlag();
      frames(2);
      for (let n = 1; n <= 100; n += 1) client().deliver('test', String(n));
      let mostAlive = 0;
      for (let frame = 0; frame < 150; frame += 1) {
        frames();
        mostAlive = Math.max(mostAlive, runtime.threads.length);
      }
      return {
        seen: [list(), inOrder(list('after')), mostAlive],
        expected: [numbered(), numbered(), 30],
      };
    },
  },
  {
    name: 'one by one again: a script that waits handles every message after another mode',
    run: async (play) => {
      const { arrive, blocks, frames, list } = await play({
        Cat: [whenMessage('test', note(), wait(0.1))],
      });
      blocks.handling({ MODE: 'all at once' });
      blocks.handling({ MODE: 'one by one' });
      arrive(20, 60);
      frames(100);
      return { seen: list(), expected: numbered(20) };
    },
  },
  {
    name: 'each script under "when connection" runs once for each change',
    run: async (play) => {
      const { client, frames, list } = await play({
        Cat: [
          whenConnection('made', mark('made')),
          whenConnection('lost', mark('lost')),
          whenConnection('refused', mark('refused')),
        ],
        Dog: [whenConnection('made', mark('made', 'dog'))],
      });
      client().accept();
      frames(2);
      client().drop({ code: 'lost', closeCode: 1006 }, 1000);
      frames(2);
      client().drop({ code: 'never-opened', afterMs: 3 }, 2000);
      frames(2);
      client().accept();
      frames(2);
      return {
        seen: [list(), list('dog')],
        expected: [
          ['made', 'lost', 'made'],
          ['made', 'made'],
        ],
      };
    },
  },
  {
    name: 'a script under "when connection" finishes one change before it takes the next',
    run: async (play) => {
      const { client, frames, list } = await play({
        Cat: [whenConnection('made', mark('begin'), wait(0.1), mark('end'))],
      });
      client().accept();
      client().drop({ code: 'lost', closeCode: 1006 }, 1000);
      client().accept();
      frames(20);
      return { seen: list(), expected: ['begin', 'end', 'begin', 'end'] };
    },
  },
];
