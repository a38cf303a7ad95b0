//! The bounds of the local broker, and why they differ from the library's. Those of what waits for a
//! client that reads slowly are in `front::backlog`, of what is held of one in `front::hold`, those of what clients leave behind in `quotas`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mqtt5::broker::BrokerEventHandler;
use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};

/// The largest packet: a picture, but no film. In 5.0 CONNACK says it. [MQTT5-3.2.2-15]
pub const MAX_PACKET_BYTES: usize = 1024 * 1024;

/// Retained messages of all topics: no more than one subscription can bring.
pub const MOST_RETAINED_MESSAGES: usize = BETWEEN_MESSAGES;

/// Filters of one client.
pub const MOST_FILTERS_OF_ONE: usize = 250;

/// How many messages may be between the broker and the front for one client, of QoS 0 and of QoS 1 and 2.
///
/// The front takes those of QoS 0 at once. Those of QoS 1 and 2 wait here for a client that does not
/// acknowledge, counted in messages and not in bytes: so it must not be many. All that is kept may
/// match one subscription, and comes at once.
const BETWEEN_MESSAGES: usize = 2000;

/// How many messages may wait beyond these; the bytes below are the bound that is met.
const WAITING_MESSAGES: usize = 100_000;

/// Bytes that wait for one client that is not here, or has not acknowledged what was sent. Beyond
/// them the oldest go.
const WAITING_BYTES: usize = 1024 * 1024;

/// How long a session is kept at most: a school day.
const SESSION_EXPIRY: Duration = Duration::from_secs(12 * 60 * 60);

/// How often what has expired is looked for.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(60);

/// A broker for one computer or one room, whose sessions, retained messages and queues are in a folder, or in memory.
pub fn broker(events: Arc<dyn BrokerEventHandler>, folder: Option<PathBuf>) -> BrokerConfig {
    let storage = match folder {
        Some(folder) => StorageConfig::new()
            .with_backend(StorageBackend::File)
            .with_base_dir(folder),
        None => StorageConfig::new().with_backend(StorageBackend::Memory),
    };
    let storage = storage
        .with_cleanup_interval(CLEANUP_INTERVAL)
        .with_max_queued_messages_per_client(WAITING_MESSAGES)
        .with_max_queued_bytes_per_client(WAITING_BYTES);
    BrokerConfig::new()
        .with_bind_address(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .with_storage(storage)
        .with_session_expiry(SESSION_EXPIRY)
        .with_client_channel_capacity(BETWEEN_MESSAGES)
        .with_max_packet_size(MAX_PACKET_BYTES)
        .with_max_subscriptions_per_client(MOST_FILTERS_OF_ONE)
        .with_max_retained_messages(MOST_RETAINED_MESSAGES)
        .with_max_retained_message_size(MAX_PACKET_BYTES)
        .with_sys_topics_enabled(false)
        .with_event_handler(events)
}
