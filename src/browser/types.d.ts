/** Names and values; an array keeps their order, and may hold a name more than once. */
export type UserProperties = [name: string, value: string][] | Record<string, string>;

/** The properties of a message that arrived. */
export interface ReceivedProperties extends MessageProperties {
  /** As pairs, in the order of the sender. */
  userProperties?: [name: string, value: string][];
}

/** A message that arrived. */
export interface MqttMessage {
  topic: string;
  /**
   * Its own bytes: it may be kept and changed. It can be a part of a larger `buffer`: see
   * `byteOffset`, or take `payload.slice().buffer`.
   */
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  /** The broker retained it, it is not new. */
  retain: boolean;
  /** The broker may have sent it before. */
  dup: boolean;
  /** The numbers that `subscribe` returned for every subscription that matches the topic. */
  subscriptions: number[];
  /** What the sender said about it; missing when that is nothing. */
  properties?: ReceivedProperties;
}

/** What is thrown by `MqttClient`; only for what cannot work, or a full queue. */
export interface MqttError extends Error {
  name: 'MqttError';
  code: 'bad-argument' | 'queue-full' | 'too-fast' | 'too-large' | 'closed' | 'no-websocket';
  /** `bad-argument`: what is wrong with a topic or filter, where that is the reason. */
  problem?: TopicFault;
}

/** Why a text cannot be a topic, `null` when it can; `control-character`: some brokers hang up. */
export type TopicProblem = null | 'control-character' | TopicFault;
