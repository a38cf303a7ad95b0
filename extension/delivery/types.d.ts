// What the blocks need of a way of messages into scripts. Types only.
import type { Change } from '../client/connection.js';
import type { BlockUtility } from '../editors/support/scratch.js';
import type { ReceivedMessage } from './messages.js';

/** A hat for messages, and the name of its topic's slot. */
export interface MessageHat {
  opcode: string;
  slot: string;
}

/**
 * How messages, and the changes of the connection, come to the scripts that wait for them: inside the
 * page by its runtime, in a sandbox by what the editor asks.
 */
export interface Delivery {
  /** Scripts under one more kind of hat get messages. */
  addHat(hat: MessageHat): void;

  /** A message came; `filters` are those of the broker that match its topic. */
  receive(message: ReceivedMessage, filters: Set<string>): void;
  /** The connection changed. */
  changed(change: Change): void;

  /** The hat "when message", with its topic as the project writes it. */
  isHatTrue(topic: string, util?: BlockUtility): boolean;
  /** The hat "when connection"; `undefined`: what its menu does not have. */
  isChangeTrue(state: string | undefined, util?: BlockUtility): boolean;

  /** The message that a script handles. */
  messageFor(util?: BlockUtility): ReceivedMessage | null;
  /** A script took a message out of those that wait, and handles it from now on. */
  give(message: ReceivedMessage, util?: BlockUtility): void;

  /** What becomes of messages that come while scripts are busy: a value of the menu. */
  setMode(mode: string): void;
  /** Skips what waits. */
  clear(): void;
  /** Something changed that topics depend on: reads them, and subscribes, at once. */
  refresh(): void;
}
