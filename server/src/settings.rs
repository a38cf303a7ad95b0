//! The limits of the local broker, and why they differ from the library's.

use std::net::{Ipv4Addr, SocketAddr};

use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};

/// How many messages may be between the broker and the front for one client.
///
/// The front takes them at once, so this is only for a burst within one turn: the library's 10 000
/// lose half of 20 000 that a program sends at once.
const WAITING_MESSAGES: usize = 100_000;

/// The largest packet.
pub const MAX_PACKET_BYTES: usize = 16 * 1024 * 1024;

/// A broker for one computer or one room: everything in memory, nothing kept after its end.
pub fn broker() -> BrokerConfig {
    let storage = StorageConfig::new()
        .with_backend(StorageBackend::Memory)
        .with_max_queued_messages_per_client(WAITING_MESSAGES);
    BrokerConfig::new()
        .with_bind_address(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .with_storage(storage)
        .with_client_channel_capacity(WAITING_MESSAGES)
        .with_max_packet_size(MAX_PACKET_BYTES)
        .with_sys_topics_enabled(false)
}
