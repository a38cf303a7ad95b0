//! Which version to speak, and what the CONNACK granted.

use std::time::Duration;

use super::event::Message;
use super::event::PublishError;
use super::options::{MAX_PACKET_BYTES, SessionOptions, VersionPolicy};
use crate::packet::{ConnAckProperties, ProtocolVersion, QoS, ReasonCode};
use crate::topic::TopicFilter;

/// What each address was found to speak.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    found: Vec<(String, ProtocolVersion)>,
    /// An address that hung up after CONNECT without a word, and how often in a row.
    silent: Option<(String, u32)>,
}

/// How often 5.0 is met with silence before 3.1.1 is tried: once may be the network.
const SILENCES: u32 = 2;

impl Versions {
    /// The version of the next attempt.
    pub(super) fn next(&self, policy: VersionPolicy, url: &str) -> ProtocolVersion {
        match policy {
            VersionPolicy::Only(version) => version,
            VersionPolicy::Newest => self.found(url).unwrap_or(ProtocolVersion::V5_0),
        }
    }

    /// CONNACK accepted us: the version is certain.
    pub(super) fn worked(&mut self, url: &str, version: ProtocolVersion) {
        self.silent = None;
        self.remember(url, version);
    }

    /// The server asked for 3.1.1. `false` if that is not allowed, or was tried already.
    pub(super) fn fall_back(
        &mut self,
        policy: VersionPolicy,
        url: &str,
        spoken: ProtocolVersion,
    ) -> bool {
        let possible = policy == VersionPolicy::Newest && spoken == ProtocolVersion::V5_0;
        if possible {
            self.remember(url, ProtocolVersion::V3_1_1);
        }
        possible
    }

    /// The server hung up after CONNECT without a word, as old servers do that do not know 5.0, or a
    /// network that fails. Whether the attempt goes on at once: in 5.0 again, and the next time in
    /// 3.1.1. When that ends in the same way it was the network, and the next attempt speaks 5.0.
    pub(super) fn hung_up(
        &mut self,
        policy: VersionPolicy,
        url: &str,
        spoken: ProtocolVersion,
    ) -> bool {
        let before = self.silent.take().filter(|(other, _)| other == url);
        let times = before.map_or(1, |(_, times)| times + 1);
        if times > SILENCES {
            self.forget(url);
            return false;
        }
        let is_known = self.found(url).is_some();
        if is_known || policy != VersionPolicy::Newest || spoken != ProtocolVersion::V5_0 {
            return false;
        }
        self.silent = Some((url.to_owned(), times));
        if times == SILENCES {
            self.remember(url, ProtocolVersion::V3_1_1);
        }
        true
    }
}

impl Versions {
    fn found(&self, url: &str) -> Option<ProtocolVersion> {
        self.found
            .iter()
            .find(|(other, _)| other == url)
            .map(|(_, version)| *version)
    }

    fn remember(&mut self, url: &str, version: ProtocolVersion) {
        self.forget(url);
        self.found.push((url.to_owned(), version));
    }

    fn forget(&mut self, url: &str) {
        self.found.retain(|(other, _)| other != url);
    }
}

/// What the server allows on this connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    /// How many QoS 1 and 2 messages may be on their way. [MQTT5-3.3.4-7]
    pub(super) window: usize,
    pub(super) maximum_qos: QoS,
    pub(super) retain: bool,
    pub(super) max_packet_bytes: usize,
    pub(super) topic_aliases: u16,
    pub(super) wildcards: bool,
    pub(super) subscription_ids: bool,
    pub(super) shared: bool,
    pub(super) keep_alive: Duration,
}

impl Granted {
    /// Before CONNACK, and in 3.1.1: everything.
    pub(super) fn everything(options: &SessionOptions) -> Self {
        Self {
            window: usize::from(options.send_window),
            maximum_qos: QoS::ExactlyOnce,
            retain: true,
            max_packet_bytes: MAX_PACKET_BYTES,
            topic_aliases: 0,
            wildcards: true,
            subscription_ids: false,
            shared: true,
            keep_alive: options.keep_alive,
        }
    }

    /// What is not said has the default of the specification. [MQTT5-3.2.2.3]
    pub(super) fn by(properties: &ConnAckProperties, options: &SessionOptions) -> Self {
        let window = properties
            .receive_maximum
            .map_or(u16::MAX, std::num::NonZeroU16::get);
        let keep_alive = properties
            .server_keep_alive_secs
            .map_or(options.keep_alive, |secs| {
                Duration::from_secs(u64::from(secs))
            });
        let bytes = properties.maximum_packet_size.map(|bytes| bytes as usize);
        Self {
            window: usize::from(window.min(options.send_window)),
            maximum_qos: properties.maximum_qos.unwrap_or(QoS::ExactlyOnce),
            retain: properties.retain_available.unwrap_or(true),
            max_packet_bytes: bytes.unwrap_or(MAX_PACKET_BYTES).min(MAX_PACKET_BYTES),
            // [MQTT5-3.2.2-17] [MQTT5-3.2.2-18]
            topic_aliases: properties
                .topic_alias_maximum
                .unwrap_or(0)
                .min(options.topic_aliases),
            wildcards: properties.wildcard_subscription_available.unwrap_or(true),
            subscription_ids: properties
                .subscription_identifiers_available
                .unwrap_or(true),
            shared: properties.shared_subscription_available.unwrap_or(true),
            // [MQTT5-3.1.2-21]
            keep_alive,
        }
    }

    /// Why a message must not be sent on this connection; its size is checked when it is written.
    pub(super) fn refuses_message(&self, message: &Message) -> Option<PublishError> {
        if message.qos > self.maximum_qos {
            // [MQTT5-3.2.2-11]
            return Some(PublishError::QosNotSupported {
                maximum: self.maximum_qos,
            });
        }
        // [MQTT5-3.2.2-14]
        (message.retain && !self.retain).then_some(PublishError::RetainNotSupported)
    }

    /// Why a filter must not be asked for on this connection, as the code that the server would
    /// answer with. [MQTT5-3.2.2.3.11] [MQTT5-3.2.2.3.13]
    pub(super) fn refuses_filter(&self, filter: &TopicFilter) -> Option<ReasonCode> {
        if filter_len(filter) > self.room_for_filters() {
            return Some(ReasonCode::PACKET_TOO_LARGE);
        }
        if filter.is_shared() && !self.shared {
            return Some(ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
        }
        (filter.has_wildcard() && !self.wildcards)
            .then_some(ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED)
    }

    /// How many bytes of filters fit into a SUBSCRIBE or UNSUBSCRIBE. [MQTT5-3.2.2-15]
    pub(super) fn room_for_filters(&self) -> usize {
        self.max_packet_bytes.saturating_sub(REQUEST_BYTES)
    }
}

/// The most that comes before the filters: fixed header, Packet Identifier, Subscription Identifier.
const REQUEST_BYTES: usize = 5 + 2 + 6;

/// How many bytes a filter takes in SUBSCRIBE: its length, its text and its options.
pub(super) fn filter_len(filter: &TopicFilter) -> usize {
    2 + filter.as_str().len() + 1
}
