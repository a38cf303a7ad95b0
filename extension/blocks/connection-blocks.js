// @ts-check
// For the connection. The comment on a block is its sentence in docs/reference/blocks.md.
import { USUAL_RATE } from '../client/connection.js';
import { block, choice, number, string } from './record.js';

/** The longest payload of a last will, in bytes. [MQTT-3.1.3-10] */
const MOST_WILL_BYTES = 65_535;

/** The most messages per second that a limit may name. */
const FASTEST = 1_000_000;

export const CONNECTION_BLOCKS = [
  /**
   * Sets the user name and the password for the next connect; they are saved in the project, so use only those that
   * everyone may know. For a real password there is “Broker login…” above the blocks.
   */
  block({
    opcode: 'login',
    blockType: 'command',
    text: 'log in as [USER] with password [PASSWORD]',
    arguments: { USER: string(), PASSWORD: string() },
    run: ({ USER, PASSWORD }, { connection }) => connection.setLogin(USER, PASSWORD),
  }),

  /** Sets the name under which the broker knows this project; left out, each project gets a name of its own. */
  block({
    opcode: 'clientName',
    blockType: 'command',
    text: 'set client name to [NAME]',
    arguments: { NAME: string() },
    run: ({ NAME }, { client, connection, status }) => {
      const name = NAME.trim();
      const problem = name === '' ? null : client.core.topicProblem(name);
      if (!problem || problem === 'wildcard') connection.clientName = name;
      else status.report('connect.clientName');
    },
  }),

  /** Leaves a message with the broker, which publishes it when this project disappears without saying goodbye. */
  block({
    opcode: 'lastWill',
    blockType: 'command',
    text: 'if I disappear publish [MESSAGE] to topic [TOPIC] keep [KEEP]',
    arguments: {
      MESSAGE: string('offline'),
      TOPIC: string('status'),
      KEEP: choice('KEEP', 'yes'),
    },
    // Without a topic there is none.
    run: ({ MESSAGE: payload, TOPIC: topic, KEEP: retain }, bridge) => {
      const { connection, status } = bridge;
      if (topic === '') {
        connection.will = null;
      } else if (new TextEncoder().encode(payload).length > MOST_WILL_BYTES) {
        status.report('publish.too-large');
      } else if (bridge.topicFor(topic) !== null) {
        connection.will = { topic, payload, retain };
        if (bridge.presence.isAnnounced) status.report('will.two');
      }
    },
  }),

  /** Ends the connection; it is not made again until the next `connect to broker`. */
  block({
    opcode: 'disconnect',
    blockType: 'command',
    text: 'disconnect',
    run: (_, { connection }) => connection.disconnect(),
  }),

  /** Runs when the connection is made, lost or refused, or when another project uses the same client name. */
  block({
    opcode: 'whenConnection',
    blockType: 'hat',
    text: 'when connection [STATE]',
    arguments: { STATE: choice('STATE') },
    run: ({ STATE }, { delivery }, util) => delivery.isChangeTrue(STATE, util),
  }),

  /** The last thing that went wrong and was not put right since; empty when all is well. */
  block({
    opcode: 'lastError',
    blockType: 'reporter',
    text: 'last error',
    run: (_, { status }) => status.lastError(),
  }),

  /**
   * Facts of the connection, such as how many messages were sent and how long the broker takes to answer; and the version
   * of the blocks, for a report.
   */
  block({
    opcode: 'connectionInfo',
    blockType: 'reporter',
    text: '[INFO] of connection',
    arguments: { INFO: choice('CONNECTION_INFO') },
    run: ({ INFO }, bridge) => INFO?.(bridge),
  }),

  /** The name that the topic has on the broker, with the room before it. */
  block({
    opcode: 'fullTopic',
    blockType: 'reporter',
    text: 'full name of topic [TOPIC]',
    arguments: { TOPIC: string('test') },
    run: ({ TOPIC }, { subscriptions }) => subscriptions.full(TOPIC),
  }),

  /**
   * Sets the limit, which is 20 with 200 at once when no block sets it, and 0 for none; of what is faster the newest
   * message of each topic is sent when its turn comes, and those that are not sent are counted in `connection status`.
   */
  block({
    opcode: 'publishLimit',
    blockType: 'command',
    text: 'publish at most [N] times per second',
    arguments: { N: number(20) },
    run: ({ N }, { connection }) => {
      const most = Math.min(Math.ceil(N), FASTEST);
      connection.setPublishRate(most > 0 ? rateOf(most) : null);
    },
  }),
];

/**
 * A limit that is higher than the usual one lets through no fewer at once.
 *
 * @param {number} perSecond
 * @returns {import('../client/types.js').PublishRate}
 */
function rateOf(perSecond) {
  const isRaised = perSecond > USUAL_RATE.perSecond;
  const burst = isRaised ? Math.max(perSecond, USUAL_RATE.burst) : perSecond;
  return { perSecond, burst, excess: 'wait' };
}
