/** Options of one connection. Only `url` is required. */
export interface MqttOptions {
  /** `ws://…` or `wss://…`, without credentials; several addresses of one broker are tried beside each other. */
  url: string | string[];
  /**
   * Asked before an address is opened, when its turn comes; only `true` permits it. Default: all are
   * permitted.
   */
  mayOpen?: (url: string) => boolean | Promise<boolean>;
  /** Client id. Default: `scratch` and 16 random letters and digits, new for each page load. */
  clientId?: string;
  /** User name. Default: none. */
  username?: string;
  /** Password. Default: none; needs a user name, except with version `5.0`. */
  password?: string;
  /** Default `newest`: 5.0, and 3.1.1 with a broker that wants it. The others: this version only. */
  version?: 'newest' | '3.1.1' | '5.0';
  /** Start without the state of an earlier connection. Default `true`. */
  cleanSession?: boolean;
  /**
   * Keep what is on its way and what waits with QoS 1 and 2 in IndexedDB, for the same client in a page
   * that is loaded again. Default `false`; needs `clientId` and `cleanSession: false`.
   */
  keepSession?: boolean;
  /** 5.0: how long the broker keeps the session after the connection, in seconds. Default 300. */
  sessionExpirySeconds?: number;
  /** 5.0: pairs of the program's own, sent when connecting. Default: none. */
  userProperties?: UserProperties;
  /** The longest silence, in seconds, 0 (off) to 65535; a ping follows after three quarters of it. Default 60. */
  keepAliveSeconds?: number;
  /** Longest wait for an answer to a ping, in milliseconds. Default 10000. */
  pingTimeoutMs?: number;
  /** Longest wait for the broker to accept the connection, in milliseconds. Default 15000. */
  connectTimeoutMs?: number;
  /** Whether a lost connection comes back by itself. Default `true`. */
  reconnect?: boolean;
  /** Published by the broker when this client disappears. Default: nothing. */
  will?: Will;
  /** 5.0: how many topics are sent as a number after the first time, 0 to 65535. Default 0. */
  topicAliases?: number;
  /** 5.0: how many QoS 1 and 2 messages may be on their way to us, 1 to 65535. Default 100. */
  receiveMaximum?: number;
  /** How many QoS 1 and 2 messages may be on their way to the broker, 1 to 65535. Default 20. */
  sendMaximum?: number;
  /** 5.0: let the broker say which subscriptions a message is for. Default `false`. */
  subscriptionIdentifiers?: boolean;
  /** How many messages may wait for a connection. Default 1000. */
  queueMessages?: number;
  /** How many bytes may wait for a connection. Default 4194304. */
  queueBytes?: number;
  /**
   * What happens when the queue is full. Default `reject-new`: `publish` throws. `drop-oldest`: the
   * oldest makes room. `latest-per-topic`: at any time a QoS 0 message replaces the one that waits
   * for the same topic.
   */
  queuePolicy?: 'reject-new' | 'drop-oldest' | 'latest-per-topic';
  /** The highest rate of messages; what is faster throws `too-fast`, or waits. Default: no limit. */
  publishRate?: PublishRate;
  /** The largest packet that is accepted, in bytes. Default 16777216. */
  maxPacketBytes?: number;
}

/** What the broker publishes when a client disappears. */
export interface Will {
  topic: string;
  payload: string | Uint8Array;
  qos?: 0 | 1 | 2;
  retain?: boolean;
  /** 5.0: how long the broker waits for the client to come back, in seconds. Default 0. */
  delaySeconds?: number;
  /** 5.0 */
  properties?: MessageProperties;
}

/** Names and values; an array keeps their order, and may hold a name more than once. */
export type UserProperties = [name: string, value: string][] | Record<string, string>;

/** So many messages at once, and so many in each second after that. */
export interface PublishRate {
  /** 1 or more. */
  perSecond: number;
  /** 1 or more. Default: as many as in a second. */
  burst?: number;
  /**
   * What becomes of what is faster. Default `refuse`: `publish` throws `too-fast`. `wait`: it waits in
   * the queue for its turn; of QoS 0 only the newest value of each topic, the others fail with
   * `replaced`.
   */
  excess?: 'refuse' | 'wait';
}

/** What MQTT 5.0 can say about a message; left out with a broker that speaks 3.1.1. */
export interface MessageProperties {
  /** The payload is UTF-8 text. */
  payloadIsText?: boolean;
  /** The broker forgets the message after so many seconds. */
  expirySeconds?: number;
  /** Where an answer is awaited. */
  responseTopic?: string;
  /** Sent back with the answer, to know what it answers; up to 65535 bytes. */
  correlationData?: Uint8Array;
  /** For example `application/json`. */
  contentType?: string;
  /** Names and values of the program's own. */
  userProperties?: UserProperties;
}

/** The properties of a message that arrived. */
export interface ReceivedProperties extends MessageProperties {
  /** As pairs, in the order of the sender. */
  userProperties?: [name: string, value: string][];
}

/** How to disconnect. */
export interface DisconnectOptions {
  /**
   * 5.0: how long the broker keeps the session from now on, in seconds; 0: not at all. Default: what
   * `connect` asked for, and 0 with `cleanSession`.
   */
  sessionExpirySeconds?: number;
}

/** How to subscribe. */
export interface SubscribeOptions {
  /** The highest QoS that the broker may use. Default 0. */
  qos?: 0 | 1 | 2;
  /** 5.0: our own messages do not come back. Default `false`; not for `$share/…`. */
  noLocal?: boolean;
  /** 5.0: `retain` tells how a message was published, not whether it is new. Default `false`. */
  retainAsPublished?: boolean;
  /**
   * 5.0: kept messages come 0: always, 1: when the subscription is new, 2: never. Default 0. Said
   * here, 0 asks the broker at each call of `subscribe`, also for a filter that it has.
   */
  retainHandling?: 0 | 1 | 2;
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
