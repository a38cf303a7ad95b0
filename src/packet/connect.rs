//! How a connection begins: CONNECT and CONNACK.

use std::fmt;
use std::num::NonZeroU16;

use bytes::Bytes;

use super::{ProtocolVersion, PublishProperties, QoS, ReasonCode};
use crate::topic::TopicName;

/// CONNECT.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    /// The Client Identifier, up to 65,535 bytes; empty asks the server to choose one.
    pub client_id: String,
    /// Discard the session of an earlier connection (Clean Start in 5.0).
    pub clean_session: bool,
    /// Seconds, 0 to 65,535; 0 switches keep-alive off.
    pub keep_alive_secs: u16,
    /// The user name; 3.1.1 allows no password without one. [MQTT-3.1.2-22]
    pub user_name: Option<String>,
    /// The password, a text.
    pub password: Option<String>,
    /// The message that the server publishes when the connection is lost.
    pub will: Option<Will>,
    /// 5.0 only.
    pub properties: ConnectProperties,
}

impl fmt::Debug for Connect {
    /// Leaves the user name and the password out, so that no log can hold them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("client_id", &self.client_id)
            .field("clean_session", &self.clean_session)
            .field("keep_alive_secs", &self.keep_alive_secs)
            .field("will", &self.will)
            .finish_non_exhaustive()
    }
}

/// The Will Message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Will {
    /// Where it is published.
    pub topic: TopicName,
    /// What is published, up to 65,535 bytes.
    pub payload: Bytes,
    /// How surely.
    pub qos: QoS,
    /// Whether the server retains it.
    pub retain: bool,
    /// 5.0 only: seconds between the loss of the connection and the will. `None`: 0.
    pub delay_secs: Option<u32>,
    /// 5.0 only. No Topic Alias and no Subscription Identifiers.
    pub properties: PublishProperties,
}

/// The properties of CONNECT that we send. [MQTT5-3.1.2.11]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectProperties {
    /// Seconds that the server keeps the session after the connection; the largest number is for ever.
    /// `None`: 0.
    pub session_expiry_secs: Option<u32>,
    /// How many QoS 1 and 2 messages may be on their way to us. `None`: 65,535.
    pub receive_maximum: Option<NonZeroU16>,
    /// The largest packet that we accept, in bytes, at least 1. `None`: as large as MQTT allows.
    pub maximum_packet_size: Option<u32>,
    /// How many Topic Aliases we accept. `None`: 0.
    pub topic_alias_maximum: Option<u16>,
    /// Pairs of our own.
    pub user_properties: Vec<(String, String)>,
}

/// CONNACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnAck {
    /// The version whose format the server used: 3.1.1 servers answer a 5.0 CONNECT in their own.
    pub version: ProtocolVersion,
    /// The server has a session of this client.
    pub session_present: bool,
    /// Success or why not, as a code of 5.0.
    pub reason: ReasonCode,
    /// The code as it was on the wire, for messages about codes that no specification names.
    pub return_code: u8,
    /// 5.0 only.
    pub properties: ConnAckProperties,
}

/// The properties of CONNACK. [MQTT5-3.2.2.3]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnAckProperties {
    /// Seconds that the server keeps the session after the connection. `None`: as long as CONNECT said.
    pub session_expiry_secs: Option<u32>,
    /// How many of our QoS 1 and 2 messages may be on their way. `None`: 65,535.
    pub receive_maximum: Option<NonZeroU16>,
    /// The highest QoS that the server takes. `None`: 2.
    pub maximum_qos: Option<QoS>,
    /// Whether the server takes messages to retain. `None`: it does.
    pub retain_available: Option<bool>,
    /// The largest packet that the server takes, in bytes. `None`: as large as MQTT allows.
    pub maximum_packet_size: Option<u32>,
    /// The Client Identifier that the server chose. `None`: the one of CONNECT.
    pub assigned_client_id: Option<String>,
    /// How many Topic Aliases the server takes. `None`: 0.
    pub topic_alias_maximum: Option<u16>,
    /// For people, never for programs.
    pub reason_string: Option<String>,
    /// Pairs of the server's own.
    pub user_properties: Vec<(String, String)>,
    /// Whether filters may hold wildcards. `None`: they may.
    pub wildcard_subscription_available: Option<bool>,
    /// Whether filters may have a Subscription Identifier. `None`: they may.
    pub subscription_identifiers_available: Option<bool>,
    /// Whether there are shared subscriptions. `None`: there are.
    pub shared_subscription_available: Option<bool>,
    /// Seconds of keep-alive, in the place of those of CONNECT; 0 is off. `None`: those of CONNECT.
    pub server_keep_alive_secs: Option<u16>,
    /// What response topics may begin with.
    pub response_information: Option<String>,
    /// Another server. It is shown, never followed.
    pub server_reference: Option<String>,
    /// The method of enhanced authentication, which no CONNECT of ours asks for.
    pub authentication_method: Option<String>,
}
