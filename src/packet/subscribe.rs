//! What is asked for: SUBSCRIBE, UNSUBSCRIBE and their answers.

use super::{PacketId, QoS, ReasonCode};
use crate::topic::TopicFilter;

/// SUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// Answered by the SUBACK with the same number.
    pub packet_id: PacketId,
    /// At least one. [MQTT-3.8.3-3]
    pub filters: Vec<(TopicFilter, SubscribeOptions)>,
    /// 5.0 only: 1 to 268,435,455.
    pub subscription_id: Option<u32>,
    /// 5.0 only.
    pub user_properties: Vec<(String, String)>,
}

/// How a Topic Filter is subscribed to. [MQTT5-3.8.3.1]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// The highest QoS that the server may use.
    pub qos: QoS,
    /// 5.0 only: do not send our own messages back. Never with `$share`. [MQTT5-3.8.3-4]
    pub no_local: bool,
    /// 5.0 only: keep the RETAIN flag as it was published.
    pub retain_as_published: bool,
    /// 5.0 only: when retained messages are sent.
    pub retain_handling: RetainHandling,
}

impl From<QoS> for SubscribeOptions {
    fn from(qos: QoS) -> Self {
        Self {
            qos,
            ..Self::default()
        }
    }
}

/// When retained messages are sent for a subscription. [MQTT5-3.8.3.1]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetainHandling {
    /// 0: at every SUBSCRIBE.
    #[default]
    OnSubscribe = 0,
    /// 1: only when the subscription is new.
    OnNewSubscription = 1,
    /// 2: never.
    Never = 2,
}

/// SUBACK and UNSUBACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAck {
    /// That of the request.
    pub packet_id: PacketId,
    /// One per Topic Filter, in order; none in an UNSUBACK of 3.1.1. [MQTT-3.9.3-1]
    pub reasons: Vec<ReasonCode>,
    /// 5.0 only: for people.
    pub reason_string: Option<String>,
}

/// UNSUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Answered by the UNSUBACK with the same number.
    pub packet_id: PacketId,
    /// At least one. [MQTT-3.10.3-2]
    pub filters: Vec<TopicFilter>,
}
