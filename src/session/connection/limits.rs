//! What the server allows on a connection.

use std::num::NonZeroU16;

use crate::packet::{ConnAckProperties, MAX_PACKET_BYTES, QoS, ReasonCode};
use crate::session::event::{Message, PublishError};
use crate::session::wanted::options::SessionOptions;
use crate::topic::TopicFilter;

/// What the server allows on this connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerLimits {
    /// How many QoS 1 and 2 messages may be on their way. [MQTT5-3.3.4-7]
    pub(crate) receive_maximum: usize,
    pub(crate) maximum_qos: QoS,
    pub(crate) retain: bool,
    pub(crate) max_packet_bytes: usize,
    pub(crate) topic_aliases: u16,
    pub(crate) wildcards: bool,
    pub(crate) subscription_ids: bool,
    pub(crate) shared: bool,
}

impl ServerLimits {
    /// Before CONNACK, and in 3.1.1: everything.
    pub(crate) fn everything(options: &SessionOptions) -> Self {
        Self {
            receive_maximum: usize::from(options.send_maximum),
            maximum_qos: QoS::ExactlyOnce,
            retain: true,
            max_packet_bytes: MAX_PACKET_BYTES,
            topic_aliases: 0,
            wildcards: true,
            subscription_ids: false,
            shared: true,
        }
    }

    /// What is not said has the default of the specification. [MQTT5-3.2.2.3]
    pub(crate) fn by(said: &ConnAckProperties, options: &SessionOptions) -> Self {
        let maximum = said.receive_maximum.map_or(u16::MAX, NonZeroU16::get);
        let bytes = said.maximum_packet_size.map(|bytes| bytes as usize);
        // [MQTT5-3.2.2-17] [MQTT5-3.2.2-18]
        let topic_aliases = said.topic_alias_maximum.unwrap_or(0);
        Self {
            receive_maximum: usize::from(maximum.min(options.send_maximum)),
            maximum_qos: said.maximum_qos.unwrap_or(QoS::ExactlyOnce),
            retain: said.retain_available.unwrap_or(true),
            max_packet_bytes: bytes.unwrap_or(MAX_PACKET_BYTES).min(MAX_PACKET_BYTES),
            topic_aliases: topic_aliases.min(options.topic_aliases),
            wildcards: said.wildcard_subscription_available.unwrap_or(true),
            subscription_ids: said.subscription_identifiers_available.unwrap_or(true),
            shared: said.shared_subscription_available.unwrap_or(true),
        }
    }

    /// Why a message must not be sent on this connection; its size is checked when it is written.
    pub(crate) fn refuses_message(&self, message: &Message) -> Option<PublishError> {
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
    pub(crate) fn refuses_filter(&self, filter: &TopicFilter) -> Option<ReasonCode> {
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
    pub(crate) fn room_for_filters(&self) -> usize {
        self.max_packet_bytes.saturating_sub(REQUEST_BYTES)
    }
}

/// The most that comes before the filters: fixed header, Packet Identifier, Subscription Identifier.
const REQUEST_BYTES: usize = 5 + 2 + 6;

/// How many bytes a filter takes in SUBSCRIBE: its length, its text and its options.
pub(crate) fn filter_len(filter: &TopicFilter) -> usize {
    2 + filter.as_str().len() + 1
}
