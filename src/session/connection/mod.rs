//! One connection: all that ends with its socket.

mod aliases;
mod close;
mod handshake;
mod keep_alive;
pub(crate) mod limits;
mod outgoing;
mod quarantine;
mod receive;
mod requests;
mod transmit;

use std::time::Duration;

use super::event::ConnectionId;
use super::parts::Parts;
use super::retry::race::Contender;
use crate::codec::Decoder;
use crate::packet::ProtocolVersion;
use aliases::TopicAliases;
pub(crate) use close::{CLOSE_PROTOCOL_ERROR, Close};
use keep_alive::KeepAlive;
use limits::ServerLimits;
use outgoing::Outgoing;
use quarantine::Quarantine;
pub use receive::MESSAGE_SLACK_BYTES;
use receive::Unacknowledged;

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    /// Which of the options' addresses.
    pub(crate) address: usize,
    pub(crate) url: String,
    pub(crate) version: ProtocolVersion,
    /// What CONNECT asked for.
    clean_start: bool,
    /// When CONNACK came; before that, when the socket opened.
    accepted: Duration,
    limits: ServerLimits,
    decoder: Decoder,
    /// Whether a single byte came.
    pub(crate) heard: bool,
    unacknowledged: Unacknowledged,
    pub(crate) outgoing: Outgoing,
    aliases: TopicAliases,
    pub(crate) keep_alive: KeepAlive,
    pub(crate) quarantine: Quarantine,
}

impl Connection {
    /// A socket opened.
    pub(crate) fn new(opened: Contender, parts: &Parts) -> Self {
        let (options, now) = (&parts.wanted.options, parts.clock.now());
        let url = options.urls.get(opened.address).cloned();
        let url = url.unwrap_or_default();
        let version = parts.retry.versions.next(options.version, &url);
        Self {
            id: opened.id,
            address: opened.address,
            url,
            version,
            clean_start: handshake::wants_clean_start(options, version, &parts.agreed),
            accepted: now,
            limits: ServerLimits::everything(options),
            decoder: Decoder::new(version, options.max_packet_bytes),
            heard: false,
            unacknowledged: Unacknowledged::default(),
            outgoing: Outgoing::default(),
            aliases: TopicAliases::default(),
            keep_alive: KeepAlive::new(options, now),
            quarantine: Quarantine::after(&parts.retry.evidence),
        }
    }
}
