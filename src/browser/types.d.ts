/** Names and values; an array keeps their order, and may hold a name more than once. */
export type UserProperties = [name: string, value: string][] | Record<string, string>;

/** The properties of a message that arrived. */
export interface ReceivedProperties extends MessageProperties {
  /** As pairs, in the order of the sender. */
  userProperties?: [name: string, value: string][];
}

/** `waiting` is the pause before the next attempt; `closed` stays so until `connect` is called. */
export type ConnectionState = 'closed' | 'connecting' | 'connected' | 'waiting' | 'closing';

/** A message that arrived. */
export interface MqttMessage {
  topic: string;
  /**
   * Its own bytes: it may be kept and changed. It can be a part of a larger `buffer`: see
   * `byteOffset`, or take `payload.slice().buffer`.
   */
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  /** It was kept by the broker, and is not new. */
  retain: boolean;
  /** The broker may have sent it before. */
  dup: boolean;
  /** The numbers that `subscribe` returned for every subscription that matches the topic. */
  subscriptions: number[];
  /** What the sender said about it; missing when that is nothing. */
  properties?: ReceivedProperties;
}

/** Why a connection ended; programs test `code`. */
export interface CloseReason {
  code:
    | 'closed'
    | 'address-refused'
    | 'never-opened'
    | 'closed-before-connack'
    | 'lost'
    | 'connect-timeout'
    | 'ping-timeout'
    | 'refused'
    | 'disconnected'
    | 'name-in-use'
    | 'session-in-use'
    | 'protocol';
  /** In English, for developers. Never holds an address, a user name or a password. */
  message: string;
  /** `refused`, `disconnected`: the reason as a code of MQTT 5.0, for example 0x86 bad password. */
  reasonCode?: number;
  /** `refused`: the code on the wire. */
  returnCode?: number;
  /** `refused`, `disconnected`: the broker's own words. */
  reasonString?: string;
  /** `refused`, `disconnected`: another broker that it names; it is not followed. */
  serverReference?: string;
  /** `lost`: the WebSocket close code. */
  closeCode?: number;
  /**
   * `address-refused`, `never-opened`: what in the browser blocked the address, where that is known.
   * `secure-page`: `ws://` from a page that came over https; `content-security-policy`: that of the
   * page; `port`: browsers open no connection to it; `not-permitted`: `mayOpen` said no.
   */
  cause?: 'secure-page' | 'content-security-policy' | 'port' | 'not-permitted';
  /** `never-opened`: how long the attempt lasted. */
  afterMs?: number;
  /** `connect-timeout`: whether the WebSocket had opened. */
  opened?: boolean;
}

/**
 * 5.0: what the broker said of itself and what it allows. The client keeps to it by itself; what is
 * missing has the default of the specification.
 */
export interface ServerProperties {
  /** How long it keeps the session after the connection, instead of what was asked for. */
  sessionExpirySeconds?: number;
  /** How many QoS 1 and 2 messages may be on their way to it. */
  receiveMaximum?: number;
  maximumQos?: 0 | 1;
  retainAvailable?: boolean;
  /** The largest packet that it takes. */
  maxPacketBytes?: number;
  topicAliasMaximum?: number;
  /** Its own words. */
  reasonString?: string;
  userProperties?: [name: string, value: string][];
  wildcardsAvailable?: boolean;
  subscriptionIdentifiersAvailable?: boolean;
  sharedSubscriptionsAvailable?: boolean;
  /** The longest silence, instead of what was asked for; a ping follows after three quarters of it. */
  keepAliveSeconds?: number;
  responseInformation?: string;
  /** Another broker that it names; it is not followed. */
  serverReference?: string;
}

/** Everything that happens apart from messages. */
export type MqttEvent =
  | { type: 'connecting'; attempt: number }
  | {
      type: 'connected';
      sessionPresent: boolean;
      version: '3.1.1' | '5.0';
      clientId: string;
      properties?: ServerProperties;
    }
  | { type: 'disconnected'; reason: CloseReason; retryInMs: number | null }
  /** QoS 1 and 2: the broker has the message. QoS 0 has no acknowledgement and no event. */
  | { type: 'published'; token: number }
  | {
      type: 'publishFailed';
      token: number;
      code: PublishFailure;
      /** `refused`: the reason as a code of MQTT 5.0. */
      reasonCode?: number;
      /** `refused`: the broker ended the connection each time that it was sent, or one like it. */
      endedConnection?: true;
      /** With `endedConnection`: where it was published. */
      topic?: string;
      /** `qos-not-supported`: the highest QoS that the broker allows. */
      maximumQos?: 0 | 1;
    }
  | { type: 'subscribed'; subscription: number; filter: string; qos: 0 | 1 | 2 }
  | { type: 'subscribeFailed'; subscription: number; filter: string; reasonCode: number }
  | { type: 'unsubscribed'; filter: string }
  /** 5.0: the broker refused to end a subscription; its messages may go on. */
  | { type: 'unsubscribeFailed'; filter: string; reasonCode: number }
  | { type: 'messagesDropped'; count: number }
  /** Messages of an earlier page wait: their tokens are `firstToken` and the numbers after it. */
  | { type: 'sessionRestored'; firstToken: number; messages: number }
  | {
      type: 'warning';
      code:
        | 'unknown-packet-id'
        | 'unexpected-topic'
        | 'wrong-number-of-codes'
        | 'receive-maximum-exceeded'
        | 'no-subprotocol'
        | 'session-not-kept'
        | 'session-discarded'
        | 'qos-lowered'
        | 'one-by-one'
        | 'user-properties-left-out';
    };

/** Why a message is not delivered. */
export type PublishFailure =
  | 'queue-full'
  | 'replaced'
  | 'discarded'
  | 'expired'
  | 'too-large'
  | 'qos-not-supported'
  | 'retain-not-supported'
  | 'refused'
  | 'closed'
  | 'bad-argument';

/** What is thrown by `MqttClient`; only for arguments that can never work, or a full queue. */
export interface MqttError extends Error {
  name: 'MqttError';
  code: 'bad-argument' | 'queue-full' | 'too-fast' | 'too-large' | 'closed';
}

/** Counts since the client was made. */
export interface Statistics {
  /** Messages handed to the WebSocket. */
  sent: number;
  /** Messages received. */
  received: number;
  /** Messages that wait for a connection or an acknowledgement. */
  waiting: number;
  /** Received messages that were dropped because the application did not take them. */
  dropped: number;
  /** Messages that were not published: queue full, replaced, or too fast. */
  skipped: number;
  /** How often the connection came back. */
  reconnects: number;
  /** How long the broker took for its last answer to connecting or to a ping; absent before. */
  answerTimeMs?: number;
}

/** What a text means as a broker's address. */
export interface BrokerAddress {
  /** `null` when the text can be used. */
  error: null | 'empty' | 'space' | 'http' | 'scheme' | 'host' | 'port' | 'board-port' | 'insecure';
  /** Addresses to try, in order; without credentials. */
  urls: string[];
  host: string;
  port: number;
  username?: string;
  password?: string;
  /** The address as it may be shown: never holds credentials. */
  shown: string;
}

/** Why a text cannot be a topic; `null` when it can. */
export type TopicProblem =
  | null
  | 'empty'
  | 'too-long'
  | 'null-character'
  | 'control-character'
  | 'wildcard'
  | 'hash-not-last'
  | 'hash-not-alone'
  | 'plus-not-alone'
  | 'invalid-share';
