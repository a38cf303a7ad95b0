// @ts-check
// For a first lesson. The comment on a block is its sentence in docs/reference/blocks.md.
import { CONNECT_LIMIT_MS } from '../client/connection.js';
import { OWNER } from '../client/subscriptions.js';
import { DEFAULT_BROKER } from './ids.js';
import { block, string, translated } from './record.js';
import { isOnlyShown } from './run.js';

const TOPIC = string('test');

export const BEGINNER_BLOCKS = [
  /**
   * Connects to a broker and waits until it is done, 15 seconds at most; give it `class` for the class server, `practice`
   * for a broker in this browser, a full address, `name:port` or only a name; or the brokers of a cluster, with commas between them,
   * of which any will do.
   */
  block({
    opcode: 'connect',
    blockType: 'command',
    text: 'connect to broker [BROKER]',
    arguments: { BROKER: string(DEFAULT_BROKER) },
    when: 'now',
    run: ({ BROKER }, { client, connection, starts, status }, util) => {
      if (starts.mayConnect(util)) {
        return client.waitFor(() => connection.connect(BROKER), CONNECT_LIMIT_MS);
      }
      return status.report('connect.not-started');
    },
  }),

  /**
   * Puts a name before every topic, so that the groups of a class do not hear each other; topics that begin with `/`
   * or `$` stay unchanged.
   */
  block({
    opcode: 'setRoom',
    blockType: 'command',
    text: 'use room [ROOM]',
    arguments: { ROOM: translated('default.room') },
    run: ({ ROOM }, bridge) => {
      const room = ROOM.trim().replace(/\/+$/, '');
      const problem = room === '' ? null : bridge.client.core.topicProblem(room);
      if (!problem) return bridge.setRoom(room);
      const isKnown = problem === 'wildcard' || problem === 'too-long';
      return bridge.status.report(isKnown ? `room.${problem}` : 'room.control-character');
    },
  }),

  /**
   * Sends a message to a topic; without a connection it waits until there is one, or until the green flag starts the
   * project anew.
   */
  block({
    opcode: 'publish',
    blockType: 'command',
    text: 'publish [MESSAGE] to topic [TOPIC]',
    arguments: { MESSAGE: translated('default.message'), TOPIC },
    when: 'publishing',
    run: (values, bridge) => bridge.publish(values.TOPIC, values.MESSAGE),
  }),

  /** Runs the script once for each message on the topic, in order; it subscribes by itself. */
  block({
    opcode: 'whenMessage',
    blockType: 'hat',
    text: 'when message on topic [TOPIC]',
    arguments: { TOPIC },
    run: (values, { delivery }, util) => delivery.isHatTrue(values.TOPIC, util),
  }),

  /**
   * What was sent: inside a script under `when message`, and in what that script starts by a broadcast or as a clone,
   * it is the message of that script, elsewhere the last one; `broadcast and wait` lets a receiver end before the next
   * message starts it anew, and where the extension runs in a sandbox put it into a variable before you broadcast.
   */
  block({
    opcode: 'messagePayload',
    blockType: 'reporter',
    text: 'message payload',
    run: (_, bridge, util) => bridge.messageFor(util)?.payload,
  }),

  /** The topic of that message, without the room. */
  block({
    opcode: 'messageTopic',
    blockType: 'reporter',
    text: 'message topic',
    run: (_, bridge, util) => bridge.messageFor(util)?.shownTopic,
  }),

  /** The newest message on a topic, at any time; it subscribes by itself and is empty until a message comes. */
  block({
    opcode: 'lastMessage',
    blockType: 'reporter',
    text: 'last message on topic [TOPIC]',
    arguments: { TOPIC },
    run: (values, { client, lastMessages, subscriptions }, util) => {
      const topic = values.TOPIC;
      if (!isOnlyShown(util)) client.run(() => subscriptions.add(OWNER.last, topic));
      return lastMessages.find(subscriptions.full(topic), client.core.matches)?.payload;
    },
  }),

  /** True as long as there is a connection to the broker. */
  block({
    opcode: 'isConnected',
    blockType: 'Boolean',
    text: 'connected?',
    run: (_, { connection }) => connection.isConnected,
  }),

  /** A sentence that says how the connection is, what is wrong and what to do; tick it to see it on the stage. */
  block({
    opcode: 'status',
    blockType: 'reporter',
    text: 'connection status',
    run: (_, { status }) => status.toString(),
  }),
];
