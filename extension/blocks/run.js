// @ts-check
// The one place where blocks are run: arguments are cast, and whatever happens, nothing is thrown.
import { thrownSentence } from '../status/reasons.js';

/** @typedef {import('../client/bridge.js').Bridge} Bridge */
/** @typedef {import('../editors/support/scratch.js').BlockUtility} BlockUtility */
/** @typedef {import('./record.js').Block} Block */

/** What an editor gets of a block that has nothing to say. */
const NOTHING = Object.freeze({ command: undefined, reporter: '', Boolean: false, hat: false });

/**
 * Runs a block as an editor asks for it. A command does nothing where a project shows it on the stage as if
 * it were a value: such a block runs in every frame as soon as the project is opened.
 *
 * @param {Block} block
 * @param {Bridge} bridge
 * @param {Readonly<Record<string, unknown>>} [typed] the arguments, by name
 * @param {BlockUtility} [util]
 * @returns {unknown} a text, a number, a yes or no, nothing, or a promise that does not reject
 */
export function runBlock(block, bridge, typed = {}, util = undefined) {
  const { blockType, run, when } = block;
  const isCommand = blockType === 'command';
  if (isCommand && isOnlyShown(util)) return undefined;
  const answer = withoutThrowing(bridge, () => {
    const values = valuesOf(block, bridge, typed);
    if (!isCommand || when === 'now') return run(values, bridge, util);
    bridge.client.run(() => withoutThrowing(bridge, () => run(values, bridge, util)), {
      isPublication: when === 'publishing',
    });
    return undefined;
  });
  return answer ?? NOTHING[blockType];
}

/** Whether a block only shows its value on the stage: then it may change nothing. @param {BlockUtility} [util] */
export const isOnlyShown = (util) => util?.thread?.updateMonitor === true;

/** @param {Block} block @param {Bridge} bridge @param {Readonly<Record<string, unknown>>} typed */
function valuesOf({ arguments: args }, { environment }, typed) {
  /** @type {Record<string, unknown>} */
  const values = {};
  // Scripts run blocks a thousand times in a frame: this is faster than the entries of an object.
  for (const name in args) values[name] = args[name].cast(typed[name], environment.cast);
  return values;
}

/**
 * A block never throws: Scratch would end the script, and say nothing.
 *
 * @template T
 * @param {Bridge} bridge
 * @param {() => T} call
 * @returns {T | undefined}
 */
export function withoutThrowing({ status }, call) {
  try {
    return call();
  } catch (error) {
    status.report(thrownSentence(error).key);
    return undefined;
  }
}
