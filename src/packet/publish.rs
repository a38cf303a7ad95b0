//! An Application Message on its way: PUBLISH and its acknowledgements.

use std::num::NonZeroU16;

use bytes::Bytes;

use super::{PacketId, QoS, ReasonCode};
use crate::topic::TopicName;

/// PUBLISH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// Sent before, perhaps.
    pub dup: bool,
    /// How surely it is delivered.
    pub qos: QoS,
    /// To send: the server retains it for later subscribers. Received: it was retained.
    pub retain: bool,
    /// The Topic Name; `None` only in 5.0, with a Topic Alias instead.
    pub topic: Option<TopicName>,
    /// Present exactly when the QoS is 1 or 2. [MQTT-2.3.1-5]
    pub packet_id: Option<PacketId>,
    /// The Application Message.
    pub payload: Bytes,
    /// 5.0 only; `None` means no property.
    pub properties: Option<Box<PublishProperties>>,
}

/// The properties of PUBLISH and of the will. [MQTT5-3.3.2.3]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishProperties {
    /// Whether the payload is text. `None`: not said.
    pub payload_is_utf8: Option<bool>,
    /// Seconds after which it is delivered to nobody any more. `None`: never.
    pub message_expiry_secs: Option<u32>,
    /// A number for the topic. Only the session sets it.
    pub topic_alias: Option<NonZeroU16>,
    /// Where an answer is expected.
    pub response_topic: Option<TopicName>,
    /// What an answer repeats, so that who asked knows it; up to 65,535 bytes.
    pub correlation_data: Option<Bytes>,
    /// Pairs of the publisher's own. Of those received, up to [`MOST_USER_PROPERTIES`] are read.
    ///
    /// [`MOST_USER_PROPERTIES`]: crate::codec::MOST_USER_PROPERTIES
    pub user_properties: Vec<(String, String)>,
    /// Received only: which filters it is for, each 1 to 268,435,455.
    pub subscription_ids: Vec<u32>,
    /// What the payload is, for example `application/json`.
    pub content_type: Option<String>,
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// That of the PUBLISH. [MQTT-2.3.1-6]
    pub packet_id: PacketId,
    /// Always success in 3.1.1.
    pub reason: ReasonCode,
    /// 5.0 only: for people. We send none.
    pub reason_string: Option<String>,
}

impl Ack {
    /// An acknowledgement that reports success.
    #[must_use]
    pub const fn success(packet_id: PacketId) -> Self {
        Self::with_reason(packet_id, ReasonCode::SUCCESS)
    }

    /// An acknowledgement with a Reason Code, which only 5.0 can send.
    #[must_use]
    pub const fn with_reason(packet_id: PacketId, reason: ReasonCode) -> Self {
        Self {
            packet_id,
            reason,
            reason_string: None,
        }
    }
}
