/** Options of one connection. Only `url` is required. */
export interface MqttOptions {
  /** `ws://…` or `wss://…`, without credentials; several addresses of one broker are tried in turn. */
  url: string | string[];
  /** Client id. Default: `scratch` and 16 random letters and digits, new for each page load. */
  clientId?: string;
  /** User name. Default: none. */
  username?: string;
  /** Password. Default: none; needs a user name. */
  password?: string;
  /** Start without the state of an earlier connection. Default `true`. */
  cleanSession?: boolean;
  /** Longest silence before a ping, in seconds, 0 (off) to 65535. Default 60. */
  keepAliveSeconds?: number;
  /** Longest wait for an answer to a ping, in milliseconds. Default 10000. */
  pingTimeoutMs?: number;
  /** Longest wait for the broker to accept the connection, in milliseconds. Default 15000. */
  connectTimeoutMs?: number;
  /** Whether a lost connection comes back by itself. Default `true`. */
  reconnect?: boolean;
  /** Published by the broker when this client disappears. Default: nothing. */
  will?: { topic: string; payload: string | Uint8Array; qos?: 0 | 1 | 2; retain?: boolean };
  /** How many messages may wait for a connection. Default 1000. */
  queueMessages?: number;
  /** How many bytes may wait for a connection. Default 4194304. */
  queueBytes?: number;
  /** The largest packet that is accepted, in bytes. Default 16777216. */
  maxPacketBytes?: number;
}

/** `waiting` is the pause before the next attempt; `closed` stays so until `connect` is called. */
export type ConnectionState = 'closed' | 'connecting' | 'connected' | 'waiting' | 'closing';

/** A message that arrived. */
export interface MqttMessage {
  topic: string;
  /** A copy of its own: it may be kept and changed. */
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  /** It was kept by the broker, and is not new. */
  retain: boolean;
  /** The broker may have sent it before. */
  dup: boolean;
  /** The numbers that `subscribe` returned for every subscription that matches the topic. */
  subscriptions: number[];
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
    | 'protocol';
  /** In English, for developers. Never holds an address, a user name or a password. */
  message: string;
  /** `refused`, `disconnected`: the reason as a code of MQTT 5.0, for example 0x86 bad password. */
  reasonCode?: number;
  /** `refused`: the code on the wire. */
  returnCode?: number;
  /** `lost`: the WebSocket close code. */
  closeCode?: number;
  /** `never-opened`: how long the attempt lasted. */
  afterMs?: number;
  /** `connect-timeout`: whether the WebSocket had opened. */
  opened?: boolean;
}

/** Everything that happens apart from messages. */
export type MqttEvent =
  | { type: 'connecting'; attempt: number }
  | { type: 'connected'; sessionPresent: boolean; version: '3.1.1' | '5.0'; clientId: string }
  | { type: 'disconnected'; reason: CloseReason; retryInMs: number | null }
  /** QoS 1 and 2: the broker has the message. QoS 0 has no acknowledgement and no event. */
  | { type: 'published'; token: number }
  | {
      type: 'publishFailed';
      token: number;
      code: 'queue-full' | 'too-large' | 'closed' | 'bad-argument' | 'refused';
      reasonCode?: number;
    }
  | { type: 'subscribed'; subscription: number; filter: string; qos: 0 | 1 | 2 }
  | { type: 'subscribeFailed'; subscription: number; filter: string; reasonCode: number }
  | { type: 'unsubscribed'; filter: string }
  | { type: 'messagesDropped'; count: number }
  | { type: 'warning'; code: 'unknown-packet-id' | 'unexpected-topic' | 'no-subprotocol' };

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
