// What the extension needs of the client. Types only.
import type {
  BrokerAddress,
  ConnectionState,
  MqttEvent,
  MqttMessage,
  MqttOptions,
  PublishRate,
  Statistics,
  TopicProblem,
} from '../../dist/pkg/mqtt.js';

export type {
  BrokerAddress,
  CloseReason,
  MqttEvent,
  MqttMessage,
  MqttOptions,
  PublishFailure,
  PublishRate,
  Statistics,
  TopicProblem,
} from '../../dist/pkg/mqtt.js';

declare global {
  /** The version and the commit, which the build writes in its place: `0.1.0+1a2b3c4d`. Sources have none. */
  const SCRATCH_MQTT_BUILD: string | undefined;
  /** Where the edition for TurboWarp's gallery has its wasm from. */
  const SCRATCH_MQTT_WASM: string;
}

/** The part of the exported class that the extension uses. */
export interface MqttClient {
  onmessage: ((message: MqttMessage) => void) | null;
  onevent: ((event: MqttEvent) => void) | null;
  readonly state: ConnectionState;
  readonly statistics: Statistics;
  connect(options: MqttOptions): void;
  disconnect(): void;
  publish(topic: string, payload: string | Uint8Array, qos?: 0 | 1 | 2, retain?: boolean): number;
  subscribe(filter: string, qos?: 0 | 1 | 2, owner?: number): number;
  unsubscribe(filter: string, owner?: number): void;
  setPublishRate(rate: PublishRate | null): void;
  discardUnsent(olderThanMs?: number): number;
  free(): void;
}

/** What the wasm module exports. */
export interface Core {
  MqttClient: new () => MqttClient;
  parseAddress(text: string, securePage: boolean): BrokerAddress;
  topicProblem(text: string): TopicProblem;
  filterProblem(text: string): TopicProblem;
  matches(filter: string, topic: string): boolean;
}
