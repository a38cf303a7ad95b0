//! The limits of the local broker, and why they differ from the library's.

use std::net::SocketAddr;

use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig, WebSocketConfig};

/// How many messages of QoS 0, and how many of QoS 1 and 2, may wait for one slow client.
///
/// What is more is dropped for QoS 0. The library's 10 000 lose half of a burst of 20 000 that a
/// program sends at once.
const WAITING_MESSAGES: usize = 100_000;

/// The largest packet: 16 MiB, as `MqttClient` accepts by default.
const MAX_PACKET_BYTES: usize = 16 * 1024 * 1024;

/// A broker for one computer or one room: everything in memory, nothing kept after its end.
pub fn broker(tcp: SocketAddr, websocket: SocketAddr) -> BrokerConfig {
    let storage = StorageConfig::new()
        .with_backend(StorageBackend::Memory)
        .with_max_queued_messages_per_client(WAITING_MESSAGES);
    BrokerConfig::new()
        .with_bind_address(tcp)
        .with_websocket(
            WebSocketConfig::new()
                .with_bind_address(websocket)
                .with_path("/mqtt"),
        )
        .with_storage(storage)
        .with_client_channel_capacity(WAITING_MESSAGES)
        .with_max_packet_size(MAX_PACKET_BYTES)
        .with_sys_topics_enabled(false)
}
