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
#[allow(missing_docs, reason = "the names are those of the specification")]
pub struct PublishProperties {
    pub payload_is_utf8: Option<bool>,
    pub message_expiry_secs: Option<u32>,
    pub topic_alias: Option<NonZeroU16>,
    pub response_topic: Option<TopicName>,
    pub correlation_data: Option<Bytes>,
    pub user_properties: Vec<(String, String)>,
    pub subscription_ids: Vec<u32>,
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
